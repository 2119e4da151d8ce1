"""`harborconf demo`: it shows the whole round, and fails if any of it is not as it must be."""

from __future__ import annotations

import os
import re
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from cli.shell import Shell
from harborconf.cli import demo
from harborconf.cli.tampering import Tampering, tamperings
from harborconf.engine.resolve import DesiredState

SMALL = """\
users: {alice: {email: alice@example.com, password: {file: passwords/alice}}}
projects:
  team-a: {quota: 1GiB, members: {users: {}}}
"""
HEADINGS = [
    "Check the files, without any Harbor",
    "Show what would change, and do it",
    "Ask again: everything is as desired",
    "Meanwhile, in Harbor's own pages, people ...",
    "What is not as desired any more?",
    "Which file and line says so?",
    "Correct it",
    "And again: everything is as desired",
    "Your turn",
]


@pytest.mark.parametrize("version", ["2.13", "2.15"])
def test_the_whole_round(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: str
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    ran = shell.run("demo", "--harbor-version", version)
    assert ran.code == 0
    assert "\x1b" not in ran.out + ran.err
    assert re.findall(r"^# (?!exit)(.*)$", ran.out, re.MULTILINE) == HEADINGS
    told = ran.out.partition("people ...\n")[2].partition("\n\n")[0].splitlines()
    assert len(told) == 11
    assert "8 to update, 1 to delete, 2 cannot tell, 1 extra." in ran.out
    assert "storage  unlimited -> 200GiB" in ran.out
    assert ran.out.count("# exit code 0, ") == 2
    assert len(re.findall(r"# exit code [02], \d+ requests, 0 writes", ran.out)) == 3
    assert list(tmp_path.iterdir()) == []
    assert Path.cwd() == tmp_path


def test_the_commands_that_it_shows_are_those_that_users_have(shell: Shell) -> None:
    shell.write(SMALL)
    ran = shell.run("demo", "desired")
    assert ran.code == 0
    shown = re.findall(r"^\$ harborconf (\w+)", ran.out, re.MULTILINE)
    assert shown == ["validate", "apply", "plan", "plan", "why", "apply", "plan"]
    for command in set(shown):
        assert shell.run(command, "--help").code == 0


def test_it_does_not_look_at_the_harbor_of_the_user(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HARBOR_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("HARBOR_TOKEN", "a-token")
    before = dict(os.environ)
    shell.write(SMALL)
    assert shell.run("demo", "desired").code == 0
    assert dict(os.environ) == before


def _idle(state: DesiredState) -> tuple[Tampering, ...]:
    return tuple(replace(one, do=lambda _: None) for one in tamperings(state))


def _secretive(state: DesiredState) -> tuple[Tampering, ...]:
    """Does all, and tells but one."""
    first, *others = tamperings(state)
    return (replace(first, do=lambda hand: [one.do(hand) for one in (first, *others)]),)


@pytest.mark.parametrize(
    ("tampering", "told"),
    [
        (_idle, "plan must end with 2 and write nothing"),
        (_secretive, "the plan does not tell what was done by hand"),
    ],
)
def test_it_fails_if_a_plan_is_not_as_it_must_be(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, tampering: object, told: str
) -> None:
    monkeypatch.setattr(demo, "tamperings", tampering)
    shell.write(SMALL)
    ran = shell.run("demo", "desired")
    assert ran.code == 1
    assert f"error: the demo failed: {told}" in ran.err


def test_it_fails_if_something_cannot_be_applied(shell: Shell) -> None:
    shell.write("projects: {team-a: {members: {groups: {nobody: guest}}}}")
    ran = shell.run("demo", "desired")
    assert ran.code == 1
    assert "error: the demo failed: something was not applied" in ran.err


def test_the_example_in_the_wheel_is_the_one_in_the_repository() -> None:
    root = Path(__file__).parents[2]
    packaged = Path(demo.__file__).parents[1] / "example"
    upstream = _texts(root / "examples" / "upstream")
    assert _texts(packaged) == _texts(root / "desired") | {
        f"upstream/{name}": text for name, text in upstream.items()
    }


def _texts(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8")
        for path in folder.rglob("*.yaml")
    }
