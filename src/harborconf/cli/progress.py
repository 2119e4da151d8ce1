"""Progress on standard error: of reading, where it takes long, and of apply.

On a terminal it stands in one place and is taken away again; elsewhere it is lines.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from harborconf.cli.console import console, note
from harborconf.engine.apply import Done, Event, Failed, Skipped, Started

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def is_in_place(stream: TextIO) -> bool:
    """Whether what is told there can be taken away again."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


class Reading:
    """How far reading is, told when it takes long, and then now and again."""

    def __init__(
        self, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.stream = sys.stderr if stream is None else stream
        self.clock = clock
        self.in_place = is_in_place(self.stream)
        self.every = 0.2 if self.in_place else 10.0  # seconds
        self.begun = clock()
        self.next = self.begun + (1.0 if self.in_place else self.every)
        self.is_shown = False

    def __call__(self, done: int, known: int) -> None:
        """Tell it, if it is time."""
        now = self.clock()
        if done == known:
            self.clear()
        elif now >= self.next:
            self.next = now + self.every
            line = self.line(done, known, now - self.begun)
            self.is_shown = self.in_place
            self._write(f"{_CLEARED}{line}" if self.in_place else f"{line}\n")

    def line(self, done: int, known: int, spent: float) -> str:
        """What is told after so many seconds."""
        left = f"about {spent / done * (known - done):.0f} s left"
        return f"reading Harbor: {done} of {known}, {done / spent:.0f} a second, {left}"

    def clear(self) -> None:
        """Take away what stands on the terminal."""
        if self.is_shown:
            self.is_shown = False
            self._write(_CLEARED)

    def _write(self, text: str) -> None:
        self.stream.write(text)
        self.stream.flush()


_CLEARED = "\r\x1b[K"


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
    if line := told(event):
        note(line)


def told(event: Event) -> str:
    """An event as a line, or nothing where it need not be told."""
    match event:
        case Done(step=step):
            return f"done     {step}"
        case Failed(step=step, message=message):
            return f"failed   {step}: {message}"
        case Skipped(step=step, reason=reason):
            return f"skipped  {step}: {reason}"
        case Started():
            return ""
