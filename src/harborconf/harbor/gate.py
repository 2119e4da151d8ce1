"""Where requests wait for their turn: for a place among those under way, and for the pace."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from harborconf.harbor.limiter import Limiter


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
    """At most `limiter.limit` at once, in the order in which they came, and at this pace."""

    def __init__(
        self,
        limiter: Limiter,
        pace: Pace,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.limiter = limiter
        self.pace = pace
        self.under_way = 0
        self._sleep = sleep
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def __aenter__(self) -> None:
        place = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        self._admit()
        try:
            await place
            wait = self.pace.turn(time.monotonic())
            if wait > 0:
                await self._sleep(wait)
        except asyncio.CancelledError:
            if not place.cancelled():
                self._leave()
            raise

    async def __aexit__(self, *_: object) -> None:
        self._leave()

    def _leave(self) -> None:
        self.under_way -= 1
        self._admit()

    def _admit(self) -> None:
        while self._waiting and self.under_way < int(self.limiter.limit):
            place = self._waiting.popleft()
            if not place.done():
                place.set_result(None)
                self.under_way += 1
