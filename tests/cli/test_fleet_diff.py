"""`harborconf fleet diff`: how two live Harbors differ, told without writing anything."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from cli.shell import Shell
from harborconf.simulator import Reply, Simulator

SAME = """\
projects: {team-a: {quota: 1GiB, labels: {x: {description: one}}}}
robots: {fleet: {expires: never, permissions: {projects: {"*": {repository: [pull]}}}}}
"""
OTHER = """\
projects: {team-a: {quota: 2GiB, labels: {x: {description: two}}}, team-b: {}}
labels: {release: {}}
"""


@pytest.fixture
def two(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Simulator]]:
    """Two Harbors, and one that is not there."""
    monkeypatch.setenv("HARBOR_USERNAME", "admin")
    monkeypatch.setenv("HARBOR_PASSWORD", "Harbor12345")
    harbors = [Simulator("2.15.2"), Simulator("2.13.2")]
    with ExitStack() as stack:
        urls = [stack.enter_context(one.serve()) for one in harbors]
        text = "defaults: {overlays: [same.yaml]}\ntargets:\n"
        for name, url in zip(("eu", "us", "gone"), (*urls, "http://127.0.0.1:1"), strict=True):
            text += f"  {name}: {{url: '{url}'}}\n"
        shell.write(text, "fleet.yaml")
        shell.write(SAME, "same.yaml")
        chosen = ("--target", "eu", "--target", "us")
        assert shell.run("apply", "--fleet", "fleet.yaml", "--yes", *chosen).code == 0
        yield harbors


def test_two_that_are_alike_do_not_differ(shell: Shell, two: list[Simulator]) -> None:
    written = [len(one.writes) for one in two]
    ran = shell.run("fleet", "diff", "eu", "us")
    assert (ran.code, ran.err) == (0, "")
    assert "note: eu is Harbor 2.15.2, us is 2.13.2" in ran.out
    assert ran.out.endswith("For eu to be as us: nothing.\n")
    assert [len(one.writes) for one in two] == written


@pytest.mark.usefixtures("two")
def test_what_only_one_has_and_what_is_not_the_same(shell: Shell) -> None:
    shell.write(OTHER, "other.yaml")
    text = (shell.folder / "fleet.yaml").read_text()
    (shell.folder / "others.yaml").write_text(text.replace("same.yaml", "other.yaml"))
    assert shell.run("apply", "--fleet", "others.yaml", "--yes", "--target", "us").code == 0
    ran = shell.run("fleet", "diff", "eu", "us")
    assert ran.code == 2
    for line in (
        "+ label/release\n",
        "~ project/team-a/quota\n    storage  1GiB -> 2GiB\n",
        "~ project/team-a/label/x\n    description  one -> two\n",
        "+ project/team-b\n",
    ):
        assert line in ran.out
    back = shell.run("fleet", "diff", "us", "eu")
    assert "- label/release\n" in back.out
    assert "- project/team-b\n" in back.out
    assert "project/team-b/" not in back.out
    told = json.loads(shell.run("fleet", "diff", "eu", "us", "--format", "json").out)
    assert (told["one"]["target"], told["other"]["version"]) == ("eu", "2.13.2")
    assert "label/release" in [change["address"] for change in told["changes"]]


def test_one_that_cannot_be_read_is_named(shell: Shell, two: list[Simulator]) -> None:
    ran = shell.run("fleet", "diff", "eu", "gone")
    assert (ran.code, ran.out) == (1, "")
    assert "error: gone: http://127.0.0.1:1 cannot be reached" in ran.err
    two[1].state.before = lambda request: Reply(500) if request.path.endswith("/labels") else None
    ran = shell.run("fleet", "diff", "eu", "us")
    assert (ran.code, ran.out) == (1, "")
    assert "error: us: " in ran.err


WRONG = {
    "itself": (["eu", "eu"], "eu is held against itself"),
    "an unknown one": (["eu", "uss"], "no target of fleet.yaml matches `uss`"),
    "a glob": (["eu", "*s"], "`*s` is no target"),
    "a format": (["eu", "us", "--format", "html"], "there is no format `html`"),
    "no fleet": (["eu", "us", "--fleet", "none.yaml"], "none.yaml cannot be read"),
}


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize("case", WRONG)
def test_wrong_usage(shell: Shell, case: str) -> None:
    arguments, message = WRONG[case]
    ran = shell.run("fleet", "diff", *arguments)
    assert (ran.code, ran.out) == (1, "")
    assert message in ran.err
