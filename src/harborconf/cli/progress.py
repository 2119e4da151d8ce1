"""Progress on standard error: of reading, where it takes long, and of apply.

On a terminal it stands in one place and is taken away again; elsewhere it is lines.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from harborconf.cli.console import note
from harborconf.engine.apply import Done, Event, Failed, Skipped, Started
from harborconf.report.safe import safe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def is_in_place(stream: TextIO) -> bool:
    """Whether what is told there can be taken away again."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


FEW = 100
"""So many steps are each told of where there is no terminal; of more, how far they are."""


class Progress:
    """How far something is, told when it takes `after` seconds, and then now and again."""

    def __init__(
        self,
        doing: str,
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
        *,
        after: float = 1.0,
    ) -> None:
        self.doing = doing
        self.stream = sys.stderr if stream is None else stream
        self.clock = clock
        self.in_place = is_in_place(self.stream)
        self.every = 0.2 if self.in_place else 10.0  # seconds
        self.begun = clock()
        self.next = self.begun + (after if self.in_place else self.every)
        self.is_shown = False

    def __call__(self, done: int, known: int, now_at: str = "") -> None:
        """Tell it, if it is time; in place also what it is at now."""
        now = self.clock()
        if done == known:
            self.clear()
        elif now >= self.next:
            self.next = now + self.every
            line = self.line(done, known, now - self.begun)
            self.is_shown = self.in_place
            if self.in_place:
                line = safe(f"{line}  {now_at}".rstrip())[: shutil.get_terminal_size().columns - 1]
            self._write(f"{_CLEARED}{line}" if self.in_place else f"{line}\n")

    def line(self, done: int, known: int, spent: float) -> str:
        """What is told after so many seconds."""
        line = f"{self.doing}: {done} of {known}"
        if not done or not spent:
            return line
        left = f"about {spent / done * (known - done):.0f} s left"
        return f"{line}, {done / spent:.0f} a second, {left}"

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
def applying(total: int) -> Iterator[Callable[[Event], None]]:
    """A callback for apply's events. What failed is told at once where it stays."""
    progress = Progress("applying", after=0.0)
    tells_each = not progress.in_place and total <= FEW
    ended = 0

    def on_event(event: Event) -> None:
        nonlocal ended
        ended += not isinstance(event, Started)
        if not progress.in_place and (tells_each or isinstance(event, Failed | Skipped)):
            _line(event)
        if not tells_each:
            progress(ended, total, str(event.step))

    try:
        yield on_event
    finally:
        progress.clear()


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
