"""The how-to pages do what they say: each page's files and commands, from top to bottom."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli.shell import Shell, terminal
from harborconf.simulator import Simulator
from pages import BLOCK, ROOT

PAGES = sorted((ROOT / "docs" / "how-to").glob("*.md"))
# What stood in Harbor before anybody came with a page.
BEFORE = """\
users: {alice: {email: alice@example.com, password: {env: PASSWORD}}}
projects:
  team-a: {quota: 1GiB, members: {users: {alice: developer}}}
  team-b: {quota: 1GiB}
"""
NAMED = re.compile(r"# (desired/\S+)\n")
NOT_OURS = {"git", "cd"}


@dataclass
class New:
    """A Harbor that nothing is in yet, for pages that name another."""

    simulator: Simulator
    url: str


@pytest.fixture
def new() -> Iterator[New]:
    simulator = Simulator("2.15.2")
    with simulator.serve() as url:
        yield New(simulator, url)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_does_what_it_says(
    page: Path, shell: Shell, harbor: Simulator, new: New, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.write(BEFORE, "before/all.yaml")
    assert shell.run("apply", "before", "--yes").code == 0
    if page.stem in {"review", "cronjob"}:
        shell.write("projects: {team-a: {quota: 2GiB}}")
    folder, ran = shell.folder, 0
    for _, kind, body in BLOCK.findall(page.read_text("utf-8")):
        if kind == "yaml" and (named := NAMED.match(body)):
            path = folder / named[1]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(body, encoding="utf-8")
        for line in body.splitlines() if kind == "sh" else ():
            words = shlex.split(line, comments=True)
            if words and words[0] == "cd":
                folder /= words[1]
                monkeypatch.chdir(folder)
            elif words and words[0] == "export":
                name, _, value = words[1].partition("=")
                monkeypatch.setenv(name, new.url if name == "HARBOR_URL" else value)
            elif words and words[0] not in NOT_OURS:
                assert words[0] == "harborconf"
                with terminal(*words[1:]) as screen:
                    screen.type(b"y\n")
                    code = screen.wait()
                assert code == (2 if "--out" in words else 0), screen.seen
                ran += 1
    assert ran
    reached = new.simulator if page.stem == "restore" else harbor
    assert reached.state.projects.find("team-b")
