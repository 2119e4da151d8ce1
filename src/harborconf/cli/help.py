"""Help in plain text that reads the same on a terminal and in a pipe.

Options and commands stand below headings; typer has those (its panels) in its boxes only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from typer.core import TyperCommand, TyperGroup

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST_SUMMARY = 100


class Command(TyperCommand):
    """A command whose options stand below headings."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Arguments first, then options heading by heading, in the order of the signature."""
        _write(
            formatter,
            (
                (_heading(parameter), (_term(parameter, record[0]), record[1]))
                for parameter in sorted(self.get_params(ctx), key=_is_option)
                if (record := parameter.get_help_record(ctx))
            ),
        )


class Group(TyperGroup):
    """The program, whose commands stand below headings."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Heading by heading, in the order in which the commands were added."""
        del ctx
        _write(
            formatter,
            (
                (command.rich_help_panel, (name, command.get_short_help_str(_LONGEST_SUMMARY)))
                for name, command in self.commands.items()
                if isinstance(command, Command)
            ),
        )


def _is_option(parameter: Any) -> bool:
    return bool(parameter.param_type_name == "option")


def _heading(parameter: Any) -> str:
    return parameter.rich_help_panel or ("Options" if _is_option(parameter) else "Arguments")


def _term(parameter: Any, text: str) -> str:
    """An argument's name as in the usage line: typer adds its type in Python."""
    return text if _is_option(parameter) else text.partition(" <")[0]


def _write(formatter: Any, records: Iterable[tuple[Any, tuple[str, str]]]) -> None:
    headings: dict[str, list[tuple[str, str]]] = {}
    for heading, record in records:
        headings.setdefault(str(heading), []).append(record)
    for heading, rows in headings.items():
        with formatter.section(heading):
            formatter.write_dl(rows)
