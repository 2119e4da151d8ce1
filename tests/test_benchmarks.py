"""The benchmarks run, and compare what can be compared. How fast anything is, no test says."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

ROOT = Path(__file__).parent.parent
BENCHMARKS = ROOT / "benchmarks"


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """What a tiny benchmark prints, and the file of its figures."""
    file = tmp_path_factory.mktemp("figures") / "results.json"
    environ = {key: value for key, value in os.environ.items() if "HARBOR" not in key}
    environ["HARBORCONF_BENCH_OPENTOFU"] = "no-such-program"
    size = ["--projects", "2", "--times", "1", "--probe", "0.1", "--opentofu", "2"]
    command = [sys.executable, str(BENCHMARKS / "run.py"), *size, "--out", str(file)]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout, file


def test_a_tiny_benchmark_counts_what_is_asked_and_written(measured: tuple[str, Path]) -> None:
    printed, file = measured
    (entry,) = json.loads(file.read_text(encoding="utf-8"))["entries"]
    counts: dict[tuple[str, str], tuple[int, int]] = {
        (row["task"], row["tool"]): (row["requests"], row["writes"]) for row in entry["rows"]
    }
    plan = counts["plan, nothing to do", "harborconf"]
    assert plan == counts["plan, 1 % drifted", "harborconf"]
    assert plan == counts["plan, nothing to do", "bare client"]
    assert plan[1] == counts["plan, all to create", "harborconf"][1] == 0
    assert counts["export", "harborconf"][1] == 0
    # Per project: itself with its quota, its allowlist, five more resources, the creator out.
    assert counts["apply from empty", "harborconf"][1] == 2 * (2 + 5 + 1)
    assert {one["beside"] for one in entry["slowed"]} == {"nothing", "harborconf", "bare client"}
    assert "A plan takes" in printed
    assert "OpenTofu is left out: there is no no-such-program" in printed


def made(folder: Path, figures: Path) -> tuple[str, str]:
    """The page and the picture of these figures."""
    page, drawn = folder / "performance.md", folder / "performance.svg"
    shutil.copy(ROOT / "docs" / "performance.md", page)
    command = [sys.executable, str(BENCHMARKS / "figures.py"), str(figures), str(page), str(drawn)]
    subprocess.run(command, check=True)
    return page.read_text(encoding="utf-8"), drawn.read_text(encoding="utf-8")


def test_the_page_and_the_picture_show_the_figures_that_are_kept(tmp_path: Path) -> None:
    page, drawn = made(tmp_path, BENCHMARKS / "results.json")
    assert page == (ROOT / "docs" / "performance.md").read_text(encoding="utf-8"), "run `make docs`"
    assert drawn == (ROOT / "docs" / "performance.svg").read_text(encoding="utf-8")


def test_every_time_is_in_the_table_and_in_the_picture(tmp_path: Path) -> None:
    def row(task: str, tool: str, wall: float) -> dict[str, Any]:
        counts = {"memory": 50, "requests": 1234, "writes": 0, "times": 3}
        return {"task": task, "tool": tool, "wall": wall, "cpu": 0.5, **counts}

    rows = [
        row("plan, nothing to do", "harborconf", 1.5),
        row("plan, nothing to do", "bare client", 1.25),
        row("apply from empty", "harborconf", 2.75),
        row("apply from empty", "OpenTofu", 99.5),
    ]
    slowed = [{"beside": "nothing", "half": 1.1, "most": 2.2, "requests": 500}]
    entry = {
        "harbor": "2.99 <new>",
        "projects": 1000,
        "concurrency": 32,
        "opentofu": "OpenTofu v1",
        "rows": rows,
        "slowed": slowed,
    }
    file = tmp_path / "results.json"
    file.write_text(json.dumps({"machine": "one", "entries": [entry]}), encoding="utf-8")
    page, drawn = made(tmp_path, file)
    for one in rows:
        assert f"| {one['task']} | {one['tool']} | {one['wall']:.2f} | 0.50 | 50 | 1,234 |" in page
    assert "A plan takes 1.2 times as long as the bare client" in page
    assert "OpenTofu's apply takes 36.2 times as long" in page
    texts = [text.text for text in ET.fromstring(drawn).iter("{http://www.w3.org/2000/svg}text")]
    assert {"1.50 s", "1.25 s", "2.75 s", "99.50 s", "apply of 1,000, 2.99 <new>"} <= set(texts)
    (tmp_path / "again").mkdir()
    assert made(tmp_path / "again", file) == (page, drawn)


def test_a_tiny_fleet_is_measured_with_three_that_misbehave() -> None:
    size = ["--harbors", "5", "--projects", "1", "--timeout", "1"]
    command = [sys.executable, str(BENCHMARKS / "fleet.py"), *size]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    lines = printed.splitlines()
    assert lines[0].startswith("5 Harbors of 1 projects")
    assert [line.split()[-1] for line in lines[2:5]] == ["2", "2", "2"]
