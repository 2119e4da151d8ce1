"""The types of what users write: how a value is read, written and described.

A `ValueType` reads what stands in the YAML (text as written, or a list or map of it) into
one canonical Python value, writes that value back as YAML, and knows its JSON Schema.
Two spellings of one thing read as equal values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from difflib import get_close_matches
from enum import Enum
from typing import Annotated, Any, TypeVar

from pydantic_core import core_schema

E = TypeVar("E", bound=Enum)


class Plain(str):
    """Text that stood in the YAML without quotes, so that it may be a number or a truth."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class ValueType:
    """One type of value; `name` is what error messages and the reference call it."""

    name: str
    read: Callable[[Any], Any]
    write: Callable[[Any], Any]
    schema: Mapping[str, Any]

    def __get_pydantic_core_schema__(
        self, _source: object, _handler: object
    ) -> core_schema.CoreSchema:
        """Let pydantic read with this type."""
        return core_schema.no_info_plain_validator_function(self.read)


_LONGEST = 60


def _same(value: Any) -> Any:
    return value


def shown(raw: object) -> str:
    """What stands there, in words for people that fit into a line."""
    match raw:
        case None:
            return "nothing"
        case list():
            return "a list"
        case dict():
            return "a map"
        case _:
            text = str(raw)
            return f"`{text}`" if len(text) <= _LONGEST else f"`{text[: _LONGEST - 3]}...`"


def _expected(what: str, raw: object) -> ValueError:
    return ValueError(f"expected {what}, got {shown(raw)}")


def read_text(raw: object) -> str:
    """Text as written."""
    if not isinstance(raw, str):
        raise _expected("text", raw)
    return str(raw)


_FLAGS = dict.fromkeys(("true", "True", "TRUE"), True) | dict.fromkeys(
    ("false", "False", "FALSE"), False
)


def text_type(most: int) -> ValueType:
    """A type of text of at most so many characters."""

    def read(raw: object) -> str:
        text = read_text(raw)
        if len(text) > most:
            message = f"Harbor keeps at most {most} characters here, these are {len(text)}"
            raise ValueError(message)
        return text

    return ValueType("text", read, _same, SCALAR_SCHEMA)


def _read_flag(raw: object) -> bool:
    if isinstance(raw, Plain) and raw in _FLAGS:
        return _FLAGS[raw]
    raise _expected("true or false", raw)


def read_count(raw: object) -> int:
    """A whole number."""
    if isinstance(raw, Plain) and re.fullmatch(r"0|-?[1-9][0-9]{0,17}", raw):
        return int(raw)
    raise _expected("a whole number", raw)


SCALAR_SCHEMA: Mapping[str, Any] = {"type": ["string", "number", "boolean"]}
INTEGER_SCHEMA: Mapping[str, Any] = {"type": "integer"}

TEXT = ValueType("text", read_text, _same, SCALAR_SCHEMA)
FLAG = ValueType("true or false", _read_flag, _same, {"type": "boolean"})
COUNT = ValueType("whole number", read_count, _same, INTEGER_SCHEMA)

Text = Annotated[str, TEXT]
Flag = Annotated[bool, FLAG]
Count = Annotated[int, COUNT]


# ---- sizes and durations -------------------------------------------------------------

UNLIMITED = -1
_UNITS = {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40, "PiB": 2**50}
_DECIMAL = {"kB": 10**3, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12, "PB": 10**15}
_SIZE = re.compile(r"([0-9]{1,19}(?:\.[0-9]{1,19})?) ?([A-Za-z]+)")
# Harbor (2.13 to 2.15) refuses a larger quota.
_MAX_SIZE = 2**50


def read_size(raw: object) -> int:
    """A size in bytes; -1 is unlimited."""
    if not isinstance(raw, str):
        raise _expected("a size like 100GiB, or unlimited", raw)
    if raw == "unlimited":
        return UNLIMITED
    match = _SIZE.fullmatch(raw)
    unit = {**_UNITS, **_DECIMAL, "B": 1}.get(match[2]) if match else None
    if match is None or unit is None:
        message = f"expected a size like 100GiB, or unlimited, got {shown(raw)}{_hint(raw)}"
        raise ValueError(message)
    whole, _, part = match[1].partition(".")
    size, rest = divmod(int(whole + part) * unit, int(10 ** len(part)))
    if rest:
        message = f"{shown(raw)} is not a whole number of bytes"
        raise ValueError(message)
    if not 0 < size <= _MAX_SIZE:
        message = f"a size must be more than nothing and at most 1024TiB, got {shown(raw)}"
        raise ValueError(message)
    return size


def _hint(raw: str) -> str:
    if raw == str(UNLIMITED):
        return "; for no limit write unlimited"
    if raw == "0":
        return "; Harbor refuses a size of 0"
    return "; write a unit: KiB, MiB, GiB, TiB" if raw.isdecimal() else ""


def write_size(size: int) -> str:
    """A size in the largest unit that keeps it whole."""
    if size == UNLIMITED:
        return "unlimited"
    for unit, factor in reversed(_UNITS.items()):
        if size % factor == 0 and size:
            return f"{size // factor}{unit}"
    return f"{size}B"


SIZE = ValueType("size", read_size, write_size, {"type": "string"})
Size = Annotated[int, SIZE]

NEVER = -1
_MAX_DAYS = 365_000


def read_days(raw: object) -> int:
    """A duration in days; -1 is never."""
    if isinstance(raw, str):
        if raw == "never":
            return NEVER
        if (match := re.fullmatch(r"([0-9]{1,6})d", raw)) and 0 < int(match[1]) <= _MAX_DAYS:
            return int(match[1])
    raise _expected("a duration in days like 90d, or never", raw)


DAYS = ValueType(
    "duration", read_days, lambda days: "never" if days == NEVER else f"{days}d", {"type": "string"}
)
Days = Annotated[int, DAYS]


_SECONDS = {"h": 3600, "m": 60, "s": 1}


def read_seconds(raw: object) -> int:
    """A span of time in seconds, up to a week."""
    if isinstance(raw, str) and (match := re.fullmatch(r"([0-9]{1,6})([smh])", raw)):
        seconds = int(match[1]) * _SECONDS[match[2]]
        if 0 < seconds <= 7 * 24 * 3600:
            return seconds
    raise _expected("a time like 90s, 10m or 2h", raw)


def write_seconds(seconds: int) -> str:
    """A span of time in the largest unit that keeps it whole."""
    unit, factor = next(one for one in _SECONDS.items() if seconds % one[1] == 0)
    return f"{seconds // factor}{unit}"


SECONDS = ValueType("time", read_seconds, write_seconds, {"type": "string"})


# ---- words ---------------------------------------------------------------------------


def words(kind: str, members: type[E]) -> ValueType:
    """A type whose values are the words of an enumeration."""
    allowed = [str(member.value) for member in members]
    article = "an" if kind[0] in "aeiou" else "a"

    def read(raw: object) -> E:
        if isinstance(raw, str) and raw in allowed:
            return members(str(raw))
        close = get_close_matches(raw, allowed, n=1) if isinstance(raw, str) else []
        hint = f"; did you mean `{close[0]}`?" if close else ""
        message = f"expected {article} {kind}, one of {', '.join(allowed)}, got {shown(raw)}{hint}"
        raise ValueError(message)

    return ValueType(kind, read, lambda member: member.value, {"enum": allowed})


# ---- schedules -----------------------------------------------------------------------

_SCHEDULE_WORDS = {
    "hourly": "0 0 * * * *",
    "daily": "0 0 0 * * *",
    "weekly": "0 0 0 * * 0",
    "never": "",
}
_SCHEDULE_NAMES = {cron: word for word, cron in _SCHEDULE_WORDS.items()}
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
_FIELDS: tuple[tuple[str, int, int, list[str]], ...] = (
    ("second", 0, 59, []),
    ("minute", 0, 59, []),
    ("hour", 0, 23, []),
    ("day of month", 1, 31, []),
    ("month", 1, 12, ["", *_MONTHS]),
    ("day of week", 0, 6, _WEEKDAYS),
)


def read_cron(raw: object) -> str:
    """A schedule as Harbor's six-field cron in UTC; never is empty text.

    Harbor (2.13 to 2.15, robfig/cron) wants exactly six fields, second first, and refuses a
    second other than 0. A day that never comes, such as 31 February, it takes, and its job
    service then looks for that day for ever.
    """
    if not isinstance(raw, str):
        raise _expected("hourly, daily, weekly, never or a cron of six fields", raw)
    if raw in _SCHEDULE_WORDS:
        return _SCHEDULE_WORDS[raw]
    parts = raw.split()
    if len(parts) != len(_FIELDS):
        message = (
            f"expected hourly, daily, weekly, never or a cron of six fields"
            f" (second minute hour day month weekday, UTC), got {shown(raw)}"
        )
        is_usual = len(parts) == len(_FIELDS) - 1 and not raw.startswith(("@", "TZ=", "CRON_TZ="))
        raise ValueError(f"{message}; put the second first: 0 {raw}" if is_usual else message)
    for part, (name, low, high, names) in zip(parts, _FIELDS, strict=True):
        if not all(_cron_item(item, low, high, names) for item in part.split(",")):
            message = f"Harbor refuses {shown(part)} as {name} of the cron {shown(raw)}"
            raise ValueError(message)
    if parts[0] != "0":
        message = f"Harbor wants 0 as second of a cron, got {shown(raw)}"
        raise ValueError(message)
    if not _comes(parts[3], parts[4], parts[5]):
        message = f"no month of the cron {shown(raw)} has such a day: Harbor's job service hangs"
        raise ValueError(message)
    return " ".join(parts)


_LONGEST_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def _comes(day: str, month: str, weekday: str) -> bool:
    """Whether some month has the day. With a weekday, either of the two is enough."""
    if not _is_any(weekday):
        return True
    first = min(_first(item, 1) for item in day.split(","))
    names = ["", *_MONTHS]
    months = [number for item in month.split(",") for number in _all(item, 12, names)]
    return any(first <= _LONGEST_MONTHS[number - 1] for number in months)


def _is_any(part: str) -> bool:
    return any(item in ("*", "?", "*/1", "?/1") for item in part.split(","))


def _first(item: str, low: int) -> int:
    start = item.partition("/")[0].partition("-")[0]
    return low if start in ("*", "?") else int(start)


def _all(item: str, high: int, names: list[str]) -> range:
    """The numbers an item of a cron's field stands for."""
    span, slash, step = item.partition("/")
    if span in ("*", "?"):
        return range(1, high + 1, int(step or 1))
    first, dash, last = span.partition("-")
    start = _cron_number(first, names) or 1
    end = _cron_number(last, names) if dash else high if slash else start
    return range(start, (end or high) + 1, int(step or 1))


def _cron_item(item: str, low: int, high: int, names: list[str]) -> bool:
    span, slash, step = item.partition("/")
    if slash and not _cron_number(step, []):
        return False
    if span in ("*", "?"):
        return True
    ends = [_cron_number(end, names) for end in span.split("-")]
    return (
        len(ends) in (1, 2)
        and all(end is not None and low <= end <= high for end in ends)
        and (ends[0] or 0) <= (ends[-1] or 0)
    )


def _cron_number(text: str, names: list[str]) -> int | None:
    if re.fullmatch(r"[0-9]{1,4}", text):
        return int(text)
    return names.index(text.lower()) if text and text.lower() in names else None


CRON = ValueType(
    "schedule", read_cron, lambda cron: _SCHEDULE_NAMES.get(cron, cron), {"type": "string"}
)
Cron = Annotated[str, CRON]


# ---- dates ---------------------------------------------------------------------------


_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-]\S+)?)?")
_LAST = int(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp())


def read_date(raw: object) -> int:
    """A date, or a date and time in UTC, as Unix seconds; never is 0."""
    if raw == "never":
        return 0
    if isinstance(raw, str) and _DATE.fullmatch(raw):
        with suppress(ValueError):
            moment = datetime.fromisoformat(raw)
            if not moment.tzinfo:
                moment = moment.replace(tzinfo=UTC)
            if 0 < moment.timestamp() <= _LAST:
                return int(moment.timestamp())
    raise _expected("a date like 2027-01-31, or with a time 2027-01-31T12:00:00Z, or never", raw)


def write_date(seconds: int) -> str:
    """A date where the time is midnight UTC, else date and time.

    Raises:
        ValueError: no calendar has it.
    """
    if seconds == 0:
        return "never"
    if not 0 < seconds <= _LAST:
        message = f"{seconds} seconds are no date"
        raise ValueError(message)
    moment = datetime.fromtimestamp(seconds, UTC)
    if moment.time() == datetime.min.time():
        return date.isoformat(moment.date())
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


DATE = ValueType("date", read_date, write_date, {"type": "string"})
Date = Annotated[int, DATE]
