"""Turns: in order, none lost, whoever is stopped while waiting."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harborconf.harbor.gate import Gate, Lane, Pace
from harborconf.harbor.limiter import Limiter
from unit.harbor.fake import Sleeps


def gate_of(most: int) -> Gate:
    return Gate(most, Limiter(most), Pace(), sleep=Sleeps())


@given(st.integers(1, 4), st.lists(st.tuples(st.booleans(), st.booleans()), max_size=30))
def test_no_turn_is_lost_and_none_is_out_of_order(
    most: int, requests: list[tuple[bool, bool]]
) -> None:
    gate = gate_of(most)
    served: dict[bool, list[int]] = {True: [], False: []}

    async def work(number: int, *, idles: bool) -> None:
        async with gate.idle if idles else gate.busy:
            assert gate.idle.under_way + gate.busy.under_way <= most
            served[idles].append(number)
            await asyncio.sleep(0)

    async def run() -> None:
        tasks = [
            asyncio.ensure_future(work(number, idles=idles))
            for number, (idles, _) in enumerate(requests)
        ]
        await asyncio.sleep(0)
        for number, (task, (_, is_stopped)) in enumerate(zip(tasks, requests, strict=True)):
            if is_stopped:
                task.cancel()
            if number % 3 == 0:
                await asyncio.sleep(0)
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(run())
    assert (gate.idle.under_way, gate.busy.under_way) == (0, 0)
    assert all(numbers == sorted(numbers) for numbers in served.values())
    kept = {number for number, (_, is_stopped) in enumerate(requests) if not is_stopped}
    assert kept <= {*served[True], *served[False]}


async def under_way(gate: Gate, idle: int, busy: int) -> tuple[int, int]:
    """How many of each are let in of so many."""

    async def work(lane: Lane) -> None:
        async with lane:
            await asyncio.sleep(60)

    lanes = [gate.idle] * idle + [gate.busy] * busy
    tasks = [asyncio.ensure_future(work(lane)) for lane in lanes]
    for _ in range(3):
        await asyncio.sleep(0)
    found = gate.idle.under_way, gate.busy.under_way
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return found


@pytest.mark.parametrize(
    ("most", "limit", "waiting", "let_in"),
    [
        (32, 4, (99, 99), (16, 4)),
        (32, 32, (0, 99), (0, 32)),
        (32, 32, (3, 99), (3, 29)),
        (32, 1, (99, 99), (4, 1)),
        (32, 4, (99, 0), (16, 0)),
        (3, 3, (9, 9), (1, 2)),
        (1, 1, (9, 0), (1, 0)),
        (1, 1, (9, 9), (1, 0)),
    ],
)
def test_requests_over_which_harbor_idles_are_not_in_the_way_of_others(
    most: int, limit: int, waiting: tuple[int, int], let_in: tuple[int, int]
) -> None:
    gate = gate_of(most)
    gate._limiter.limit = limit
    assert asyncio.run(under_way(gate, *waiting)) == let_in


def test_who_is_stopped_while_keeping_the_pace_gives_the_turn_back() -> None:
    async def run() -> None:
        gate = Gate(1, Limiter(1), Pace())
        gate.pace.hold(1e12)

        async def work() -> None:
            async with gate.busy:
                raise AssertionError

        task = asyncio.ensure_future(work())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert gate.busy.under_way == 1
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert gate.busy.under_way == 0

    asyncio.run(run())


def test_a_hold_lets_nobody_begin_and_counts_on() -> None:
    pace = Pace(most_a_second=10)
    assert pace.turn(5.0) == 0
    assert round(pace.turn(5.0), 3) == 0.1
    pace.hold(7.0)
    pace.hold(6.0)
    assert [round(pace.turn(5.0), 3) for _ in range(2)] == [2.0, 2.1]
    assert pace.turn(9.0) == 0
