"""What a robot may do: permissions as they are written, as Harbor has them, and what it gives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any

from harborconf.errors import DocumentError, NotPermittedError, Problem
from harborconf.kinds.base import Codec
from harborconf.spec.records import ValueProblemError
from harborconf.spec.value import SCALAR_SCHEMA, ValueType

if TYPE_CHECKING:
    from harborconf.kinds.resource import Desired, Live, Workbench

OWN = ""
"""The namespace of a permission in the robot's own project."""


@dataclass(frozen=True, slots=True, order=True)
class Permission:
    """One thing a robot may do.

    `kind` is `project` or `system`; `namespace` a project's name, `*` for all, or nothing
    for the robot's own project.
    """

    kind: str
    namespace: str
    resource: str
    action: str


def _read_permissions(raw: object) -> frozenset[Permission]:
    if not isinstance(raw, Mapping) or not raw:
        message = "expected a map like {repository: [pull, push]}; Harbor refuses an empty one"
        raise ValueProblemError(message, ())
    if not set(raw) & {"system", "projects"}:
        return frozenset(_accesses("project", OWN, raw, ()))
    found: set[Permission] = set()
    for key, value in raw.items():
        if key == "system":
            found.update(_accesses("system", "/", value, (key,)))
        elif key == "projects" and isinstance(value, Mapping):
            for project, accesses in value.items():
                found.update(_accesses("project", str(project), accesses, (key, project)))
        else:
            message = "beside `system` and `projects` (a map of project names) nothing may stand"
            raise ValueProblemError(message, (key,))
    if not found:
        message = "`projects` names no project; Harbor refuses a robot without permissions"
        raise ValueProblemError(message, ("projects",))
    return frozenset(found)


def _accesses(
    kind: str, namespace: str, raw: object, path: tuple[str, ...]
) -> Iterable[Permission]:
    if not isinstance(raw, Mapping) or not raw:
        message = "expected a map like {repository: [pull, push]}"
        raise ValueProblemError(message, path)
    for resource, actions in raw.items():
        if not isinstance(actions, list) or not actions:
            message = f"expected a list of actions for `{resource}`, like [pull, push]"
            raise ValueProblemError(message, (*path, resource))
        for index, action in enumerate(actions):
            if not isinstance(action, str):
                message = "an action must be text"
                raise ValueProblemError(message, (*path, resource, index))
            yield Permission(kind, namespace, str(resource), str(action))


def _write_permissions(permissions: frozenset[Permission]) -> dict[str, Any]:
    written: dict[str, Any] = {}
    for one in sorted(permissions):
        place = written
        if one.kind == "system":
            place = written.setdefault("system", {})
        elif one.namespace != OWN:
            place = written.setdefault("projects", {}).setdefault(one.namespace, {})
        place.setdefault(one.resource, []).append(one.action)
    return written


_ACCESSES = {
    "type": "object",
    "minProperties": 1,
    "additionalProperties": {"type": "array", "minItems": 1, "items": SCALAR_SCHEMA},
}
PERMISSIONS = ValueType(
    "permissions",
    _read_permissions,
    _write_permissions,
    {
        "anyOf": [
            {
                "type": "object",
                "minProperties": 1,
                "properties": {
                    "system": _ACCESSES,
                    "projects": {"type": "object", "additionalProperties": _ACCESSES},
                },
                "additionalProperties": False,
            },
            {**_ACCESSES, "not": {"anyOf": [{"required": ["system"]}, {"required": ["projects"]}]}},
        ]
    },
)


def _permissions_to_api(permissions: frozenset[Permission]) -> list[dict[str, Any]]:
    grouped: dict[tuple[str, str], list[dict[str, str]]] = {}
    for one in sorted(permissions):
        accesses = grouped.setdefault((one.kind, one.namespace), [])
        accesses.append({"resource": one.resource, "action": one.action})
    return [
        {"kind": kind, "namespace": namespace, "access": accesses}
        for (kind, namespace), accesses in grouped.items()
    ]


def _permissions_from_api(raw: Sequence[Mapping[str, Any]]) -> frozenset[Permission]:
    """As a set: Harbor returns them in an order that changes from one read to the next.

    An access whose effect is `deny` is kept apart, so that it is not taken for a permission.
    """
    return frozenset(
        Permission(
            str(group["kind"]),
            str(group["namespace"]),
            str(access["resource"]),
            f"{'' if _is_allowed(access) else 'deny '}{access['action']}",
        )
        for group in raw
        for access in group.get("access") or ()
    )


PERMISSIONS_CODEC = Codec(_permissions_to_api, _permissions_from_api)
Permissions = Annotated[frozenset[Permission], PERMISSIONS]


def allow_denied(body: Mapping[str, Any], live: Mapping[str, Any]) -> None:
    """Say `allow` in what replaces a robot that is denied something.

    Without an effect Harbor would find the permission that it has, which denies (2.13 to 2.15).
    """
    if any(not _is_allowed(access) for access in _accesses_of(live)):
        for access in _accesses_of(body):
            access["effect"] = "allow"


def _accesses_of(robot: Mapping[str, Any]) -> list[dict[str, str]]:
    return [access for group in robot.get("permissions", ()) for access in group["access"]]


def _is_allowed(access: Mapping[str, Any]) -> bool:
    return access.get("effect") in {None, "", "allow"}


async def check_grantable(bench: Workbench, desired: Desired, live: Live | None) -> None:
    """GET /permissions names what robots can be given; Harbor refuses all else with 400.

    What a live robot has already is not asked about: an older Harbor may have given it. Robots
    may not read the list, and a project's administrator does not see the system's part: then
    Harbor itself decides when the robot is written.
    """
    known = live.fields["permissions"] if live else frozenset()
    wanted = desired.fields.get("permissions", frozenset()) - known
    if not wanted:
        return
    try:
        reply = await bench.api.get("/permissions")
    except NotPermittedError:
        return
    position = desired.origins.get("permissions", desired.position)
    problems = [
        Problem(message, position, advice)
        for one in sorted(wanted)
        for message, advice in _not_granted(one, reply.get(one.kind) or ())
    ]
    if problems:
        raise DocumentError(problems)


def _not_granted(
    wanted: Permission, granted: Iterable[Mapping[str, Any]]
) -> Iterable[tuple[str, str]]:
    actions: dict[str, set[str]] = {}
    for one in granted:
        actions.setdefault(str(one["resource"]), set()).add(str(one["action"]))
    where = "the system" if wanted.kind == "system" else "a project"
    if not actions or wanted.action in actions.get(wanted.resource, ()):
        return
    if wanted.resource in actions:
        known = ", ".join(sorted(actions[wanted.resource]))
        message = f"in {where} this Harbor gives no robot `{wanted.action}` of `{wanted.resource}`"
        yield message, f"known are {known}"
    else:
        close = get_close_matches(wanted.resource, actions, n=1)
        guess = f"did you mean `{close[0]}`? " if close else ""
        message = f"in {where} this Harbor gives robots nothing of `{wanted.resource}`"
        yield message, f"{guess}known are {', '.join(sorted(actions))}"
