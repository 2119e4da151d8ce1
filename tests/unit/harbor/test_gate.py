"""Turns: in order, none lost, whoever is stopped while waiting."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from harborconf.harbor.gate import Gate, Pace
from harborconf.harbor.limiter import Limiter
from unit.harbor.fake import Sleeps


def gate_of(most: int) -> Gate:
    return Gate(Limiter(most), Pace(), sleep=Sleeps())


@given(st.integers(1, 4), st.lists(st.booleans(), max_size=30))
def test_no_turn_is_lost_and_none_is_out_of_order(most: int, stopped: list[bool]) -> None:
    gate = gate_of(most)
    served: list[int] = []

    async def work(number: int) -> None:
        async with gate:
            assert gate.under_way <= most
            served.append(number)
            await asyncio.sleep(0)

    async def run() -> None:
        tasks = [asyncio.ensure_future(work(number)) for number in range(len(stopped))]
        await asyncio.sleep(0)
        for number, (task, is_stopped) in enumerate(zip(tasks, stopped, strict=True)):
            if is_stopped:
                task.cancel()
            if number % 3 == 0:
                await asyncio.sleep(0)
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(run())
    assert gate.under_way == 0
    assert served == sorted(served)
    assert {number for number, is_stopped in enumerate(stopped) if not is_stopped} <= {*served}


def test_who_is_stopped_while_keeping_the_pace_gives_the_turn_back() -> None:
    async def run() -> None:
        gate = Gate(Limiter(1), Pace(), sleep=asyncio.sleep)
        gate.pace.hold(1e12)

        async def work() -> None:
            async with gate:
                raise AssertionError

        task = asyncio.ensure_future(work())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert gate.under_way == 1
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert gate.under_way == 0

    asyncio.run(run())


def test_a_hold_lets_nobody_begin_and_counts_on() -> None:
    pace = Pace(most_a_second=10)
    assert pace.turn(5.0) == 0
    assert round(pace.turn(5.0), 3) == 0.1
    pace.hold(7.0)
    pace.hold(6.0)
    assert [round(pace.turn(5.0), 3) for _ in range(2)] == [2.0, 2.1]
    assert pace.turn(9.0) == 0
