"""What takes long says how far it is; what is quick says nothing."""

from __future__ import annotations

import io
from collections.abc import Iterable

import pytest

from harborconf.cli.progress import FEW, Progress, applying
from harborconf.cli.targets import _Counting
from harborconf.engine.apply import Done, Failed, Started
from harborconf.kinds.resource import Step
from harborconf.report.run import Run
from harborconf.spec.address import Address


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def told(stream: io.StringIO, reads: Iterable[tuple[float, int, int]]) -> str:
    """What is written when so many reads of so many are done after so many seconds."""
    now = 0.0
    reading = Progress("reading Harbor", stream, lambda: now)
    for seconds, done, known in reads:
        now = seconds
        reading(done, known)
    reading.clear()
    return stream.getvalue()


@pytest.mark.parametrize("stream", [io.StringIO(), Terminal()])
def test_what_is_quick_says_nothing(stream: io.StringIO) -> None:
    assert told(stream, [(0.1, 1, 2), (0.9, 2, 9), (0.95, 9, 9)]) == ""


def test_elsewhere_it_is_a_line_now_and_again() -> None:
    reads = [(9.0, 9, 100), (10.0, 20, 100), (11.0, 21, 100), (20.0, 50, 100), (30.0, 100, 100)]
    assert told(io.StringIO(), reads).splitlines() == [
        "reading Harbor: 20 of 100, 2 a second, about 40 s left",
        "reading Harbor: 50 of 100, 2 a second, about 20 s left",
    ]


def test_on_a_terminal_it_stands_in_one_place_and_is_taken_away() -> None:
    reads = [(1.0, 10, 30), (1.1, 11, 30), (2.0, 20, 30), (3.0, 30, 30)]
    written = told(Terminal(), reads)
    assert written.split("\r\x1b[K") == [
        "",
        "reading Harbor: 10 of 30, 10 a second, about 2 s left",
        "reading Harbor: 20 of 30, 10 a second, about 1 s left",
        "",
    ]


def test_of_a_reading_that_failed_nothing_stays_on_the_terminal() -> None:
    assert told(Terminal(), [(2.0, 10, 30)]).endswith("\r\x1b[K")


def test_a_dumb_terminal_gets_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    assert told(Terminal(), [(2.0, 2, 30), (20.0, 20, 30)]).count("\n") == 1


def applied(total: int, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What is told, not on a terminal, of so many steps of which the last one fails."""
    steps = [Step("create", Address("label", f"l-{number}")) for number in range(total)]
    with applying(total) as on_event:
        for one in steps:
            on_event(Started(one))
        for one in steps[:-1]:
            on_event(Done(one))
        on_event(Failed(steps[-1], "no"))
    return capsys.readouterr().err.splitlines()


def test_of_few_steps_each_is_told_and_of_many_what_failed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    few = applied(FEW, capsys)
    assert few[0] == "done     create label/l-0"
    assert few[-1] == f"failed   create label/l-{FEW - 1}: no"
    assert len(few) == FEW
    assert applied(FEW + 1, capsys) == [f"failed   create label/l-{FEW}: no"]


def test_a_line_on_a_terminal_is_no_longer_than_its_width(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    stream = Terminal()
    now = iter([0.0, 5.0])
    Progress("applying", stream, lambda: next(now))(1, 9, "create project/" + "x" * 99)
    line = stream.getvalue().removeprefix("\r\x1b[K")
    assert line == "applying: 1 of 9, 0 a second, about 40 s"[:39]


def test_of_a_fleet_it_names_who_is_under_way() -> None:
    counting = _Counting(
        {
            "done": Run("plan", 1.0, seconds=2.0),
            "bad": Run("plan", 1.0, seconds=2.0, errors=("no",)),
            "slow": Run("plan", 1.0),
            "later": Run("plan", 0.0),
        }
    )
    told = "fleet: 2 of 4 targets done, 1 with errors; under way: slow"
    assert counting.line(2, 4, 5.0) == told
