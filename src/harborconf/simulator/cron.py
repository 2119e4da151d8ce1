"""Cron with six fields, as Harbor takes it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from harborconf.simulator.clock import ZERO_TIME, timestamp

_RANGES = ((0, 59), (0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_YEARS = 5
Fields: TypeAlias = tuple[frozenset[int], ...]


class CronError(ValueError):
    """Text that is no cron."""


def check(text: str) -> Fields:
    """The fields of a cron whose seconds are 0."""
    fields = parse(text)
    if text.partition(" ")[0] != "0":
        message = "the 1st field (indicating Seconds of time) of the cron setting must be 0"
        raise CronError(message)
    return fields


def parse(text: str) -> Fields:
    """The values of each field."""
    if text.startswith("@"):
        message = f"parser does not accept descriptors: {text}"
        raise CronError(message)
    parts = text.split()
    if len(parts) != len(_RANGES):
        message = f"expected exactly 6 fields, found {len(parts)}: [{' '.join(parts)}]"
        raise CronError(message)
    return tuple(_field(part, *bounds) for part, bounds in zip(parts, _RANGES, strict=True))


def next_time(text: str, now: float) -> str:
    """When it is due next, as Harbor writes it; Go's zero time where it never is."""
    _, minutes, hours, days, months, weekdays = parse(text)
    every_day = len(days) == 31 or len(weekdays) == 7
    moment = datetime.fromtimestamp(now, UTC).replace(second=0, microsecond=0)
    moment += timedelta(minutes=1)
    end = moment + timedelta(days=366 * _YEARS)
    while moment < end:
        right_day = moment.day in days, (moment.weekday() + 1) % 7 in weekdays
        if moment.month not in months or not (all(right_day) if every_day else any(right_day)):
            moment = moment.replace(hour=0, minute=0) + timedelta(days=1)
        elif moment.hour not in hours:
            moment = moment.replace(minute=0) + timedelta(hours=1)
        elif moment.minute not in minutes:
            moment += timedelta(minutes=1)
        else:
            return timestamp(moment.timestamp())
    return ZERO_TIME


def _field(text: str, low: int, high: int) -> frozenset[int]:
    return frozenset().union(*(_part(part, low, high) for part in text.split(",")))


def _part(text: str, low: int, high: int) -> range:
    span, slash, step_text = text.partition("/")
    first, dash, last = span.partition("-")
    if first in {"*", "?"}:
        start, stop = low, high
    else:
        start = _number(first, high)
        stop = _number(last, high) if dash else (high if slash else start)
    step = _number(step_text, high) if slash else 1
    problem = ""
    if start < low:
        problem = f"beginning of range ({start}) below minimum ({low})"
    elif stop > high:
        problem = f"end of range ({stop}) above maximum ({high})"
    elif start > stop:
        problem = f"beginning of range ({start}) beyond end of range ({stop})"
    elif step < 1:
        problem = "step of range should be a positive number"
    if problem:
        message = f"{problem}: {text}"
        raise CronError(message)
    return range(start, stop + 1, step)


def _number(text: str, high: int) -> int:
    names = {12: _MONTHS, 6: _DAYS}.get(high, ())
    if text.lower() in names:
        return names.index(text.lower()) + (1 if high == 12 else 0)
    if not text.isdigit():
        message = f'failed to parse int from {text}: strconv.Atoi: parsing "{text}": invalid syntax'
        raise CronError(message)
    return int(text)
