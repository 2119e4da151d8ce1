"""Rules that make tags immutable."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from harborconf.simulator.http import (
    RefusedError,
    Reply,
    bad_request,
    created,
    empty,
    internal_error,
)
from harborconf.simulator.paging import page
from harborconf.simulator.router import Route

if TYPE_CHECKING:
    from harborconf.simulator.call import Call
    from harborconf.simulator.http import Record

_RESOURCE = "immutable-tag"
_FIELDS: dict[str, type] = {
    "id": int,
    "disabled": bool,
    "action": str,
    "template": str,
    "scope_selectors": dict,
    "tag_selectors": list,
}
_KEPT = ("action", "template", "params", "priority", "scope_selectors", "tag_selectors")


def _show(row: Record) -> Record:
    found = {"id": row["id"], **row["rule"]}
    return found | ({"disabled": True} if row["disabled"] else {})


def _list(call: Call) -> Reply:
    project = call.project(_RESOURCE, "list")
    return page(call.request, call.state.rules.of(project["project_id"]), _show)


def _create(call: Call) -> Reply:
    """Every rule begins enabled."""
    project = call.project(_RESOURCE, "create")["project_id"]
    rule = _rule(call)
    if call.state.rules.find((project, _filter(rule))):
        call.state.rules.skip()
        message = "immutable rule already exists"
        raise RefusedError(409, message)
    row = {"project_id": project, "filter": _filter(rule), "rule": rule, "disabled": False}
    return created(call.location(call.state.rules.add(row)["id"]))


def _rule(call: Call) -> Record:
    body = call.body("ImmutableRule", "ImmutableRule", _FIELDS)
    return {name: body[name] for name in _KEPT if body.get(name)}


def _filter(rule: Record) -> str:
    return json.dumps(rule, sort_keys=True)


def _found(call: Call, project: int) -> Record:
    number = call.number("rule_id")
    row = call.state.rules.rows.get(number)
    if row is None or row["project_id"] != project:
        message = f"project id {project}, immutable rule id {number} not found"
        raise RefusedError(404, message)
    return row


def _update(call: Call) -> Reply:
    """When `disabled` differs this only toggles it, and drops the rest of the body."""
    body = call.body("ImmutableRule", "ImmutableRule", _FIELDS)
    if body.get("id", 0) != call.number("rule_id"):
        message = (
            "bad request: the immutable_rule_id doesn't match the id in the payload body of "
            "ImmutableRule"
        )
        raise bad_request(message)
    project = call.project(_RESOURCE, "update")["project_id"]
    row = _found(call, project)
    disabled = body.get("disabled", False)
    if disabled != row["disabled"]:
        row["disabled"] = disabled
        return empty()
    rule = _rule(call)
    same = call.state.rules.find((project, _filter(rule)))
    if same is not None and same is not row:
        raise internal_error()
    call.state.rules.change(row, filter=_filter(rule), rule=rule)
    return empty()


def _delete(call: Call) -> Reply:
    project = call.project(_RESOURCE, "delete")["project_id"]
    call.state.rules.drop(_found(call, project)["id"])
    return empty()


ROUTES = (
    Route("GET", "/projects/{project}/immutabletagrules", _list),
    Route("POST", "/projects/{project}/immutabletagrules", _create),
    Route("PUT", "/projects/{project}/immutabletagrules/{rule_id}", _update),
    Route("DELETE", "/projects/{project}/immutabletagrules/{rule_id}", _delete),
)
