"""Robots that follow one another: one address, one store, and a new robot before the old is old.

A robot's secret has no age in Harbor, but a robot has its creation. So rotation makes a new
robot beside the old one: `ci`, then `ci-2`, marked in its description. The store tells which of
them is in use. Everything is computed from what is live, so any crash is finished by the next
run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from harborconf.kinds.base import Section, field
from harborconf.spec.reference import Env
from harborconf.spec.value import NEVER, Days

_MARK = re.compile(r" ?\[harborconf: follows ([^\]]+)\]$")
_NUMBERED = re.compile(r"-([0-9]+)$")
_DAY = 24 * 3600
EVERY, BEFORE_EXPIRY, OVERLAP = "rotate.every", "rotate.before_expiry", "rotate.overlap"

Robot = Mapping[str, Any]
"""A robot as Harbor tells it."""


class Rotate(Section):
    """When a new robot takes over, and how long the old one stays."""

    every: Days = field(
        "", local=True, doc="The age at which a robot is followed by a new one, like 30d."
    )
    before_expiry: Days = field(
        "", local=True, doc="How long before a robot expires it is followed, like 10d."
    )
    overlap: Days = field(
        "", local=True, doc="How long the old robot still works once there is a new one, like 7d."
    )


def problems(fields: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """What is wrong with a robot's rotation: field and message."""
    written = [path for path in (EVERY, BEFORE_EXPIRY, OVERLAP) if path in fields]
    if not written:
        return
    if "secret" not in fields:
        yield written[0], "rotation needs a `secret` store that tells which robot is in use"
    if isinstance(fields.get("secret"), Env):
        yield "secret", "an environment variable cannot be written: rotation needs another store"
    if OVERLAP not in fields:
        yield written[0], "rotation needs `overlap`, how long the old robot stays: like 7d"
    if written == [OVERLAP]:
        yield OVERLAP, "`overlap` alone rotates nothing: write `every` or `before_expiry`"
    for path in written:
        if fields[path] == NEVER:
            yield path, "never is said by leaving it out"
    if BEFORE_EXPIRY in fields and fields.get("expires") == NEVER:
        yield BEFORE_EXPIRY, "a robot that never expires is rotated with `every`"


def marked(description: str, base: str) -> str:
    """A description that says which robot this one follows."""
    return f"{description} [harborconf: follows {base}]".lstrip()


def unmarked(description: str) -> tuple[str, str]:
    """The description that people wrote, and the robot it follows, if harborconf made it."""
    found = _MARK.search(description)
    return (_MARK.sub("", description), found[1]) if found else (description, "")


def next_name(base: str, taken: Iterable[str]) -> str:
    """The name of the next robot: the lowest number above all that are taken."""
    numbers = [1]
    for name in taken:
        found = _NUMBERED.search(name)
        if found and name == f"{base}-{found[1]}":
            numbers.append(int(found[1]))
    return f"{base}-{max(numbers) + 1}"


def created(robot: Robot) -> float:
    """When Harbor made it, in Unix seconds."""
    return datetime.fromisoformat(str(robot["creation_time"])).timestamp()


def in_order(robots: Iterable[Robot]) -> tuple[Robot, ...]:
    """Robots from the oldest to the newest."""
    return tuple(sorted(robots, key=lambda robot: (created(robot), int(robot["id"]))))


def is_usable(robot: Robot, now: float) -> bool:
    """Whether it can log in at all."""
    expires_at = int(robot.get("expires_at") or NEVER)
    return not robot.get("disable") and (expires_at == NEVER or expires_at > now)


def due(fields: Mapping[str, Any], newest: Robot, now: float) -> tuple[str, str] | None:
    """The field that asks for a successor now, with the reason, or None."""
    age = int((now - created(newest)) // _DAY)
    if EVERY in fields and age >= fields[EVERY]:
        return EVERY, f"{age} days old"
    expires_at = int(newest.get("expires_at") or NEVER)
    if BEFORE_EXPIRY in fields and expires_at != NEVER:
        left = (expires_at - now) / _DAY
        if left <= fields[BEFORE_EXPIRY]:
            what = "expired" if left <= 0 else f"expires in {int(left)} days"
            return BEFORE_EXPIRY, what
    return None


def retired(fields: Mapping[str, Any], robots: Sequence[Robot], now: float) -> tuple[Robot, ...]:
    """Those whose successors have been there for as long as they overlap."""
    overlap = fields.get(OVERLAP, 0) * _DAY
    return tuple(
        robot for robot, successor in pairwise(robots) if created(successor) + overlap <= now
    )
