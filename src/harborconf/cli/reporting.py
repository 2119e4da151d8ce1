"""`--report`: however a run of plan or apply ends, a file tells of it."""

from __future__ import annotations

import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harborconf.cli import INTERRUPTED
from harborconf.cli.console import note
from harborconf.cli.files import check_target, write_whole
from harborconf.errors import HarborconfError
from harborconf.report.run import Run, render

if TYPE_CHECKING:
    from collections.abc import Iterator

Report = Annotated[
    Path | None,
    typer.Option(
        "--report",
        metavar="FILE",
        help="Write how the run went as JSON, however it ends.",
    ),
]


@contextmanager
def reporting(file: Path | None, command: str) -> Iterator[Run]:
    """Let a run fill in what became of it, and write that.

    Raises:
        UsageError: the file cannot be written. After an error of the run's own it is a warning.
    """
    run = Run(command, time.time())
    if file:
        check_target(file)
    begun = time.monotonic()
    try:
        yield run
    except BaseException as error:
        blame(run, error)
        run.seconds = time.monotonic() - begun
        try:
            _write(file, run)
        except HarborconfError as other:
            note(f"warning: {other}")
        raise
    run.seconds = time.monotonic() - begun
    _write(file, run)


def blame(run: Run, error: BaseException) -> None:
    """What ended the run, in the words and with the code that people get."""
    match error:
        case HarborconfError():
            run.errors, run.advice = tuple(error.lines()), error.advice
        case KeyboardInterrupt() | typer.Abort():
            run.exit_code = INTERRUPTED
        case SystemExit(code=int(code)):
            run.exit_code = code
        case OSError(strerror=reason):
            run.errors = (f"the system: {reason}",)
        case _:  # a message of Python's may hold anything
            run.errors = (f"this is a bug in harborconf: {type(error).__name__}",)


def _write(file: Path | None, run: Run) -> None:
    if file:
        write_whole(file, render(run) + "\n")
