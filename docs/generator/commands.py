"""The reference of commands, from the command line itself."""

from __future__ import annotations

import signal
from inspect import cleandoc
from typing import TYPE_CHECKING, Any

import typer.main

from generator.markdown import MADE, code, prose, row, table
from harborconf.cli import INTERRUPTED
from harborconf.cli.app import COMMANDS, app
from harborconf.cli.work import BAD, CHANGES, NOTHING

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD = f"""\
{MADE}
# Commands

`harborconf COMMAND --help` says the same.
"""
_CODES = (
    (f"{NOTHING}", "nothing to do, or done"),
    (f"{CHANGES}", "changes planned, or a difference; only `plan` and `fleet diff` say so"),
    (f"{BAD}", "anything that is not well: an error, something blocked, a declined question"),
    (f"{INTERRUPTED}", "interrupted with Ctrl-C; what was in flight is finished"),
    (f"{128 + signal.SIGTERM}", "terminated; what was in flight is finished"),
)


def commands() -> str:
    """The page as Markdown."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield _HEAD
    program: Any = typer.main.get_command(app)
    above = program.context_class(program, info_name="harborconf")
    for heading, listed in COMMANDS.items():
        yield f"- {heading}: " + ", ".join(f"[{name}](#{name})" for name in listed)
    yield ""
    yield from _options(program, above)
    yield "## Exit codes"
    yield ""
    yield from table(("exit code", "means"), [(code(number), text) for number, text in _CODES])
    yield f"{BAD} wins over {CHANGES}. Warnings, extras and what is pending change nothing."
    yield ""
    for listed in COMMANDS.values():
        for name in listed:
            command = program.get_command(above, name)
            yield from _command(command, command.context_class(command, above, name))


def _command(command: Any, context: Any, level: str = "##") -> Iterator[str]:
    yield f"{level} {context.command_path.partition(' ')[2]}"
    yield ""
    yield "```text"
    yield f"{context.command_path} {' '.join(command.collect_usage_pieces(context))}"
    yield "```"
    yield ""
    yield prose(cleandoc(command.help))
    yield ""
    yield from _options(command, context)
    if command.epilog:
        yield prose(command.epilog)
        yield ""
    for name, inner in getattr(command, "commands", {}).items():
        yield from _command(inner, inner.context_class(inner, context, name), f"{level}#")


def _options(command: Any, context: Any) -> Iterator[str]:
    """What a command takes, a table for each heading of its help."""
    panels: dict[str, list[tuple[str, str]]] = {}
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record and "--help" not in record[0]:
            heading = getattr(parameter, "rich_help_panel", None) or "Options"
            is_option = parameter.param_type_name == "option"
            term = record[0] if is_option else record[0].partition(" <")[0]
            panels.setdefault(heading if is_option else "Arguments", []).append((term, record[1]))
    for heading in sorted(panels, key=lambda one: one != "Arguments"):
        yield row(heading, "")
        yield "|---|---|"
        yield from (row(code(term), prose(text)) for term, text in panels[heading])
        yield ""
