"""How many requests at once: within bounds, near what a server can do, and back again."""

from __future__ import annotations

import heapq
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harborconf.harbor.limiter import AFRESH_SECONDS, START, Limiter

MOST = 64


class Server:
    """Answers so many requests side by side, each in so many seconds; others wait in line.

    A reply travels for so many seconds. Time is counted, not spent.
    """

    def __init__(self, limiter: Limiter, units: int, seconds: float, travel: float = 0.0) -> None:
        self.limiter = limiter
        self.seconds = seconds
        self.travel = travel
        self.now = 0.0
        self.done = 0
        self._free = [0.0] * units
        self._under_way: list[tuple[float, int, float]] = []
        self._numbers = count()

    def run(self, seconds: float) -> None:
        """Keep as many under way as the limiter says."""
        until = self.now + seconds
        while self.now < until:
            while len(self._under_way) < int(self.limiter.limit):
                begins = max(heapq.heappop(self._free), self.now)
                heapq.heappush(self._free, begins + self.seconds)
                ends = begins + self.seconds + self.travel
                heapq.heappush(self._under_way, (ends, next(self._numbers), self.now))
            under_way = len(self._under_way)
            self.now, _, begun = heapq.heappop(self._under_way)
            self.done += 1
            self.limiter.succeeded(self.now, self.now - begun, "reads", under_way)

    def fail(self) -> None:
        self.limiter.failed(self.now, self.now)


@pytest.mark.parametrize(
    ("units", "travel"), [(1, 0.0), (2, 0.0), (4, 0.0), (8, 0.0), (16, 0.0), (2, 0.01), (4, 0.02)]
)
def test_it_finds_what_a_server_can_do_and_no_long_queue(units: int, travel: float) -> None:
    limiter = Limiter(MOST)
    server = Server(limiter, units, 0.002, travel)
    server.run(1.0)
    at_first = server.done
    server.run(4.0)
    capacity = units / 0.002
    busy = units * (1 + travel / 0.002)  # under way where all work and nobody waits
    assert (server.done - at_first) / 4.0 > 0.95 * capacity
    assert at_first > 0.85 * capacity
    assert busy <= limiter.limit <= 3 * busy + 4


def test_it_goes_up_to_the_most_where_nothing_waits() -> None:
    limiter = Limiter(16)
    Server(limiter, 100, 0.002).run(0.1)
    assert limiter.limit == 16


def test_it_does_not_grow_where_it_is_not_needed() -> None:
    limiter = Limiter(MOST)
    for now in range(9000):
        limiter.succeeded(now / 1000, 0.01, "reads", 2)
    assert limiter.limit <= START


def test_refusals_of_one_moment_count_once_and_those_after_it_again() -> None:
    limiter = Limiter(START)
    for now in (1.0, 1.1, 1.2):
        limiter.failed(now, begun=0.5)
    assert limiter.limit == START / 2
    limiter.failed(1.3, begun=1.25)
    assert limiter.limit == START / 4


def test_after_refusals_it_recovers() -> None:
    limiter = Limiter(MOST)
    server = Server(limiter, 8, 0.002)
    server.run(1.0)
    for _ in range(20):
        server.fail()
    assert limiter.limit == 1
    server.run(1.0)
    assert limiter.limit >= 8


def test_it_follows_a_server_that_becomes_slower_and_quicker() -> None:
    limiter = Limiter(MOST)
    server = Server(limiter, 8, 0.001)
    server.run(1.0)
    found = limiter.limit
    server.seconds = 0.004
    server.run(0.5)
    assert limiter.limit < found / 2
    server.run(2 * AFRESH_SECONDS)  # by then that is how it is
    assert limiter.limit >= 8
    server.seconds = 0.001
    server.run(4 * AFRESH_SECONDS)
    assert 8 <= limiter.limit <= 4 * 8


def test_slow_requests_of_another_sort_are_no_sign_of_a_queue() -> None:
    limiter = Limiter(16)
    for number in range(200):
        sort, seconds = ("quotas", 0.17) if number % 5 else ("members", 0.002)
        limiter.succeeded(number / 100, seconds, sort, int(limiter.limit))
    assert limiter.limit == 16


outcomes = st.tuples(
    st.sampled_from(["ok", "failed"]), st.floats(0, 60), st.floats(0, 30), st.integers(1, MOST)
)


@given(st.integers(1, MOST), st.lists(outcomes, max_size=200))
def test_it_stays_within_its_bounds_and_grows_again(
    most: int, happened: list[tuple[str, float, float, int]]
) -> None:
    limiter = Limiter(most)
    now = 0.0
    for outcome, later, seconds, under_way in happened:
        now += later
        if outcome == "ok":
            limiter.succeeded(now, seconds, under_way % 3, under_way)
        else:
            limiter.failed(now, now - seconds)
        assert 1 <= limiter.limit <= most
    grown = False  # it is found out afresh now and again, perhaps just before the end
    for _ in range(9 * MOST * MOST):
        now += 0.0001
        limiter.succeeded(now, 0.002, "new", int(limiter.limit))
        grown |= limiter.limit == most
    assert grown
