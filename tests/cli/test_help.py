"""Help: what every command says of itself."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer.main

from cli.shell import Shell
from harborconf import __version__
from harborconf.cli.app import app
from harborconf.engine.guard import BY_GUARD
from harborconf.kinds.catalog import BY_NAME

GROUP: Any = typer.main.get_command(app)
COMMANDS: dict[str, Any] = dict(GROUP.commands)
EVERY: dict[str, Any] = COMMANDS | {
    f"fleet {name}": command for name, command in dict(COMMANDS["fleet"].commands).items()
}
WIDTH = 80
SCRIPT = str(Path(sys.executable).parent / "harborconf")


@pytest.mark.parametrize("command", ["", *EVERY])
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_every_command_has_help(shell: Shell, command: str, option: str) -> None:
    ran = shell.run(*command.split(), option)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"Usage: harborconf {command}".rstrip())


@pytest.mark.parametrize("command", ["", *EVERY])
def test_help_is_made_for_people(shell: Shell, command: str) -> None:
    text = shell.run(*command.split(), "--help").out
    assert max(len(line) for line in text.splitlines()) < WIDTH
    assert "..." not in text.split("\n\n", 1)[1]
    assert not re.search(r"list\[|<\w+>|TEXT|INTEGER", text)
    assert not re.search("[^\x20-\x7e\n]", text)


@pytest.mark.parametrize(
    ("command", "parameter"),
    [
        pytest.param(name, parameter, id=f"{name}-{parameter.name}")
        for name, command in EVERY.items()
        for parameter in command.params
    ],
)
def test_every_option_is_explained(command: str, parameter: Any) -> None:
    del command
    assert re.fullmatch(r"[A-Zt].*[.\]]", parameter.help)
    assert parameter.metavar or parameter.is_flag


def test_the_program_lists_its_commands_by_what_they_are_for(shell: Shell) -> None:
    text = shell.run("--help").out
    listed = re.findall(r"^  ([a-z][a-z-]+)  +\S", text, re.MULTILINE)
    assert listed == list(COMMANDS)
    assert re.findall(r"^(\S.*):$", text, re.MULTILINE) == [
        "Options",
        "Every day",
        "To begin with",
        "For tools",
    ]


def test_a_command_is_listed_by_the_first_line_of_its_own_help(shell: Shell) -> None:
    text = " ".join(shell.run("--help").out.split())
    for name, command in COMMANDS.items():
        assert f" {name} {command.get_short_help_str(100)}" in text


def test_a_command_that_talks_to_harbor_says_how_to_reach_it(shell: Shell) -> None:
    talking = {
        name
        for name in COMMANDS
        if all(
            text in shell.run(name, "--help").out
            for text in ("How to reach Harbor:", "HARBOR_URL", "HARBOR_PASSWORD_FILE", "NO_PROXY")
        )
    }
    assert talking == {"plan", "apply", "init", "export", "rotate", "admin-password"}


def test_without_a_command_help_is_shown_as_an_error(shell: Shell) -> None:
    ran = shell.run()
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == shell.run("--help").out


@pytest.mark.parametrize("argument", ["version", "--version"])
def test_version(shell: Shell, argument: str) -> None:
    ran = shell.run(argument)
    assert (ran.code, ran.out) == (0, f"harborconf {__version__}\n")


def test_the_program_starts_as_a_module_and_as_a_script() -> None:
    for command in ([sys.executable, "-m", "harborconf"], [SCRIPT]):
        ran = subprocess.run([*command, "version"], capture_output=True, text=True, check=True)
        assert ran.stdout == f"harborconf {__version__}\n"


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("harborconf ", set(COMMANDS)),
        ("harborconf plan --kind ", set(BY_NAME)),
        ("harborconf plan --format ", {"text", "json"}),
        ("harborconf apply --allow ", set(BY_GUARD)),
        ("harborconf schema ", {"file", "plan"}),
    ],
)
def test_the_shell_completes(words: str, offered: set[str]) -> None:
    environ = {
        "_HARBORCONF_COMPLETE": "complete_bash",
        "COMP_WORDS": words,
        "COMP_CWORD": str(words.count(" ")),
    }
    ran = subprocess.run([SCRIPT], env=environ, capture_output=True, text=True, check=True)
    assert offered <= set(ran.stdout.split())


def test_starting_loads_nothing_that_takes_long() -> None:
    slow = {"harborapi", "uvicorn", "starlette", "aiohttp", "pydantic", "rich", "yaml"}
    code = (
        "import sys; from harborconf.cli import main; main(['--help']);"
        f"sys.exit(bool({slow} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert ran.returncode == 0
