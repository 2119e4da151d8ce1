"""`harborconf export`: what is live, as files."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer

from harborconf.cli import options
from harborconf.cli.connect import Settings, workbench
from harborconf.cli.console import write
from harborconf.engine.export import SCHEMA_FILE
from harborconf.engine.export import export as render
from harborconf.engine.read import read_everything
from harborconf.engine.schema import schema
from harborconf.errors import UsageError
from harborconf.spec.globs import matches


def export(
    directory: Annotated[Path, typer.Argument(help="Where to write; must be empty or new.")],
    project: options.Projects = None,
    references: Annotated[
        bool,
        typer.Option("--references", help="Write references to secrets out, for a restore."),
    ] = False,
    concurrency: options.Concurrency = 16,
    timeout: options.Timeout = 30.0,
    wait: options.Wait = "",
    ca_file: options.CaFile = None,
    client_cert: options.ClientCert = None,
    client_key: options.ClientKey = None,
    insecure: options.Insecure = False,
    verbose: options.Verbose = False,
) -> None:
    """Write what is live as YAML, one file a project. Planning it changes nothing.

    Passwords and robots' secrets cannot be read; references to them stand as comments.
    """
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        message = f"{directory} is not an empty directory"
        raise UsageError(message, advice="name a new one: nothing is overwritten")
    settings = Settings(
        (),
        tuple(project or ()),
        (),
        concurrency,
        timeout,
        wait,
        ca_file,
        client_cert,
        client_key,
        insecure,
        verbose,
    )
    files = asyncio.run(_export(settings, references=references))
    files[SCHEMA_FILE] = json.dumps(schema(), indent=2) + "\n"
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    write(f"{len(files)} files written to {directory}")


async def _export(settings: Settings, *, references: bool) -> dict[str, str]:
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
                raise UsageError(message)
        live = await session.proven_read(lambda: read_everything(bench, chosen))
        return render(live, bench.server.url, references=references)
