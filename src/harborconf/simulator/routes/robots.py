"""Robots, of the system and of projects."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harborconf.simulator.clock import DAY
from harborconf.simulator.http import RefusedError, Reply, bad_request, created, empty, ok
from harborconf.simulator.paging import in_order, keywords, matching, page
from harborconf.simulator.passwords import RULE, generate, good
from harborconf.simulator.robot_permissions import check, normal, within
from harborconf.simulator.router import Route

if TYPE_CHECKING:
    from harborconf.simulator.call import Call
    from harborconf.simulator.http import Record
    from harborconf.simulator.state import State

_NAME = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")
_ROBOTS_MAKE_ROBOTS = (2, 14)
_FIELDS: dict[str, type] = {
    "name": str,
    "description": str,
    "secret": str,
    "level": str,
    "disable": bool,
    "duration": int,
    "permissions": list,
}
_KEYS = {
    "name": lambda row: row["name"],
    "creation_time": lambda row: row["creation_time"],
    "update_time": lambda row: row["update_time"],
}


def _show(state: State, row: Record) -> Record:
    """A robot, its permissions in an order that changes from one read to the next."""
    found = {
        "id": row["id"],
        "name": _full_name(state, row),
        "level": _level(row),
        "duration": row["duration"],
        "expires_at": row["expires_at"],
        "editable": True,
        "disable": row["disable"],
        "permissions": _turned(state, row),
        "creator_type": row["creator_type"],
        "creator_ref": row["creator_ref"],
        "creation_time": row["creation_time"],
        "update_time": row["update_time"],
    }
    return found | ({"description": row["description"]} if row["description"] else {})


def _turned(state: State, row: Record) -> list[Record]:
    turn = next(state.turns)
    return _rotated(
        [item | {"access": _rotated(item["access"], turn)} for item in row["permissions"]], turn
    )


def _rotated(items: list[Record], turn: int) -> list[Record]:
    start = turn % max(len(items), 1)
    return items[start:] + items[:start]


def _full_name(state: State, row: Record) -> str:
    """The prefix is a setting, put before every name as it is read."""
    return f"{state.settings['robot_name_prefix']}{row['name']}"


def _level(row: Record) -> str:
    return "project" if row["project_id"] else "system"


def _list(call: Call) -> Reply:
    """Those of the system, or of the one project that `q` names."""
    call.require_somebody()
    wanted = keywords(call.request)
    project = _project_of_query(wanted)
    if project:
        _require_in_project(call, project, "list")
    else:
        call.require("robot", "list")
    rows = matching(call.state.robots.of(project), wanted, _KEYS)
    rows = in_order(rows, call.request.query.get("sort", ""), _KEYS, "name")
    return page(call.request, rows, lambda row: _show(call.state, row))


def _project_of_query(wanted: dict[str, str]) -> int:
    level = wanted.get("level", "system")
    if level not in {"system", "project"}:
        message = "bad request error level input"
        raise bad_request(message)
    if level == "system":
        return 0
    if "projectid" not in wanted:
        message = "must with project ID when to query project robots"
        raise bad_request(message)
    number = wanted["projectid"]
    if not number.isdigit() or int(number) == 0:
        message = "ProjectID must be a positive integer"
        raise bad_request(message)
    return int(number)


def _require_in_project(call: Call, project: int, action: str) -> None:
    """An administrator may ask for the robots of a project that is not there."""
    if not (call.who.is_admin and project not in call.state.projects.rows):
        call.project_of(project, "robot", action)


def _require(call: Call, row: Record, action: str) -> None:
    if row["project_id"]:
        _require_in_project(call, row["project_id"], action)
    else:
        call.require("robot", action)


def _create(call: Call) -> Reply:
    """A `secret` and a `disable` of the body are ignored; the secret is told once, here."""
    body = call.body("robot", "RobotCreate", _FIELDS)
    call.require_somebody()
    name = body.get("name", "")
    if not _NAME.fullmatch(name):
        message = "robot name is not in lower case or contains illegal characters"
        raise bad_request(message)
    check(body)
    permissions = normal(body["permissions"])
    project = _owner(call, body)
    _check_maker(call, project, permissions)
    full = f"{project['name']}+{name}" if project else name
    number = project["project_id"] if project else 0
    if call.state.robots.find((number, full)):
        call.state.robots.skip()
        message = f"robot account {number}:{full} already exists"
        raise RefusedError(409, message)
    row = call.state.add_robot(number, full, body["duration"], permissions, generate())
    row["description"] = body.get("description", "")
    row["creator_type"] = "robot" if call.who.kind == "robot" else "local"
    row["creator_ref"] = call.who.user_id or call.who.record["id"]
    call.record("create", "robot", _full_name(call.state, row), number)
    told = {name: row[name] for name in ("id", "secret", "creation_time", "expires_at")}
    return created(call.location(row["id"]), told | {"name": _full_name(call.state, row)})


def _owner(call: Call, body: Record) -> Record | None:
    """The project of a project's robot is the one of its only permission."""
    if body["level"] == "system":
        call.require("robot", "create")
        return None
    return call.project_of(body["permissions"][0].get("namespace", ""), "robot", "create")


def _check_maker(call: Call, project: Record | None, permissions: list[Record]) -> None:
    """A robot gives what it has; before 2.14 only to robots of its own level and project."""
    if call.who.kind != "robot":
        return
    maker = call.who.record
    number = project["project_id"] if project else 0
    if call.state.release < _ROBOTS_MAKE_ROBOTS and maker["project_id"] != number:
        message = "denied"
        raise RefusedError(403, message, "DENIED")
    if not within(permissions, maker["permissions"]):
        message = (
            "permission scope is invalid. It must be equal to or more restrictive than the "
            f"creator robot's permissions: {call.who.name}"
        )
        raise RefusedError(403, message, "DENIED")


def _found(call: Call) -> Record:
    number = call.number("robot_id")
    call.require_somebody()
    row = call.state.robots.rows.get(number)
    if row is None:
        message = f"robot {number} not found"
        raise RefusedError(404, message)
    return row


def _get(call: Call) -> Reply:
    row = _found(call)
    _require(call, row, "read")
    return ok(_show(call.state, row))


def _delete(call: Call) -> Reply:
    row = _found(call)
    _require(call, row, "delete")
    call.state.robots.drop(row["id"])
    call.record("delete", "robot", _full_name(call.state, row), row["project_id"])
    return empty()


def _set_secret(call: Call) -> Reply:
    """The expiry stays where it is."""
    row = _found(call)
    _require(call, row, "update")
    secret = call.body("robotSec", "RobotSec", {"secret": str}).get("secret", "")
    if secret and not good(secret):
        message = f"the secret {RULE}"
        raise bad_request(message)
    row["secret"] = secret or generate()
    row["update_time"] = call.state.now()
    return ok({} if secret else {"secret": row["secret"]})


def _update(call: Call) -> Reply:
    """Replaces everything but name and level, which must be as they are."""
    row = _found(call)
    body = call.body("robot", "Robot", _FIELDS)
    body.setdefault("duration", row["duration"])
    check(body)
    permissions = normal(body["permissions"])
    if row["project_id"]:
        _check_same_project(call, row, permissions)
    _require(call, row, "update")
    if body["level"] != _level(row) or body.get("name") != _full_name(call.state, row):
        message = "cannot update the level or name of robot"
        raise bad_request(message)
    if body["duration"] != row["duration"]:
        days = body["duration"]
        row["expires_at"] = -1 if days == -1 else int(row["created"]) + days * DAY
    row |= {
        "duration": body["duration"],
        "description": body.get("description", ""),
        "disable": body.get("disable", False),
        "permissions": permissions,
        "update_time": call.state.now(),
    }
    return empty()


def _check_same_project(call: Call, row: Record, permissions: list[Record]) -> None:
    name = permissions[0]["namespace"]
    project = call.state.projects.find(name)
    if project is None:
        message = f"project {name} not found"
        raise RefusedError(404, message)
    if project["project_id"] != row["project_id"]:
        message = "cannot update the project id of robot"
        raise bad_request(message)


ROUTES = (
    Route("GET", "/robots", _list),
    Route("POST", "/robots", _create),
    Route("GET", "/robots/{robot_id}", _get),
    Route("PUT", "/robots/{robot_id}", _update),
    Route("PATCH", "/robots/{robot_id}", _set_secret),
    Route("DELETE", "/robots/{robot_id}", _delete),
)
