"""How many requests are sent at once, and how soon: as many as Harbor answers without a queue.

How it is found out is the gradient limit of Netflix's concurrency-limits, after TCP Vegas: where
replies take longer than the fastest of their sort, requests wait in Harbor, and more of them at
once would only wait longer, and keep others waiting.
"""

from __future__ import annotations

from math import inf, sqrt
from statistics import median

START = 4
"""Requests at once to begin with: few, as what is seen first is taken for an idle Harbor's."""

ROUND = 8
"""Fewest replies from which the limit is set anew."""

TOLERANCE = 2.0
"""How many times longer than the fastest of its sort a reply may take."""

AFRESH_SECONDS = 10.0
"""How long a fastest reply counts: a server is not as fast for ever as it was."""


class Limiter:
    """How many requests may be under way, from 1 to `most`, given what became of earlier ones."""

    def __init__(self, most: int) -> None:
        self.limit = float(min(START, most))
        self._most = most
        self._fastest: dict[object, float] = {}
        self._since = 0.0
        self._cut = -inf
        self._grows_fast = True
        self._slower: list[float] = []
        self._busiest = 0

    def succeeded(self, now: float, seconds: float, sort: object, under_way: int) -> None:
        """A reply came at `now` after so many seconds, while so many requests were under way.

        Requests of one sort take as long where nothing waits.
        """
        if now - self._since > AFRESH_SECONDS:
            self._afresh(now)
        fastest = self._fastest[sort] = min(self._fastest.get(sort, inf), max(seconds, 1e-6))
        self._slower.append(max(seconds, 1e-6) / fastest)
        self._busiest = max(self._busiest, under_way)
        if len(self._slower) >= max(ROUND, self.limit):
            self._adjust()

    def failed(self, now: float, begun: float) -> None:
        """Harbor refused for load, or did not answer, a request that had begun at `begun`.

        Those that were under way together count once.
        """
        self._grows_fast = False
        if begun >= self._cut:
            self._cut = now
            self._set(self.limit / 2)

    def _adjust(self) -> None:
        """In proportion fewer as replies are slower, and some more, to try whether those go too.

        Not more than that where the limit has kept nobody waiting.
        """
        gradient = max(min(TOLERANCE / median(self._slower), 1.0), 0.5)
        self._grows_fast = self._grows_fast and gradient == 1.0
        if gradient == 1.0 and self._busiest < int(self.limit):
            self._begin_round()
        else:
            more = self.limit if self._grows_fast else sqrt(self.limit)
            self._set(gradient * self.limit + more)

    def _afresh(self, now: float) -> None:
        """Find out again how fast an idle Harbor is, with few at once.

        So few that a queue of our own, which TOLERANCE allows, is not taken for how it is.
        """
        if self._fastest:
            self._set(self.limit / (2 * TOLERANCE))
        self._fastest.clear()
        self._since = now

    def _set(self, limit: float) -> None:
        self.limit = min(max(limit, 1.0), float(self._most))
        self._begin_round()

    def _begin_round(self) -> None:
        self._slower = []
        self._busiest = 0
