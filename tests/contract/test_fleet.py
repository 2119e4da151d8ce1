"""Two Harbors as a fleet: the one that is tested, and a simulated one of the older version."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from contract.target import VERSIONS, Target, simulated
from harborconf.cli import main

BASE = """\
version: 1
labels: {{{me}-x: {{description: for all}}}}
projects:
  {me}-team: {{quota: 1GiB, immutable_tags: [{{tags: ["v*"]}}]}}
"""
ABOVE = """\
version: 1
labels: {{{me}-x: {{description: here}}}}
projects:
  {me}-team: {{quota: 2GiB, public: true}}
"""


def test_each_gets_what_its_overlays_say(
    target: Target,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PASSWORD_HERE", target.password)
    for name, text in (("base", BASE), ("above", ABOVE)):
        Path(f"{name}.yaml").write_text(text.format(me=target.prefix), encoding="utf-8")
    with simulated(VERSIONS[0]) as other:
        monkeypatch.setenv("PASSWORD_THERE", other.password)
        fleet = {
            "version": 1,
            "defaults": {"overlays": ["base.yaml"]},
            "targets": {
                "here": {
                    "url": target.url,
                    "username": target.username,
                    "password": {"env": "PASSWORD_HERE"},
                    "overlays": ["base.yaml", "above.yaml"],
                },
                "there": {
                    "url": other.url,
                    "username": other.username,
                    "password": {"env": "PASSWORD_THERE"},
                },
            },
        }
        Path("fleet.yaml").write_text(json.dumps(fleet), encoding="utf-8")
        assert main(["plan", "--fleet", "fleet.yaml", "--out", "plans"]) == 2
        assert main(["apply", "--fleet", "fleet.yaml", "--plan", "plans", "--yes"]) == 0
        assert main(["plan", "--fleet", "fleet.yaml"]) == 0
        (project,) = target.projects()
        assert project["metadata"]["public"] == "true"
        assert [one["description"] for one in target.labels()] == ["here"]
        there = other.raw.all("/labels", scope="g", name=f"{target.prefix}-")
        assert [one["description"] for one in there] == ["for all"]
        capsys.readouterr()
        assert main(["fleet", "diff", "there", "here"]) == 2
        told = capsys.readouterr().out
        assert f"~ label/{target.prefix}-x\n    description  for all -> here\n" in told
        assert f"~ project/{target.prefix}-team/quota\n    storage  1GiB -> 2GiB\n" in told
