"""`harborconf rotate`: a new secret at once, in Harbor and in its store."""

from __future__ import annotations

import pytest

from cli.shell import Shell
from harborconf.simulator import Simulator

ROBOTS = """\
robots:
  fleet:
    expires: never
    permissions: {projects: {"*": {repository: [pull]}}}
    secret: {file: out/fleet}
  bare: {expires: never, permissions: {projects: {"*": {repository: [pull]}}}}
projects:
  team-a:
    robots:
      ci: {expires: 9d, permissions: {repository: [pull]}, secret: {file: out/ci}}
"""


@pytest.fixture
def robots(shell: Shell, harbor: Simulator) -> Simulator:
    shell.write(ROBOTS)
    assert shell.run("apply", "--yes").code == 0
    return harbor


@pytest.mark.parametrize(
    ("address", "store"), [("robot/fleet", "out/fleet"), ("project/team-a/robot/ci", "out/ci")]
)
def test_in_place(shell: Shell, robots: Simulator, address: str, store: str) -> None:
    del robots
    file = shell.folder / store
    before = file.read_text("utf-8")
    ran = shell.run("rotate", address, "--yes")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == f"{address} has a new secret; its store holds it, and it works.\n"
    assert file.read_text("utf-8") != before
    assert before.strip() not in ran.out
    assert shell.run("plan").code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["project/team-a"], "error: project/team-a is no robot"),
        (["robot"], "error: `robot` is no address"),
        (["robot/fleet"], "error: there is no terminal to ask on"),
        (["robot/bare", "--yes"], "error: the files give robot/bare no `secret`"),
        (["robot/other", "--yes"], "error: the files give robot/other no `secret`"),
    ],
)
def test_refused(shell: Shell, robots: Simulator, arguments: list[str], message: str) -> None:
    written = len(robots.writes)
    ran = shell.run("rotate", *arguments)
    assert ran.code == 1
    assert ran.err.startswith(message)
    assert len(robots.writes) == written


def test_one_that_harbor_does_not_have(shell: Shell, robots: Simulator) -> None:
    written = len(robots.writes)
    shell.write(ROBOTS.replace("fleet:", "other:"))
    ran = shell.run("rotate", "robot/other", "--yes")
    assert ran.code == 1
    assert ran.err.startswith("error: robot/other is not in Harbor\n")
    assert len(robots.writes) == written
