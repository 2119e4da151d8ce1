"""The pages do what they say: each page's files and commands from top to bottom, as on a terminal.

In blocks of `sh` stand commands. In blocks of `console` they begin with a dollar, and what they
show comes after them; `...` is anything. A block of YAML that begins with a file's name is that
file.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cli.shell import Shell, bash, terminal
from harborconf.simulator import Simulator
from pages import BLOCK, ROOT

PAGES = [ROOT / "docs" / "tutorial.md", *sorted((ROOT / "docs" / "how-to").glob("*.md"))]
# What stood in Harbor before anybody came with a page.
BEFORE = """\
users: {alice: {email: alice@example.com, password: {env: PASSWORD}}}
projects:
  team-a: {quota: 1GiB, members: {users: {alice: developer}}}
  team-b: {quota: 1GiB}
"""
NAMED = re.compile(r"# ((?:desired|base|regions)/\S+|fleet.yaml)\n")
SIMULATED = "http://127.0.0.1:8080"
COMMENT = re.compile(r"(?:^|\s)#.*")
QUESTION = "[y/N] "


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


@dataclass
class Reader:
    """Somebody who does what a page says, line by line."""

    folder: Path
    environment: pytest.MonkeyPatch
    url: str
    """Where Harbor is, whatever the page calls it."""
    fleet: dict[str, str] = field(default_factory=dict)
    """Where others are, by what the page calls them."""
    opened: ExitStack = field(default_factory=ExitStack)
    ran: int = 0

    def read(self, page: str) -> None:
        for _, kind, body in BLOCK.findall(page):
            match kind:
                case "yaml" if named := NAMED.match(body):
                    path = self.folder / named[1]
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_text(self.reached(body), encoding="utf-8")
                case "sh":
                    for line in body.replace("\\\n", "").splitlines():
                        self.do(line)
                case "console":
                    for line, shown in typed(body):
                        self.do(line, shown)

    def reached(self, text: str) -> str:
        """A file of the page with URLs where somebody answers."""
        for called, url in self.fleet.items():
            text = text.replace(called, url)
        return text

    def do(self, line: str, shown: str | None = None) -> None:
        """Type a line; what it shows has to be this."""
        match shlex.split(COMMENT.sub("", line)):
            case [] | ["git" | "helm" | "kubectl", *_]:  # a repository or a cluster is not here
                seen = ""
            case ["cd", folder]:
                self.folder /= folder
                self.environment.chdir(self.folder)
                seen = ""
            case ["export", *settings]:
                for setting in settings:
                    name, _, value = setting.partition("=")
                    self.environment.setenv(name, self.url if name == "HARBOR_URL" else value)
                seen = ""
            case ["harborconf", "simulator"]:
                seen = self.serve()
            case ["harborconf", *arguments] if not {">", "--install-completion"} & {*arguments}:
                seen = self.run(arguments, shown)
            case _:
                ran = bash(line, self.folder)
                assert ran.returncode == 0, ran.stderr
                self.ran += "harborconf" in line
                seen = ran.stdout + ran.stderr
        if shown is not None:
            expected = re.escape(shown).replace(re.escape("...\n"), "(?:.*\n)*?")
            for called, url in (*self.fleet.items(), (SIMULATED, self.url)):
                seen = seen.replace(url, called)
            assert re.fullmatch(expected, seen), f"{line}\n{seen}"

    def run(self, arguments: list[str], shown: str | None) -> str:
        with terminal(*arguments) as screen:
            if shown is None:
                screen.type(b"y\n")
            elif QUESTION in shown:
                screen.expect(QUESTION)
                screen.type(b"y\n")
            code = screen.wait()
        self.ran += 1
        text = screen.text()
        if "error: " in (shown or ""):
            assert code == 1, text
        else:
            differs = arguments[0] == "plan" and "Plan for" in text
            differs |= arguments[:2] == ["fleet", "diff"]
            assert code == (2 if differs else 0), text
        return text

    def serve(self) -> str:
        """The simulator of a page, at a port that is free."""
        screen = self.opened.enter_context(terminal("simulator", "--port", "0"))
        screen.expect("/api/v2.0/projects\n")
        self.url = re.findall(r"http://127\.0\.0\.1:\d+", screen.seen)[0]
        return screen.text()


def typed(block: str) -> Iterator[tuple[str, str]]:
    """The commands of a block, each with what it shows."""
    for piece in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        line, _, shown = piece.partition("\n")
        yield line, shown


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_does_what_it_says(
    page: Path, shell: Shell, harbor: Simulator, new: New, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.write(BEFORE, "before/all.yaml")
    assert shell.run("apply", "before", "--yes").code == 0
    if page.stem in {"review", "cronjob"}:
        shell.write("projects: {team-a: {quota: 2GiB}}")
    fleet = {"https://eu.example.com": os.environ["HARBOR_URL"], "https://us.example.com": new.url}
    reader = Reader(shell.folder, monkeypatch, new.url, fleet)
    with reader.opened:
        reader.read(page.read_text("utf-8"))
    assert reader.ran
    reached = new.simulator if page.stem == "restore" else harbor
    assert reached.state.projects.find("team-b")


def test_no_page_with_commands_is_left_out() -> None:
    with_commands = {
        page
        for page in (ROOT / "docs").rglob("*.md")
        for _, kind, body in BLOCK.findall(page.read_text("utf-8"))
        if kind in {"sh", "console"} and "harborconf " in body
    }
    assert with_commands == set(PAGES)
