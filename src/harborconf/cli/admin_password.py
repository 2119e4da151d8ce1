"""`harborconf admin-password`: a new password for the user in use."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from harborconf.cli import options, running
from harborconf.cli.connect import Settings, connection_of, workbench
from harborconf.cli.console import check_terminal, confirm, note, write
from harborconf.errors import AuthenticationError, UsageError
from harborconf.kinds.user import renew_password
from harborconf.spec.reference import Env, File


@options.connecting
def admin_password(
    to: Annotated[
        str,
        typer.Option(
            "--to", metavar="PLACE", help="Where the new password lives: env:NAME or file:PATH."
        ),
    ],
    paths: options.Paths = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    *,
    connection: options.ConnectionOptions,
) -> None:
    """Give the user in use a new password, and prove it.

    The old one is proven first, with HARBOR_PASSWORD as ever; then the new one is set, and proven
    by a login of its own. Files are read only for Harbor's URL, where HARBOR_URL is not set.
    """
    place = _place(to)
    if not yes:
        check_terminal()
    settings = Settings(options.paths_of(paths), connection=connection)
    name = running.run(_set(settings, place, yes=yes))
    write(f"{name} has the password of {place} now; a new login with it works.")


def _place(text: str) -> Env | File:
    match text.partition(":"):
        case ("env", ":", name) if name:
            return Env(name)
        case ("file", ":", path) if path:
            return File(str(Path(path).expanduser()))
    message = "--to names no place for a password"
    raise UsageError(message, advice="write --to env:NAME or --to file:PATH")


async def _set(settings: Settings, place: Env | File, *, yes: bool) -> str:
    stores = settings.stores("")
    new = await stores.peek(place)
    for odd in stores.odd:
        note(f"warning: {odd}")
    if new is None:
        message = f"{place} is empty"
        raise UsageError(message, advice="put the new password there first")
    url = None if os.environ.get("HARBOR_URL") else settings.document()[1].url
    old = (await connection_of(settings, url)).password
    if old is None:
        message = "HARBOR_TOKEN is in use, and whoever has a token has no password in Harbor"
        raise UsageError(message, advice="set HARBOR_USERNAME and HARBOR_PASSWORD instead")
    try:
        async with workbench(settings, url) as (session, bench):
            if bench.who.is_robot:
                message = f"{bench.who.username} is a robot"
                raise UsageError(message, advice="harborconf rotate gives a robot a new secret")
            if not yes:
                confirm(f"Replace the password of {bench.who.username}?")
            await renew_password(session.api, bench.who, old, new, place)
            await session.prove()
            return bench.who.username
    except AuthenticationError as error:
        advice = f"{error.advice}; or {place} is the password already"
        raise AuthenticationError(error.message, advice=advice) from error
