"""`harborconf validate`: check the files, without Harbor."""

from __future__ import annotations

from harborconf.cli import options
from harborconf.cli.console import counted, note, write
from harborconf.engine.load import load
from harborconf.engine.mentions import contradictions, unknown
from harborconf.engine.resolve import resolve
from harborconf.errors import DocumentError


def validate(paths: options.Paths = None) -> None:
    """Check the files, without Harbor and without secrets.

    Every error is told at once, with file, line, column and what to do. What is named and in
    no file is a warning, as Harbor may have it.
    """
    document = load(options.paths_of(paths))
    state = resolve(document)
    known = state.by_address
    problems = [one for desired in state.resources for one in contradictions(desired, known)]
    if problems:
        raise DocumentError(problems)
    for desired in state.resources:
        for problem in unknown(desired, known):
            note(f"warning: {problem}")
    files = counted(len(document.files), "file")
    write(f"{files}, {counted(len(state.resources), 'resource')}: all is well.")
