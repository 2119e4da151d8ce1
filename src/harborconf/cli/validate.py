"""`harborconf validate`: check the files, without Harbor."""

from __future__ import annotations

from harborconf.cli import options
from harborconf.cli.console import counted, write
from harborconf.engine.load import load
from harborconf.engine.resolve import resolve


def validate(paths: options.Paths = None) -> None:
    """Check the files, without Harbor and without secrets.

    Every error is told at once, with file, line, column and what to do.
    """
    document = load(options.paths_of(paths))
    state = resolve(document)
    files = counted(len(document.files), "file")
    write(f"{files}, {counted(len(state.resources), 'resource')}: all is well.")
