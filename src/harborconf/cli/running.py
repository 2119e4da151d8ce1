"""Running what talks to Harbor, so that a termination ends it as Ctrl-C does: with a logout."""

from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from harborconf.cli.console import note
from harborconf.engine.apply import Stop

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

T = TypeVar("T")
_SIGNALS = (signal.SIGINT, signal.SIGTERM)
TERMINATED = 128 + signal.SIGTERM


class _TerminatedError(Exception):
    """The process was asked to end."""


def run(work: Coroutine[Any, Any, T]) -> T:
    """What the work brings.

    Raises:
        KeyboardInterrupt: Ctrl-C came first.
        SystemExit: a termination did.
    """
    brought: list[T] = []
    try:
        asyncio.run(_until_terminated(work, brought))
    except _TerminatedError:
        sys.exit(TERMINATED)
    return brought[0]


class Stopping:
    """Turns the first Ctrl-C or TERM into a wish to stop, while it is entered.

    `number` is that of the signal that came, or 0; `then` is called when it comes.
    """

    def __init__(self, then: Callable[[], None] = lambda: None) -> None:
        self.stop = Stop()
        self.number = 0
        self._then = then

    def __enter__(self) -> None:
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            loop.add_signal_handler(number, self._take, number)

    def __exit__(self, *_: object) -> None:
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            loop.remove_signal_handler(number)

    def _take(self, number: int) -> None:
        self.number = number
        if not self.stop.wanted:
            note("stopping: what is in flight is finished first")
            self.stop.wanted = True
            self._then()


async def _until_terminated(work: Coroutine[Any, Any, T], brought: list[T]) -> None:
    """Put what the work brings into a list: asyncio.run spells out what a coroutine returns."""
    task = asyncio.current_task()
    ended: list[int] = []

    def end(number: int) -> None:
        ended.append(number)
        assert task is not None
        task.cancel()

    with suppress(RuntimeError, ValueError):  # not in the main thread
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, end, signal.SIGTERM)
    try:
        brought.append(await work)
    except asyncio.CancelledError:
        if ended:
            raise _TerminatedError from None
        raise
