"""The GitLab snippet: its scripts run, and its report is of the shape that GitLab shows."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli.shell import Shell
from harborconf.simulator import Simulator
from pages import ROOT

PATH = ROOT / "deploy" / "gitlab" / "harbor.gitlab-ci.yml"


def jobs() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(PATH.read_text("utf-8"))
    return found


def script(job: str) -> int:
    """A job's script, as GitLab's runner has a shell run it."""
    lines = "\n".join(jobs()[job]["script"])
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return subprocess.run(
        ["sh", "-ec", lines], env={**os.environ, "PATH": path}, check=False
    ).returncode


@pytest.fixture(autouse=True)
def written(shell: Shell) -> None:
    shell.write("projects: {team-a: {quota: 1GiB}, library: {public: false}}")


def test_a_merge_request_shows_the_counts(shell: Shell, harbor: Simulator) -> None:
    assert script("harbor validate") == 0
    assert script("harbor plan") == 0
    report = jobs()["harbor plan"]["artifacts"]["reports"]["terraform"]
    counts = json.loads((shell.folder / report).read_text("utf-8"))
    assert set(counts) == {"create", "update", "delete"}
    assert counts["create"] >= 1
    assert harbor.writes == []
    assert script("harbor apply") == 0
    assert harbor.state.projects.find("team-a")


@pytest.mark.usefixtures("nowhere")
def test_a_harbor_that_does_not_answer_fails_the_job() -> None:
    assert script("harbor plan") != 0
