"""Progress of apply: a bar on a terminal, a line a step elsewhere, on standard error."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from harborconf.cli.console import console, note
from harborconf.engine.apply import Done, Event, Failed, Skipped, Started

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def progress(total: int) -> Iterator[Callable[[Event], None]]:
    """A callback for apply's events."""
    err = console(stderr=True)
    if not err.is_terminal:
        yield _line
        return
    from rich.progress import (  # noqa: PLC0415 - only for terminals
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("", total=total)

        def on_event(event: Event) -> None:
            if isinstance(event, Started):
                bar.update(task, description=str(event.step).replace("[", r"\["))
            else:
                bar.advance(task)

        yield on_event


def _line(event: Event) -> None:
    match event:
        case Done(step=step):
            note(f"done     {step}")
        case Failed(step=step, message=message):
            note(f"failed   {step}: {message}")
        case Skipped(step=step, reason=reason):
            note(f"skipped  {step}: {reason}")
        case Started():
            pass
