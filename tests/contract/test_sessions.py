"""A session, a credential or a part of Harbor that is lost in the middle: a right plan, or none."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from contract.case import CHANGES, VERSION, Case, case, planned
from contract.snapshot import snapshot
from contract.target import WORD, Target, simulated
from contract.tool import Outcome, said
from harborconf.errors import HarborError
from harborconf.simulator import Request


@pytest.fixture(scope="module")
def alone() -> Iterator[Target]:
    """A Harbor of this module's own."""
    with simulated(VERSION) as target:
        yield target


@pytest.fixture(autouse=True)
def nothing_is_printed(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """What nobody waits for any more must not be reported by asyncio, which prints tracebacks."""
    yield
    gc.collect()
    assert [record.getMessage() for record in caplog.get_records("call")] == []


class Nth:
    """Does something before the n-th request, and before every later one if it is to last."""

    def __init__(self, number: int, fault: Callable[[], object], *, lasts: bool = False) -> None:
        self.number = number
        self.fault = fault
        self.lasts = lasts
        self.seen = 0

    def __call__(self, _: Request) -> None:
        self.seen += 1
        if self.seen == self.number or (self.lasts and self.seen > self.number):
            self.fault()


def requests_of(one: Case, run: Callable[[], object]) -> int:
    """How many requests a run makes."""
    count = Nth(0, lambda: None)
    with one.with_fault(count):
        run()
    return count.seen


def test_a_session_lost_while_reading_gives_the_right_plan(alone: Target, tmp_path: Path) -> None:
    with case(alone, tmp_path) as one:
        expected = said(one.tool.plan(one.text))
        assert len(expected) == CHANGES
        number = requests_of(one, lambda: one.tool.plan(one.text))
        refused = 0
        for n in range(1, number + 8):
            with one.with_fault(Nth(n, one.state.expire_sessions)):
                refused += not planned(one.tool, one.text, expected)
        assert refused <= 2


FAULTS = ("sessions", "redis", "database", "password", "user")


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_lost_for_good_ends_the_run_and_gives_no_plan(
    fault: str, alone: Target, tmp_path: Path
) -> None:
    with case(alone, tmp_path) as one:
        boss = one.target.add_user("boss")
        (user,) = (row for row in one.target.users() if row["username"] == boss)
        flag = f"/users/{user['user_id']}/sysadmin"
        one.target.raw.write("PUT", flag, {"sysadmin_flag": True})
        tool = one.tool.be(boss, WORD)
        expected = said(tool.plan(one.text))
        number = requests_of(one, lambda: tool.plan(one.text))
        faults: dict[str, Callable[[], object]] = {
            "sessions": one.state.expire_sessions,
            "redis": lambda: setattr(one.state, "redis_down", True),
            "database": lambda: setattr(one.state, "database_down", True),
            "password": lambda: _lose(one, user["user_id"], delete=False),
            "user": lambda: _lose(one, user["user_id"], delete=True),
        }
        plans = 0
        for n in range(1, number + 1):
            with one.with_fault(Nth(n, faults[fault], lasts=True)):
                plans += planned(tool, one.text, expected)
            _restore(one, user)
        assert plans <= 1, "only where nothing is left to read"


def _lose(one: Case, number: int, *, delete: bool) -> None:
    row = one.state.users.rows.get(number)
    if row is not None:
        row["password"] = "Another1Word"
        one.state.expire_sessions()
        if delete:
            row["sysadmin_flag"] = False


def _restore(one: Case, user: dict[str, int]) -> None:
    row = one.state.users.rows[user["user_id"]]
    row |= {"password": WORD, "sysadmin_flag": True}


def test_a_robot_that_expires_while_reading_gives_no_plan(alone: Target, tmp_path: Path) -> None:
    """To an expired robot Harbor lists what is public, with 200."""
    with case(alone, tmp_path) as one:
        everything = one.target.raw.get("/permissions")
        made = one.target.add_robot(
            *(
                {"kind": kind, "namespace": namespace, "access": everything[kind]}
                for kind, namespace in (("system", "/"), ("project", "*"))
            )
        )
        tool = one.tool.be(made["name"], made["secret"])
        expected = said(tool.plan(one.text))
        number = requests_of(one, lambda: tool.plan(one.text))
        row = one.state.robots.rows[made["id"]]
        ends = row["expires_at"]
        for n in range(1, number + 1):
            with one.with_fault(Nth(n, lambda: one.state.expire_robot(made["id"]))):
                assert n == number or not planned(tool, one.text, expected)
            row["expires_at"] = ends


def test_a_session_lost_while_applying_is_had_again(alone: Target, tmp_path: Path) -> None:
    with case(alone, tmp_path / "count") as one:
        number = requests_of(one, lambda: one.tool.apply(one.text))
    for n in range(1, number + 1, 2):
        with case(alone, tmp_path / str(n)) as one:
            outcome: Outcome | None = None
            with one.with_fault(Nth(n, one.state.expire_sessions)):
                try:
                    outcome = one.tool.apply(one.text)
                except HarborError:
                    assert n < number
            if outcome is not None:
                assert not [str(failed) for failed in outcome.result.failed], n
            one.tool.converge(one.text)


def test_in_read_only_mode_a_plan_is_made_and_nothing_written(
    alone: Target, tmp_path: Path
) -> None:
    with case(alone, tmp_path) as one:
        expected = said(one.tool.plan(one.text))
        before = snapshot(one.target)
        one.state.settings["read_only"] = True
        try:
            assert said(one.tool.plan(one.text)) == expected
            outcome = one.tool.apply(one.text)
        finally:
            one.state.settings["read_only"] = False
        assert outcome.result.done == ()
        assert all("read only" in failed.message for failed in outcome.result.failed)
        assert snapshot(one.target) == before


@pytest.mark.parametrize(
    ("part", "words"),
    [("database_down", "database"), ("redis_down", "Redis")],
)
def test_a_part_of_harbor_that_is_down_is_named(
    part: str, words: str, alone: Target, tmp_path: Path
) -> None:
    with case(alone, tmp_path) as one, one.with_fault(None):
        setattr(one.state, part, True)
        with pytest.raises(HarborError) as caught:
            one.tool.plan(one.text)
        assert words in f"{caught.value} {caught.value.advice}"
