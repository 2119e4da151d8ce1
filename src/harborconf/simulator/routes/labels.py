"""Labels, global and of projects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harborconf.simulator.http import RefusedError, Reply, bad_request, created, empty, ok
from harborconf.simulator.paging import in_order, keywords, matching, page, whole_number
from harborconf.simulator.router import Route

if TYPE_CHECKING:
    from harborconf.simulator.call import Call
    from harborconf.simulator.http import Record

GLOBAL, PROJECT = "g", "p"
_LONGEST_NAME = 128
_FIELDS: dict[str, type] = {
    "name": str,
    "description": str,
    "color": str,
    "scope": str,
    "project_id": int,
}
_KEYS = {
    "id": lambda row: row["id"],
    "name": lambda row: row["name"],
    "creation_time": lambda row: row["creation_time"],
    "update_time": lambda row: row["update_time"],
}


def _show(row: Record) -> Record:
    return {name: value for name, value in row.items() if value}


def _list(call: Call) -> Reply:
    """The global ones are for everybody, even for nobody."""
    query = call.request.query
    scope, project = query.get("scope", ""), 0
    wanted = keywords(call.request)
    if scope not in {GLOBAL, PROJECT}:
        message = f"invalid scope: {scope}"
        raise bad_request(message)
    if scope == PROJECT:
        project = whole_number(call.request, "project_id", 0)
        if not project:
            message = "must with project ID when to query project labels"
            raise bad_request(message)
        if not (call.who.is_admin and project not in call.state.projects.rows):
            call.project_of(project, "label", "list")
    call.touch_database()
    if query.get("name"):
        wanted["name"] = f"~{query['name']}"
    rows = matching(call.state.labels.of(project), wanted, _KEYS)
    return page(call.request, in_order(rows, query.get("sort", ""), _KEYS), _show)


def _require(call: Call, row: Record, action: str) -> None:
    if row["scope"] == GLOBAL:
        call.require("label", action)
    elif row["scope"] == PROJECT:
        call.project_of(row["project_id"], "label", action)
    else:
        message = "unsupported label scope"
        raise bad_request(message)


def _create(call: Call) -> Reply:
    body = call.body("label", "Label", _FIELDS)
    scope = body.get("scope", "")
    row: Record = {
        "name": body.get("name", ""),
        "description": body.get("description", ""),
        "color": body.get("color", ""),
        "scope": scope,
        "project_id": 0 if scope == GLOBAL else body.get("project_id", 0),
    }
    _require(call, row, "create")
    if call.state.labels.find((scope, row["project_id"], row["name"])):
        call.state.labels.skip()
        raise _taken(row["name"])
    return created(call.location(call.state.labels.add(row | call.state.times())["id"]))


def _taken(name: str) -> RefusedError:
    return RefusedError(409, f"label {name} already exists")


def _found(call: Call) -> Record:
    number = call.number("label_id")
    call.touch_database()
    row = call.state.labels.rows.get(number)
    if row is None:
        message = f"label {number} not found"
        raise RefusedError(404, message)
    return row


def _get(call: Call) -> Reply:
    row = _found(call)
    _require(call, row, "read")
    return ok(_show(row))


def _update(call: Call) -> Reply:
    """Replaces name, description and color; one that is left out becomes empty."""
    row = _found(call)
    _require(call, row, "update")
    body = call.body("label", "Label", _FIELDS)
    name = body.get("name", "")
    if not name:
        message = "cannot be empty"
        raise bad_request(message)
    if len(name) > _LONGEST_NAME:
        message = "max length is 128"
        raise bad_request(message)
    if call.state.labels.find((row["scope"], row["project_id"], name)) not in (None, row):
        raise _taken(name)
    call.state.labels.change(
        row,
        name=name,
        description=body.get("description", ""),
        color=body.get("color", ""),
        update_time=call.state.now(),
    )
    return empty()


def _delete(call: Call) -> Reply:
    row = _found(call)
    _require(call, row, "delete")
    call.state.labels.drop(row["id"])
    return empty()


ROUTES = (
    Route("GET", "/labels", _list),
    Route("POST", "/labels", _create),
    Route("GET", "/labels/{label_id}", _get),
    Route("PUT", "/labels/{label_id}", _update),
    Route("DELETE", "/labels/{label_id}", _delete),
)
