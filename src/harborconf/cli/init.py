"""`harborconf init`: from a live Harbor to a repository of its configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harborconf.cli import options, running
from harborconf.cli.connect import Settings
from harborconf.cli.console import write
from harborconf.cli.export import read, tell_of_secrets, write_files
from harborconf.cli.files import check_empty
from harborconf.cli.schema import schema_text
from harborconf.cli.starter import starter
from harborconf.engine.export import SCHEMA_FILE, Style, unreadable
from harborconf.engine.export import export as render
from harborconf.report.plain import counted

_DESIRED = "desired"


@options.connecting
def init(
    directory: Annotated[
        Path, typer.Argument(metavar="DIRECTORY", help="Where to make it; empty or new.")
    ],
    project: options.Projects = None,
    kind: options.Kinds = None,
    *,
    connection: options.ConnectionOptions,
) -> None:
    """Make a repository of what is live: files, schema, a workflow for GitHub, a README.

    What most projects share stands in `defaults`. Planning it changes nothing.
    """
    check_empty(directory)
    settings = Settings(
        projects=tuple(project or ()),
        kinds=tuple(kind or ()),
        connection=connection,
    )
    live, url = running.run(read(settings))
    desired = {**render(live, url, Style(factored=True)), SCHEMA_FILE: schema_text()}
    write_files(directory / _DESIRED, desired)
    beside = starter(url)
    write_files(directory, beside)
    write(
        f"{counted(len(desired) - 1, 'file')} written to {directory / _DESIRED}, and beside them"
        f" {', '.join(sorted(beside))}."
    )
    tell_of_secrets(unreadable(live), references=False)
    write("Next: look at it, commit it, and do what its README.md says of secrets.")
