"""`harborconf rotate`: a new secret for a robot, at once and in place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from harborconf.cli import options, running
from harborconf.cli.connect import Settings, workbench
from harborconf.cli.console import check_terminal, confirm, write
from harborconf.engine.planning import look
from harborconf.errors import RefusedError, UsageError
from harborconf.kinds.resource import WriteBench
from harborconf.kinds.robot import Robot, renew_secret
from harborconf.spec.address import parse

if TYPE_CHECKING:
    from harborconf.spec.address import Address


@options.connecting
def rotate(
    address: Annotated[
        str, typer.Argument(metavar="ADDRESS", help="A robot, like project/team-a/robot/ci.")
    ],
    paths: options.Paths = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    *,
    connection: options.ConnectionOptions,
) -> None:
    """Give a robot a new secret now, and put it into its store.

    The old secret stops working at once. To change robots without that, write `rotate` in the
    YAML: a new robot then takes over while the old one still works.
    """
    robot = _robot(address)
    if not yes:
        check_terminal()
    settings = Settings(
        options.paths_of(paths),
        projects=(robot.project,) if robot.project else (),
        kinds=(Robot.name,),
        connection=connection,
    )
    running.run(_rotate(settings, robot, yes=yes))
    write(f"{robot} has a new secret; its store holds it, and it works.")


def _robot(address: str) -> Address:
    try:
        found, path = parse(address)
    except ValueError as error:
        raise UsageError(str(error)) from error
    if found.kind != Robot.name or path:
        message = f"{address} is no robot"
        raise UsageError(message, advice="only robots' secrets are made by harborconf")
    return found


async def _rotate(settings: Settings, robot: Address, *, yes: bool) -> None:
    document, state = settings.document()
    async with workbench(settings, state.url) as (session, bench):
        wanted, live = await session.proven_read(
            lambda: look(document, bench, settings.selection, state)
        )
        desired = wanted.by_address.get(robot)
        if desired is None or "secret" not in desired.fields:
            message = f"the files give {robot} no `secret`, so there is no store for a new one"
            raise UsageError(message)
        found = live.resources.get(robot)
        if found is None:
            message = f"{robot} is not in Harbor"
            raise RefusedError(message, advice="harborconf apply makes it, with a secret")
        if not yes:
            confirm(f"Replace the secret of {robot}? The old one stops working.")
        writing = WriteBench(
            session.api, bench.server, bench.who, settings.stores(bench.server.url), bench.now
        )
        await renew_secret(writing, desired, found)
