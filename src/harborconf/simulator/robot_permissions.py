"""The permissions of robots."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harborconf.simulator.http import bad_request
from harborconf.simulator.permissions import FOR_PROJECT_ROBOTS, FOR_SYSTEM_ROBOTS

if TYPE_CHECKING:
    from harborconf.simulator.http import Record

_GRANTABLE = {"system": frozenset(FOR_SYSTEM_ROBOTS), "project": frozenset(FOR_PROJECT_ROBOTS)}
_LONGEST = 1 << 31


def check(body: Record) -> None:
    """The checks that POST and PUT have in common, in Harbor's order."""
    days, level = body.get("duration", 0), body.get("level", "")
    permissions = body.get("permissions", [])
    if days != -1 and not 0 < days < _LONGEST:
        message = (
            f"bad request error duration input: {days}, "
            "duration must be either -1(Never) or a positive integer"
        )
        raise bad_request(message)
    if level not in _GRANTABLE:
        message = f"bad request error level input: {level}"
        raise bad_request(message)
    if not permissions:
        message = "bad request empty permission"
        raise bad_request(message)
    if not all(item.get("access") for item in permissions):
        message = "bad request empty access"
        raise bad_request(message)
    if level == "project" and len(permissions) > 1:
        message = "bad request permission"
        raise bad_request(message)
    for item in permissions:
        _check_access(item)


def _check_access(item: Record) -> None:
    kind = item.get("kind", "")
    if kind not in _GRANTABLE:
        message = f"bad request permission level: {kind}"
        raise bad_request(message)
    for access in item["access"]:
        resource, action = access.get("resource", ""), access.get("action", "")
        if (resource, action) not in _GRANTABLE[kind]:
            message = f"bad request permission: {resource}:{action}"
            raise bad_request(message)


def normal(permissions: list[Record]) -> list[Record]:
    """The permissions with the fields that are kept; a namespace that comes twice is one."""
    found: dict[tuple[str, str], list[Record]] = {}
    for item in permissions:
        key = (item["kind"], item.get("namespace", ""))
        found.setdefault(key, []).extend(_kept(one) for one in item["access"])
    return [
        {"kind": kind, "namespace": namespace, "access": access}
        for (kind, namespace), access in found.items()
    ]


def _kept(access: Record) -> Record:
    names = ("resource", "action", "effect")
    return {name: access[name] for name in names if access.get(name)}


def holds(accesses: list[Record], resource: str, action: str) -> bool:
    """Whether one of these accesses is this permission; one whose effect is `deny` is none."""
    return any(
        (one["resource"], one["action"]) == (resource, action) and one.get("effect") != "deny"
        for one in accesses
    )


def within(permissions: list[Record], limits: list[Record]) -> bool:
    """Whether one robot's permissions are no more than another's."""
    held = {(item["kind"], item["namespace"]): item["access"] for item in limits}
    for item in permissions:
        kind = item["kind"]
        allowed = held.get((kind, item["namespace"])) or held.get((kind, "*"))
        if allowed is None or not all(
            holds(allowed, one["resource"], one["action"]) for one in item["access"]
        ):
            return False
    return True
