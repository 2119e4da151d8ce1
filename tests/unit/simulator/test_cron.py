"""Cron with six fields."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harborconf.simulator.cron import CronError, check, next_time, parse


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0 0 0 * * *", "2026-11-25T00:00:00.000Z"),
        ("0 15 3 * * 0", "2026-11-29T03:15:00.000Z"),
        ("0 */15 * * * *", "2026-11-24T02:00:00.000Z"),
        ("0 0 0 1 1 *", "2027-01-01T00:00:00.000Z"),
        ("0 0 12 1 * MON", "2026-11-30T12:00:00.000Z"),
        ("0 30 10-12/2 * dec ?", "2026-12-01T10:30:00.000Z"),
        ("0 0 0 29 2 *", "2028-02-29T00:00:00.000Z"),
        ("0 0 0 30 2 *", "0001-01-01T00:00:00.000Z"),
    ],
)
def test_next_time(text: str, expected: str) -> None:
    now = datetime(2026, 11, 24, 1, 58, 28, tzinfo=UTC).timestamp()
    assert next_time(text, now) == expected


@pytest.mark.parametrize(
    "text", ["", "bad", "0 0 * * *", "1 0 0 * * *", "* * * * * *", "0 60 * * * *", "0 a * * * *"]
)
def test_bad_ones(text: str) -> None:
    with pytest.raises(CronError):
        check(text)


@given(minute=st.integers(0, 59), hour=st.integers(0, 23), now=st.integers(0, 4_000_000_000))
def test_the_next_time_is_within_a_day_and_fits(minute: int, hour: int, now: int) -> None:
    text = f"0 {minute} {hour} * * *"
    found = datetime.strptime(next_time(text, now), "%Y-%m-%dT%H:%M:%S.%f%z")
    assert (found.hour, found.minute) == (hour, minute)
    assert 0 < found.timestamp() - now <= 86_400
    assert found.minute in parse(text)[1]
