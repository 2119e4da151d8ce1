"""The benchmarks run, and compare what can be compared. How fast anything is, no test says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

BENCHMARK = Path(__file__).parent.parent / "benchmarks" / "plan.py"
LINE = re.compile(r"^([^\d\n]+?) +[\d.]+ +[\d.]+ +\d+ +(\d+) +(\d+)$", re.MULTILINE)


def test_a_tiny_benchmark_runs() -> None:
    environ = {key: value for key, value in os.environ.items() if "HARBOR" not in key}
    command = [sys.executable, str(BENCHMARK), "--projects", "2", "--times", "1"]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    counts = {
        title: (int(asked), int(writes)) for title, asked, writes in LINE.findall(done.stdout)
    }
    plan, apply = counts["plan, nothing to do"], counts["apply, nothing to do"]
    assert plan == apply == counts["bare client"]
    assert plan[1] == counts["plan, all to create"][1] == 0
    # Per project: itself and its allowlist, six more resources, the creator taken out.
    assert counts["apply, all to create"][1] == 2 * (2 + 6 + 1)
    assert "plan / bare client:" in done.stdout
