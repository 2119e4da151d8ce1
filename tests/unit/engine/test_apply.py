"""Running steps: order, failures, stopping. The kind here does as the step's name says."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from harborconf.engine.apply import Done, Event, Failed, Result, Skipped, Started, Stop, apply
from harborconf.errors import ConflictError, RefusedError
from harborconf.kinds.catalog import BY_NAME
from harborconf.kinds.resource import Step
from harborconf.spec.address import Address
from unit.kinds.workbench import workbench

REFUSED = RefusedError("no", advice="ask again")
CONFLICT = ConflictError("it exists", status=409, method="POST", path="/labels")


class Work:
    """What steps do instead of asking Harbor, and what was seen of it."""

    def __init__(self, errors: dict[str, Exception]) -> None:
        self.errors = errors
        self.order: list[str] = []
        self.at_once = self.most_at_once = 0
        self.stop = Stop()
        self.stop_at = ""

    async def run(self, _bench: object, step: Step) -> None:
        name = str(step.address.name)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        self.order.append(name)
        self.stop.wanted = self.stop.wanted or name == self.stop_at
        if name in self.errors:
            raise self.errors[name]


def step(name: str, needs: Iterable[str] = ()) -> Step:
    before = frozenset((Address("label", need), "create") for need in needs)
    return Step("create", Address("label", name), needs=before)


def run(
    steps: Sequence[Step],
    monkeypatch: pytest.MonkeyPatch,
    *,
    concurrency: int = 8,
    stop_at: str = "",
    **errors: Exception,
) -> tuple[Result, Work, list[Event]]:
    work = Work(errors)
    work.stop_at = stop_at
    monkeypatch.setattr(type(BY_NAME["label"]), "run", lambda _, bench, one: work.run(bench, one))
    events: list[Event] = []
    bench, _ = workbench()
    result = asyncio.run(
        apply(steps, bench, on_event=events.append, concurrency=concurrency, stop=work.stop)
    )
    return result, work, events


def names(found: Iterable[Any]) -> list[str]:
    return sorted(str((getattr(one, "step", one)).address.name) for one in found)


DIAMOND = [step("d", "bc"), step("b", "a"), step("c", "a"), step("a")]


def test_each_after_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    result, work, events = run(DIAMOND, monkeypatch)
    assert result.is_complete
    assert work.order in (["a", "b", "c", "d"], ["a", "c", "b", "d"])
    assert names(result.done) == ["a", "b", "c", "d"]
    assert [type(event) for event in events].count(Started) == 4
    assert isinstance(events[0], Started)
    assert isinstance(events[-1], Done)


@pytest.mark.parametrize(("concurrency", "expected"), [(1, 1), (3, 3), (99, 10)])
def test_no_more_at_once_than_told(
    concurrency: int, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = [step(str(number)) for number in range(10)]
    _, work, _ = run(steps, monkeypatch, concurrency=concurrency)
    assert work.most_at_once == expected


def test_a_failure_stops_what_depends_on_it_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    steps = [*DIAMOND, step("e", "d"), step("x"), step("y", "x")]
    result, work, _ = run(steps, monkeypatch, b=CONFLICT)
    assert not result.is_complete
    assert names(result.done) == ["a", "c", "x", "y"]
    assert result.failed == (Failed(step("b", "a"), "POST /labels: 409 it exists"),)
    assert result.skipped == (
        Skipped(step("d", "bc"), "it needs create label/b"),
        Skipped(step("e", "d"), "it needs create label/d"),
    )
    assert "d" not in work.order


@pytest.mark.parametrize(
    ("error", "message", "advice"),
    [
        (REFUSED, "no", "ask again"),
        (
            KeyError("id"),
            "Harbor's reply was not understood: KeyError: 'id'",
            "run again with -v, and report this",
        ),
    ],
)
def test_what_a_failure_says(
    error: Exception, message: str, advice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    result, _, events = run([step("a"), step("b")], monkeypatch, a=error)
    assert result.failed == (Failed(step("a"), message, advice),)
    assert names(result.done) == ["b"]
    assert result.failed[0] in events


def test_what_python_says_of_a_reply_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    result, _, _ = run([step("a")], monkeypatch, a=ValueError("not a number: 'Hidden-1234'"))
    (failed,) = result.failed
    assert failed.message.startswith("Harbor's reply was not understood: ValueError in ")
    assert "Hidden" not in failed.message


def test_after_a_wish_to_stop_nothing_new_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = [step("a"), step("b"), step("c", "b"), step("d", "a"), step("e")]
    result, work, _ = run(steps, monkeypatch, concurrency=2, stop_at="a")
    assert set(work.order) == {"a", "b"}  # b was under way
    assert names(result.done) == ["a", "b"]
    assert {one.reason for one in result.skipped} == {"stopped on request"}
    assert names(result.skipped) == ["c", "d", "e"]


def test_nothing_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    result, work, events = run([], monkeypatch)
    assert result == Result()
    assert result.is_complete
    assert (work.order, events) == ([], [])


def test_what_completes_a_step_is_done_although_the_run_is_to_stop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rest = [replace(step(name, need), completes=True) for name, need in (("b", "a"), ("d", "c"))]
    result, _, _ = run([step("a"), step("c"), *rest], monkeypatch, concurrency=1, stop_at="a")
    assert names(result.done) == ["a", "b"]
    assert [one.reason for one in result.skipped] == [
        "stopped on request",
        "it needs create label/c",
    ]
