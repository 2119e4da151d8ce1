"""`harborconf fleet diff`: how two live Harbors differ."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harborconf.cli import options, running, work
from harborconf.cli.connect import Settings, workbench
from harborconf.cli.console import fail, show, write
from harborconf.cli.targets import Course, OnItsWay, begin
from harborconf.engine.between import between
from harborconf.engine.fleet import load_fleet
from harborconf.engine.read import LiveState, read_everything
from harborconf.errors import UsageError
from harborconf.report.fleet_diff import Side, render_json, render_text
from harborconf.report.run import Run

_FORMATS = ("text", "json")


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
    begin(chosen, whole)
    found: dict[str, tuple[Side, LiveState]] = {}

    async def read(target: OnItsWay) -> None:
        async with workbench(target.settings, None) as (session, bench):
            live = await session.proven_read(lambda: read_everything(bench))
            side = Side(target.target.name, bench.server.url, bench.server.text)
            found[side.target] = (side, live)

    running.run(Course(chosen, Settings(connection=connection), whole).run(read))
    for name, run in whole.targets.items():
        if run.errors:
            fail([f"{name}: {line}" for line in run.errors], run.advice)
    if len(found) < len(names):
        raise typer.Exit(work.BAD)
    (left, ours), (right, theirs) = (found[name] for name in names)
    changes = between(ours, theirs)
    if form == "json":
        write(render_json(left, right, changes))
    else:
        show(render_text(left, right, changes))
    raise typer.Exit(work.CHANGES if changes else work.NOTHING)
