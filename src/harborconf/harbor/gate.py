"""Where requests wait for their turn: for a place among those under way, and for the pace."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from harborconf.harbor.limiter import Limiter


IDLE_FOR_BUSY = 4
"""How many requests may be under way that Harbor idles over, for each that keeps it busy."""


class Pace:
    """When requests may be sent: not more a second than this, and not sooner than Harbor asked."""

    def __init__(self, most_a_second: float | None = None) -> None:
        self._apart = 1.0 / most_a_second if most_a_second else 0.0
        self._free = 0.0

    def turn(self, now: float) -> float:
        """Take the next turn: the seconds until then."""
        begins = max(now, self._free)
        self._free = begins + self._apart
        return begins - now

    def hold(self, until: float) -> None:
        """Let nobody begin before."""
        self._free = max(self._free, until)


class Gate:
    """Turns in the order in which they were asked for, at this pace.

    At most `most` requests are under way, and of those that keep Harbor busy as many as the
    limiter says. Those over which it idles are in nobody's way: half of all places are theirs.
    """

    def __init__(
        self,
        most: int,
        limiter: Limiter,
        pace: Pace,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.pace = pace
        self.busy = Lane(self)
        self.idle = Lane(self)
        self._most = most
        self._limiter = limiter
        self._sleep = sleep

    async def keep_pace(self) -> None:
        """Wait until the pace allows another request."""
        wait = self.pace.turn(time.monotonic())
        if wait > 0:
            await self._sleep(wait)

    def admit(self) -> None:
        """Let in whom there is room for."""
        half, limit = max(1, self._most // 2), int(self._limiter.limit)
        room = min(half, IDLE_FOR_BUSY * limit, self._most - self.busy.under_way)
        self.idle.let_in(room)
        kept = max(half, self.idle.under_way) if self.idle.waiting else self.idle.under_way
        self.busy.let_in(min(limit, self._most - kept))


class Lane:
    """One of the two lines of a gate: entered with `async with`."""

    def __init__(self, gate: Gate) -> None:
        self.under_way = 0
        self.waiting: deque[asyncio.Future[None]] = deque()
        self._gate = gate

    def let_in(self, most: int) -> None:
        """Let in who waits, until so many are under way."""
        while self.waiting and self.under_way < most:
            place = self.waiting.popleft()
            if not place.done():
                place.set_result(None)
                self.under_way += 1

    async def __aenter__(self) -> None:
        place = asyncio.get_running_loop().create_future()
        self.waiting.append(place)
        self._gate.admit()
        try:
            await place
            await self._gate.keep_pace()
        except asyncio.CancelledError:
            if not place.cancelled():
                self._leave()
            raise

    async def __aexit__(self, *_: object) -> None:
        self._leave()

    def _leave(self) -> None:
        self.under_way -= 1
        self._gate.admit()
