"""How long to wait, and after what."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from harborconf.harbor.reply import Response
from harborconf.harbor.retry import is_turned_away, wait_before


def asking(after: str) -> Response:
    return Response(503, CIMultiDictProxy(CIMultiDict({"Retry-After": after})), b"")


@pytest.mark.parametrize(
    ("after", "least", "most"),
    [
        ("0", 0, 0),
        ("7", 7, 7),
        ("3600", 30, 30),
        ("Tue, 24 Nov 2020 15:00:00 -0000", 0, 0),
        ("soon", 0.1, 0.25),
        ("-5", 0.1, 0.25),
        ("", 0.1, 0.25),
    ],
)
def test_what_the_server_asks_for_is_waited_within_reason(
    after: str, least: float, most: float
) -> None:
    assert least <= wait_before(2, asking(after)) <= most


@pytest.mark.parametrize(("away", "least", "most"), [(10, 8, 10), (3600, 30, 30), (-60, 0, 0)])
def test_a_date_is_waited_for(away: int, least: float, most: float) -> None:
    until = datetime.now(UTC) + timedelta(seconds=away)
    assert least <= wait_before(2, asking(format_datetime(until, usegmt=True))) <= most


def test_waits_grow_and_differ() -> None:
    waits = [wait_before(attempt) for attempt in (2, 3, 4)]
    assert waits == sorted(waits)
    assert waits[-1] <= 2.25
    assert len({wait_before(4) for _ in range(9)}) > 1


@pytest.mark.parametrize(
    ("status", "turned_away"),
    [
        (200, ""),
        (404, ""),
        (429, "GET PUT PATCH DELETE POST"),
        (500, ""),
        (502, "GET PUT PATCH DELETE"),
        (503, "GET PUT PATCH DELETE"),
        (504, "GET PUT PATCH DELETE"),
    ],
)
def test_which_replies_are_asked_for_again(status: int, turned_away: str) -> None:
    response = Response(status, CIMultiDictProxy(CIMultiDict()), b"")
    methods = ("GET", "PUT", "PATCH", "DELETE", "POST")
    assert [one for one in methods if is_turned_away(one, response)] == turned_away.split()
