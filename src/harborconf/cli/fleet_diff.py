"""`harborconf fleet diff`: how two live Harbors differ."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from harborconf.cli import options, running, work
from harborconf.cli.connect import Settings, workbench
from harborconf.cli.console import fail, show, write
from harborconf.cli.targets import Course, OnItsWay
from harborconf.engine.between import between
from harborconf.engine.fleet import load_fleet
from harborconf.engine.plan import Change
from harborconf.engine.read import LiveState, read_everything
from harborconf.errors import UsageError
from harborconf.report.json import change_values
from harborconf.report.plain import counts
from harborconf.report.run import Run
from harborconf.report.text import render_changes

_FORMATS = ("text", "json")


@dataclass(frozen=True, slots=True)
class _Read:
    """All that one Harbor has."""

    url: str
    version: str
    live: LiveState


@options.connecting
def fleet_diff(
    one: Annotated[str, typer.Argument(metavar="ONE", help="A target of the fleet.")],
    other: Annotated[str, typer.Argument(metavar="OTHER", help="The one it is held against.")],
    fleet: Annotated[
        Path, typer.Option("--fleet", metavar="FILE", help="The file that names both.")
    ] = Path("fleet.yaml"),
    form: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="text or json.",
            autocompletion=lambda: list(_FORMATS),
        ),
    ] = "text",
    *,
    connection: options.ConnectionOptions,
) -> None:
    """Show how two live Harbors of a fleet differ.

    Told is what would change in ONE so that it is as OTHER: + what only OTHER has, - what only
    ONE has, ~ what both have and is not the same. All of both is read, and nothing is written;
    the overlays do not matter. Passwords and secrets are not compared.

    Exit code: 0 no difference, 2 they differ, 1 anything that is not well.
    """
    options.check_format(form, _FORMATS)
    if one == other:
        message = f"{one} is held against itself"
        raise UsageError(message, advice="name two targets")
    targets = load_fleet(fleet)
    names = (one, other)
    chosen = [target for name in names for target in targets.chosen([name])]
    for name in names:
        if name not in [target.name for target in chosen]:
            message = f"`{name}` is no target, but a glob"
            raise UsageError(message, advice="name two targets")
    whole = Run("fleet diff", 0.0)
    whole.targets = {name: Run(whole.command, 0.0) for name in names}
    found: dict[str, _Read] = {}

    async def read(target: OnItsWay) -> None:
        async with workbench(target.settings, None) as (session, bench):
            live = await session.proven_read(lambda: read_everything(bench))
            found[target.target.name] = _Read(bench.server.url, bench.server.text, live)

    running.run(Course(chosen, Settings(connection=connection), whole).run(read))
    for name, run in whole.targets.items():
        if run.errors:
            fail([f"{name}: {line}" for line in run.errors], run.advice)
    if len(found) < len(names):
        raise typer.Exit(work.BAD)
    changes = between(found[one].live, found[other].live)
    if form == "json":
        write(_json(names, found, changes))
    else:
        show(_text(names, found, changes))
    raise typer.Exit(work.CHANGES if changes else work.NOTHING)


def _text(
    names: tuple[str, str], found: dict[str, _Read], changes: tuple[Change, ...]
) -> Iterator[Text]:
    one, other = names
    left, right = (found[name] for name in names)
    yield from render_changes(changes)
    if left.version.split(".")[:2] != right.version.split(".")[:2]:
        told = f"{one} is Harbor {left.version}, {other} is {right.version}"
        yield Text(f"note: {told}: fields that only one of them has are not compared", "cyan")
    told = ", ".join(counts(changes)) if changes else "nothing"
    yield Text(f"For {one} to be as {other}: {told}.", "bold")


def _json(names: tuple[str, str], found: dict[str, _Read], changes: tuple[Change, ...]) -> str:
    values: dict[str, Any] = {
        "format": 1,
        **{
            word: {"target": name, "url": found[name].url, "version": found[name].version}
            for word, name in zip(("one", "other"), names, strict=True)
        },
        "changes": [change_values(change) for change in changes],
    }
    return json.dumps(values, indent=2, ensure_ascii=True)
