"""What users may write as values: each form that is accepted, and each that is refused."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from enum import Enum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harborconf.spec.value import COUNT, CRON, DATE, DAYS, FLAG, SIZE, TEXT, Plain, ValueType, words
from unit.refusals import refusal

GIB = 2**30


class Colour(Enum):
    RED = "red"
    DARK_RED = "dark_red"


WORD = words("colour", Colour)


def read(kind: ValueType, text: object) -> Any:
    """As the loader hands it over: text without quotes is `Plain`."""
    return kind.read(Plain(text) if isinstance(text, str) else text)


def moment(text: str) -> int:
    return int(datetime.fromisoformat(f"{text}+00:00").timestamp())


ACCEPTED: list[tuple[ValueType, str, object]] = [
    (TEXT, "0777", "0777"),
    (TEXT, "on", "on"),
    (TEXT, "", ""),
    (FLAG, "true", True),
    (FLAG, "TRUE", True),
    (FLAG, "False", False),
    (COUNT, "0", 0),
    (COUNT, "-7", -7),
    (COUNT, "999999999999999999", 999999999999999999),
    (SIZE, "unlimited", -1),
    (SIZE, "1B", 1),
    (SIZE, "100GiB", 100 * GIB),
    (SIZE, "100 GiB", 100 * GIB),
    (SIZE, "1.5GiB", GIB + GIB // 2),
    (SIZE, "1GB", 10**9),
    (SIZE, "1kB", 1000),
    (SIZE, "1PiB", 2**50),
    (SIZE, "1125899906842623B", 2**50 - 1),
    (DAYS, "never", -1),
    (DAYS, "1d", 1),
    (DAYS, "365000d", 365000),
    (WORD, "dark_red", Colour.DARK_RED),
    (CRON, "hourly", "0 0 * * * *"),
    (CRON, "daily", "0 0 0 * * *"),
    (CRON, "weekly", "0 0 0 * * 0"),
    (CRON, "never", ""),
    (CRON, "0 * * * * *", "0 * * * * *"),
    (CRON, "0  30 2\t* * MON", "0 30 2 * * MON"),
    (CRON, "0 */15 8-18/2 1,15 jan-mar sun,6", "0 */15 8-18/2 1,15 jan-mar sun,6"),
    (CRON, "0 5/10 ? ? 12 ?", "0 5/10 ? ? 12 ?"),
    (CRON, "0 0 0 29 2 *", "0 0 0 29 2 *"),
    (CRON, "0 0 0 30-31 feb,APR ?", "0 0 0 30-31 feb,APR ?"),
    (CRON, "0 0 0 31 2/3 *", "0 0 0 31 2/3 *"),
    (CRON, "0 0 0 31 2 mon", "0 0 0 31 2 mon"),
    (DATE, "never", 0),
    (DATE, "2027-01-31", moment("2027-01-31T00:00:00")),
    (DATE, "2027-01-31T12:30:00Z", moment("2027-01-31T12:30:00")),
    (DATE, "2027-01-31 12:30", moment("2027-01-31T12:30:00")),
    (DATE, "2027-01-31T12:30:00+02:00", moment("2027-01-31T10:30:00")),
    (DATE, "1970-01-01T00:00:01Z", 1),
    (DATE, "9999-12-31", moment("9999-12-31T00:00:00")),
]


@pytest.mark.parametrize(("kind", "text", "expected"), ACCEPTED)
def test_accepted(kind: ValueType, text: str, expected: object) -> None:
    found = read(kind, text)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(("kind", "text", "expected"), ACCEPTED)
def test_what_is_written_reads_as_the_same(kind: ValueType, text: str, expected: object) -> None:
    written = kind.write(read(kind, text))
    again = str(written).lower() if isinstance(written, bool | int) else written
    assert read(kind, again) == expected


A_DATE = "expected a date like 2027-01-31, or with a time 2027-01-31T12:00:00Z, or never"
A_DURATION = "expected a duration in days like 90d, or never"
A_SIZE = "expected a size like 100GiB, or unlimited"
NO_DAY = "no month of the cron `{}` has such a day: Harbor's job service hangs"
A_COLOUR = "expected a colour, one of red, dark_red"
A_CRON = (
    "expected hourly, daily, weekly, never or a cron of six fields"
    " (second minute hour day month weekday, UTC)"
)


@pytest.mark.parametrize(
    ("kind", "raw", "expected"),
    [
        (TEXT, ["a"], "expected text, got a list"),
        (TEXT, {"a": "b"}, "expected text, got a map"),
        (TEXT, None, "expected text, got nothing"),
        (FLAG, "yes", "expected true or false, got `yes`"),
        (FLAG, "tRUE", "expected true or false, got `tRUE`"),
        (FLAG, "1", "expected true or false, got `1`"),
        (FLAG, [], "expected true or false, got a list"),
        (COUNT, "1.5", "expected a whole number, got `1.5`"),
        (COUNT, "010", "expected a whole number, got `010`"),
        (COUNT, "-0", "expected a whole number, got `-0`"),
        (COUNT, "٣", "expected a whole number, got `٣`"),
        (COUNT, "9" * 100, f"expected a whole number, got `{'9' * 57}...`"),
        (SIZE, "0", f"{A_SIZE}, got `0`; Harbor refuses a size of 0"),
        (SIZE, "-1", f"{A_SIZE}, got `-1`; for no limit write unlimited"),
        (SIZE, "100", f"{A_SIZE}, got `100`; write a unit: KiB, MiB, GiB, TiB"),
        (SIZE, "100gib", f"{A_SIZE}, got `100gib`"),
        (SIZE, "-1GiB", f"{A_SIZE}, got `-1GiB`"),
        (SIZE, "1e3GiB", f"{A_SIZE}, got `1e3GiB`"),
        (SIZE, "²GiB", f"{A_SIZE}, got `²GiB`"),
        (SIZE, "9" * 5000 + "B", f"{A_SIZE}, got `{'9' * 57}...`"),
        (SIZE, "0GiB", "a size must be more than nothing and at most 1024TiB, got `0GiB`"),
        (SIZE, "1025TiB", "a size must be more than nothing and at most 1024TiB, got `1025TiB`"),
        (SIZE, "0.1B", "`0.1B` is not a whole number of bytes"),
        (SIZE, {}, f"{A_SIZE}, got a map"),
        (DAYS, "90", f"{A_DURATION}, got `90`"),
        (DAYS, "0d", f"{A_DURATION}, got `0d`"),
        (DAYS, "-1d", f"{A_DURATION}, got `-1d`"),
        (DAYS, "365001d", f"{A_DURATION}, got `365001d`"),
        (DAYS, "12h", f"{A_DURATION}, got `12h`"),
        (DAYS, [], f"{A_DURATION}, got a list"),
        (WORD, "Red", f"{A_COLOUR}, got `Red`; did you mean `red`?"),
        (WORD, "blue", f"{A_COLOUR}, got `blue`"),
        (WORD, None, f"{A_COLOUR}, got nothing"),
        (CRON, "0 0 * * *", f"{A_CRON}, got `0 0 * * *`; put the second first: 0 0 0 * * *"),
        (CRON, "TZ=UTC 0 0 * *", f"{A_CRON}, got `TZ=UTC 0 0 * *`"),
        (CRON, "", f"{A_CRON}, got ``"),
        (CRON, "0 0 0 30 2 *", NO_DAY.format("0 0 0 30 2 *")),
        (CRON, "0 0 0 31 2,4-6/2,9,nov *", NO_DAY.format("0 0 0 31 2,4-6/2,9,nov *")),
        (CRON, "@daily", f"{A_CRON}, got `@daily`"),
        (CRON, "TZ=UTC 0 0 0 * * *", f"{A_CRON}, got `TZ=UTC 0 0 0 * * *`"),
        (
            CRON,
            ["daily"],
            "expected hourly, daily, weekly, never or a cron of six fields, got a list",
        ),
        (CRON, "30 0 0 * * *", "Harbor wants 0 as second of a cron, got `30 0 0 * * *`"),
        (CRON, "* * * * * *", "Harbor wants 0 as second of a cron, got `* * * * * *`"),
        (CRON, "0 60 0 * * *", "Harbor refuses `60` as minute of the cron `0 60 0 * * *`"),
        (CRON, "0 0 24 * * *", "Harbor refuses `24` as hour of the cron `0 0 24 * * *`"),
        (CRON, "0 0 0 0 * *", "Harbor refuses `0` as day of month of the cron `0 0 0 0 * *`"),
        (CRON, "0 0 0 * 13 *", "Harbor refuses `13` as month of the cron `0 0 0 * 13 *`"),
        (CRON, "0 0 0 * * 7", "Harbor refuses `7` as day of week of the cron `0 0 0 * * 7`"),
        (CRON, "0 0 0 * mon *", "Harbor refuses `mon` as month of the cron `0 0 0 * mon *`"),
        (CRON, "0 */0 0 * * *", "Harbor refuses `*/0` as minute of the cron `0 */0 0 * * *`"),
        (CRON, "0 */x 0 * * *", "Harbor refuses `*/x` as minute of the cron `0 */x 0 * * *`"),
        (CRON, "0 5-1 0 * * *", "Harbor refuses `5-1` as minute of the cron `0 5-1 0 * * *`"),
        (CRON, "0 1-2-3 0 * * *", "Harbor refuses `1-2-3` as minute of the cron `0 1-2-3 0 * * *`"),
        (CRON, "0 ² 0 * * *", "Harbor refuses `²` as minute of the cron `0 ² 0 * * *`"),
        (CRON, "0 1, 0 * * *", "Harbor refuses `1,` as minute of the cron `0 1, 0 * * *`"),
        (DATE, "tomorrow", f"{A_DATE}, got `tomorrow`"),
        (DATE, "2027-02-30", f"{A_DATE}, got `2027-02-30`"),
        (DATE, "20270131", f"{A_DATE}, got `20270131`"),
        (DATE, "1970-01-01", f"{A_DATE}, got `1970-01-01`"),
        (DATE, "1969-12-31", f"{A_DATE}, got `1969-12-31`"),
        (DATE, "9999-12-31T23:59:59-23:00", f"{A_DATE}, got `9999-12-31T23:59:59-23:00`"),
        (DATE, [], f"{A_DATE}, got a list"),
    ],
)
def test_refused(kind: ValueType, raw: object, expected: str) -> None:
    assert refusal(lambda value: read(kind, value), raw) == expected


@pytest.mark.parametrize(("kind", "text"), [(FLAG, "true"), (COUNT, "7")])
def test_what_stood_in_quotes_is_text(kind: ValueType, text: str) -> None:
    assert f"got `{text}`" in refusal(kind.read, text)


@given(st.integers(1, 2**50) | st.just(-1))
def test_sizes_round_trip(size: int) -> None:
    assert read(SIZE, SIZE.write(size)) == size


@pytest.mark.parametrize(
    ("size", "expected"),
    [(1024, "1KiB"), (1536, "1536B"), (GIB, "1GiB"), (1024 * GIB, "1TiB"), (2**50, "1PiB")],
)
def test_a_size_is_written_in_its_largest_whole_unit(size: int, expected: str) -> None:
    assert SIZE.write(size) == expected


@given(st.integers(1, 365_000) | st.just(-1))
def test_durations_round_trip(days: int) -> None:
    assert read(DAYS, DAYS.write(days)) == days


@given(st.integers(0, moment("9999-12-31T23:59:59")))
def test_dates_round_trip(seconds: int) -> None:
    assert read(DATE, DATE.write(seconds)) == seconds


@pytest.mark.parametrize("seconds", [-1, 253402300800, 10**30])
def test_what_no_calendar_has_is_not_written(seconds: int) -> None:
    with pytest.raises(ValueError, match="are no date"):
        DATE.write(seconds)


def numbers(low: int, high: int) -> st.SearchStrategy[str]:
    one = st.integers(low, high).map(str)
    span = st.tuples(st.integers(low, high), st.integers(low, high)).map(
        lambda ends: f"{min(ends)}-{max(ends)}"
    )
    base = one | span | st.sampled_from("*?")
    item = base | st.tuples(base, st.integers(1, 60)).map(lambda pair: f"{pair[0]}/{pair[1]}")
    return st.lists(item, min_size=1, max_size=3).map(",".join)


CRONS = st.tuples(
    st.just("0"), numbers(0, 59), numbers(0, 23), numbers(1, 31), numbers(1, 12), numbers(0, 6)
).map(" ".join)


@given(CRONS)
def test_crons_round_trip(cron: str) -> None:
    assert read(CRON, cron) == cron
    assert read(CRON, CRON.write(cron)) == cron


@given(st.text())
def test_no_text_makes_reading_fail_in_another_way(text: str) -> None:
    for kind in (TEXT, FLAG, COUNT, SIZE, DAYS, WORD, CRON, DATE):
        with suppress(ValueError):
            value = read(kind, text)
            written = kind.write(value)
            again = str(written).lower() if isinstance(written, bool | int) else written
            assert read(kind, again) == value
