"""`harborconf export`: what is live, as files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harborconf.cli import options, running
from harborconf.cli.connect import Settings, workbench
from harborconf.cli.console import write
from harborconf.cli.files import check_empty
from harborconf.cli.schema import schema_text
from harborconf.engine.export import SCHEMA_FILE, Style, unreadable
from harborconf.engine.export import export as render
from harborconf.engine.read import read_everything
from harborconf.errors import UsageError
from harborconf.report.plain import counted
from harborconf.spec.globs import matches

if TYPE_CHECKING:
    from collections import Counter

    from harborconf.engine.read import LiveState


@options.connecting
def export(
    directory: Annotated[
        Path, typer.Argument(metavar="DIRECTORY", help="Where to write; empty or new.")
    ],
    project: options.Projects = None,
    kind: options.Kinds = None,
    factored: Annotated[
        bool, typer.Option("--factor", help="Put what most projects share into `defaults`.")
    ] = False,
    minimal: Annotated[
        bool,
        typer.Option("--minimal", help="Leave out what is at Harbor's default: it is not watched."),
    ] = False,
    references: Annotated[
        bool,
        typer.Option("--references", help="Write references to secrets out, for a restore."),
    ] = False,
    *,
    connection: options.ConnectionOptions,
) -> None:
    """Write what is live as YAML, one file a project.

    Planning what was exported changes nothing. Passwords and robots' secrets cannot be read:
    references to them stand as comments.
    """
    check_empty(directory)
    settings = Settings(
        projects=tuple(project or ()),
        kinds=tuple(kind or ()),
        connection=connection,
    )
    live, url = running.run(read(settings))
    files = render(live, url, Style(references, minimal, factored))
    write_files(directory, {**files, SCHEMA_FILE: schema_text()})
    write(
        f"{counted(len(files), 'file')} written to {directory}, and {SCHEMA_FILE} for your editor."
    )
    if minimal:
        write("What is at Harbor's default is left out: harborconf does not watch it.")
    tell_of_secrets(unreadable(live), references=references)


def write_files(directory: Path, files: dict[str, str]) -> None:
    """Write files by their paths below a directory."""
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def tell_of_secrets(found: Counter[str], *, references: bool) -> None:
    """Tell which secrets are left to the user."""
    if not found:
        return
    fields = ", ".join(f"{count} {field}" for field, count in sorted(found.items()))
    if references:
        write(f"Before apply, fill the places of {counted(found.total(), 'secret')}: {fields}.")
    else:
        write(
            f"References to {counted(found.total(), 'secret')} stand as comments: {fields}.\n"
            "Uncomment those that harborconf shall manage, and fill their places."
        )


async def read(settings: Settings) -> tuple[LiveState, str]:
    """What is live of what was selected, and the URL of its Harbor."""
    options.check_kinds(settings.kinds)
    async with workbench(settings, None) as (session, bench):
        chosen: list[str] | None = None
        if settings.projects:
            replies = await bench.api.get("/projects", {"page_size": 100})
            names = [str(reply["name"]) for reply in replies]
            chosen = [
                name for name in names if any(matches(glob, name) for glob in settings.projects)
            ]
            if not chosen:
                message = f"no live project matches {', '.join(settings.projects)}"
                raise UsageError(message, advice="globs match whole names; quote them in a shell")
        live = await session.proven_read(lambda: read_everything(bench, chosen, settings.kinds))
        return live, bench.server.url
