"""Help in plain text that reads the same on a terminal and in a pipe.

Options and commands stand below headings; typer has those (its panels) in its boxes only.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import typer.main
from typer.core import TyperCommand, TyperGroup

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


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
    """The program, whose commands stand below headings and are imported when they are run.

    `listed` holds their names and summaries by heading, `epilogs` what ends their help. Each
    is the function of its name, in the module of its name, with `_` for `-` and a `prefix`.
    """

    prefix: ClassVar[str] = ""

    listed: ClassVar[Mapping[str, Mapping[str, str]]] = {}
    epilogs: ClassVar[Mapping[str, str]] = {}

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.commands: Any = _Imported(self.prefix, self.listed, self.epilogs)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Heading by heading."""
        del ctx
        for heading, commands in self.listed.items():
            with formatter.section(heading):
                formatter.write_dl(list(commands.items()))


class _Imported(Mapping[str, Any]):
    """Commands by name; one is imported when it is asked for."""

    def __init__(
        self,
        prefix: str,
        listed: Mapping[str, Mapping[str, str]],
        epilogs: Mapping[str, str],
    ) -> None:
        self.prefix = prefix
        self.names = [name for commands in listed.values() for name in commands]
        self.epilogs = epilogs

    def __getitem__(self, name: str) -> Any:
        if name not in self.names:
            raise KeyError(name)
        word = self.prefix + name.replace("-", "_")
        function = getattr(importlib.import_module(f"harborconf.cli.{word}"), word)
        if isinstance(function, typer.Typer):
            return typer.main.get_command(function)
        alone = typer.Typer(add_completion=False, rich_markup_mode=None)
        alone.command(name, cls=Command, epilog=self.epilogs.get(name))(function)
        return typer.main.get_command(alone)

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)


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
