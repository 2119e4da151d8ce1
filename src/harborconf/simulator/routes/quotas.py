"""Quotas: the storage of each project."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from harborconf.simulator.clock import ZERO_TIME
from harborconf.simulator.http import RefusedError, Reply, bad_request, empty, ok
from harborconf.simulator.paging import in_order, page
from harborconf.simulator.router import Route
from harborconf.simulator.storage import UNLIMITED, check_limit

if TYPE_CHECKING:
    from harborconf.simulator.call import Call
    from harborconf.simulator.http import Record
    from harborconf.simulator.state import State


def _hard(row: Record) -> int:
    """Unlimited counts as the largest."""
    limit: int = row["hard"]["storage"]
    return sys.maxsize if limit == UNLIMITED else limit


_KEYS = {
    "hard.storage": _hard,
    "used.storage": lambda row: row["used"],
    "creation_time": lambda row: row["id"],
    "update_time": lambda row: row["update_time"],
}


def _show(state: State, row: Record) -> Record:
    number = row["project_id"]
    project = state.projects.rows[number]
    return {
        "id": row["id"],
        "ref": {"id": number, "name": project["name"], "owner_name": ""},
        "hard": row["hard"],
        "used": {"storage": row["used"]},
        "creation_time": row["creation_time"],
        "update_time": row["update_time"],
    }


def _list(call: Call) -> Reply:
    """The newest first."""
    call.require("quota", "list")
    query = call.request.query
    rows = list(call.state.quotas)
    if query.get("reference", "project") not in {"", "project"}:
        rows = []
    if reference := query.get("reference_id"):
        rows = [row for row in rows if str(row["project_id"]) == reference]
    if query.get("sort"):
        rows = in_order(rows, query["sort"], _KEYS, "-creation_time")
    else:
        rows.reverse()
    return page(call.request, rows, lambda row: _show(call.state, row))


def _found(call: Call) -> Record:
    number = call.number("id")
    row = call.state.quotas.rows.get(number)
    if row is None:
        message = f"quota {number} not found"
        raise RefusedError(404, message)
    return row


def _get(call: Call) -> Reply:
    """Without the time of the last change, which the list has."""
    number = call.number("id")
    call.require("quota", "read")
    del number
    return ok(_show(call.state, _found(call)) | {"update_time": ZERO_TIME})


def _update(call: Call) -> Reply:
    call.require("quota", "update")
    hard = call.body("hard", "QuotaUpdateReq", {"hard": dict}).get("hard")
    if not hard:
        message = "hard required in body"
        raise bad_request(message)
    row = _found(call)
    for name, value in hard.items():
        if name != "storage":
            message = f"resource {name} not support"
            raise bad_request(message)
        check_limit(value)
    row["hard"] = {"storage": hard["storage"]}
    return empty()


ROUTES = (
    Route("GET", "/quotas", _list),
    Route("GET", "/quotas/{id}", _get),
    Route("PUT", "/quotas/{id}", _update),
)
