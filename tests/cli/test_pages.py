"""The pages say what is so: what they tell people to type does what they say."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cli.shell import Shell, terminal
from harborconf.simulator import Simulator
from pages import blocks, commands


def test_readmes_commands_do_what_it_says(
    shell: Shell, harbor: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From top to bottom, on a simulated Harbor; with a terminal where one is needed."""
    monkeypatch.delenv("HARBOR_PASSWORD")
    url = os.environ["HARBOR_URL"]
    ran = []
    for words in commands("README.md"):
        if words[0] == "export":
            for setting in words[1:]:
                name, _, value = setting.partition("=")
                monkeypatch.setenv(name, url if name == "HARBOR_URL" else value)
                if name == "HARBOR_PASSWORD_FILE":
                    value = value.replace("$HOME", str(shell.folder))
                    monkeypatch.setenv(name, value)
                    Path(value).write_text("Harbor12345\n", encoding="utf-8")
        elif words[0] == "harborconf":
            with terminal(*words[1:]) as screen:
                assert screen.wait() == 0, screen.seen
            ran.append(words[1])
        elif words[0] == "cd":
            monkeypatch.chdir(words[1])
        else:
            assert words[0] in {"make", "pip"}
    assert ran == ["init", "plan"]
    assert harbor.writes == []


def test_readmes_example_is_valid(shell: Shell) -> None:
    (example,) = blocks("README.md", "yaml")
    (shell.folder / "example.yaml").write_text(example, encoding="utf-8")
    ran = shell.run("validate", "example.yaml")
    assert (ran.code, ran.err) == (0, "")
