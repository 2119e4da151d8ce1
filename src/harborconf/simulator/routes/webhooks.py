"""Webhooks of projects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harborconf.simulator.clock import ZERO_TIME
from harborconf.simulator.http import (
    RefusedError,
    Reply,
    bad_request,
    created,
    empty,
    internal_error,
    ok,
)
from harborconf.simulator.paging import in_order, keywords, matching, page
from harborconf.simulator.router import Route

if TYPE_CHECKING:
    from harborconf.simulator.call import Call
    from harborconf.simulator.http import Record

_RESOURCE = "notification-policy"
_LONGEST_NAME = 256
_EVENTS = (
    "PUSH_ARTIFACT",
    "PULL_ARTIFACT",
    "DELETE_ARTIFACT",
    "QUOTA_EXCEED",
    "QUOTA_WARNING",
    "SCANNING_FAILED",
    "SCANNING_STOPPED",
    "SCANNING_COMPLETED",
    "REPLICATION",
    "TAG_RETENTION",
)
_TYPES = ("http", "slack")
_FORMATS = ("Default", "CloudEvents")
_FIELDS: dict[str, type] = {
    "name": str,
    "description": str,
    "creator": str,
    "creation_time": str,
    "enabled": bool,
    "event_types": list,
    "targets": list,
}
_TARGET = ("type", "address", "auth_header", "skip_cert_verify", "payload_format")
_KEYS = {
    "name": lambda row: row["name"],
    "creation_time": lambda row: row["creation_time"],
    "update_time": lambda row: row["update_time"],
}


def _show(row: Record) -> Record:
    """Even the headers with their secrets."""
    return {
        name: value for name, value in row.items() if value or name in {"enabled", "creation_time"}
    }


def _list(call: Call) -> Reply:
    """The newest first, and last those that were changed without their time of creation."""
    project = call.project(_RESOURCE, "list")["project_id"]
    rows = sorted(
        call.state.webhooks.of(project),
        key=lambda row: (row["creation_time"], row["id"]),
        reverse=True,
    )
    rows = matching(rows, keywords(call.request), _KEYS)
    return page(call.request, in_order(rows, call.request.query.get("sort", ""), _KEYS), _show)


def _body(call: Call) -> Record:
    body = call.body("policy", "WebhookPolicy", _FIELDS)
    events = body.get("event_types", [])
    if not events:
        message = "empty event type"
        raise bad_request(message)
    for event in events:
        if event not in _EVENTS:
            message = f"unsupported event type {event}"
            raise bad_request(message)
    name = body.get("name", "")
    targets = [_target(name, target) for target in body.get("targets", [])]
    if not targets:
        message = f"empty notification target with policy {name}"
        raise bad_request(message)
    return {
        "name": name,
        "description": body.get("description", ""),
        "creator": body.get("creator", ""),
        "enabled": body.get("enabled", False),
        "event_types": events,
        "targets": targets,
    }


def _target(policy: str, target: Record) -> Record:
    """The address is looked at, and kept as it is: spaces, missing scheme, password and all."""
    _check_address(str(target.get("address", "")))
    kind, how = target.get("type", ""), target.get("payload_format", "")
    if kind not in _TYPES:
        message = f"unsupported target type {kind} with policy {policy}"
        raise bad_request(message)
    if how and kind == "slack":
        message = "set payload format is not allowed for slack"
        raise bad_request(message)
    if how and how not in _FORMATS:
        message = f"unsupported payload format type: {how}"
        raise bad_request(message)
    kept = {name: target[name] for name in _TARGET if target.get(name)}
    return kept | ({"payload_format": how or "Default"} if kind == "http" else {})


def _check_address(address: str) -> None:
    address = address.strip(" ").rstrip("/")
    if not address:
        message = "empty URL"
        raise bad_request(message)
    scheme, mark, _ = address.partition("://")
    if mark and scheme not in {"http", "https"}:
        message = f"invalid scheme: {scheme}"
        raise bad_request(message)


def _check_name(call: Call, project: int, name: str, row: Record | None = None) -> None:
    if len(name) > _LONGEST_NAME:
        call.state.webhooks.skip()
        raise internal_error()
    if call.state.webhooks.find((project, name)) not in (None, row):
        if row is None:
            call.state.webhooks.skip()
        message = f"notification policy named {name} already exists"
        raise RefusedError(409, message)


def _create(call: Call) -> Reply:
    """Nothing is sent to a target yet. What is not said to be enabled is not."""
    project = call.project(_RESOURCE, "create")["project_id"]
    body = _body(call)
    _check_name(call, project, body["name"])
    row = call.state.webhooks.add(body | {"project_id": project} | call.state.times())
    return created(call.location(row["id"]))


def _found(call: Call, project: int) -> Record:
    number = call.number("policy_id")
    row = call.state.webhooks.rows.get(number)
    if row is None:
        message = f"notificationPolicy {number} not found"
        raise RefusedError(404, message)
    if row["project_id"] != project:
        message = f"resource not found: project id:{project}, webhook policy id: {number} not found"
        raise RefusedError(404, message)
    return row


def _get(call: Call) -> Reply:
    project = call.project(_RESOURCE, "read")
    return ok(_show(_found(call, project["project_id"])))


def _update(call: Call) -> Reply:
    """Replaces everything, the time of creation too; only the name's being free is looked at."""
    project = call.project(_RESOURCE, "update")["project_id"]
    row = _found(call, project)
    body = _body(call)
    _check_name(call, project, body["name"], row)
    said = call.body("policy", "WebhookPolicy", _FIELDS).get("creation_time", ZERO_TIME)
    call.state.webhooks.change(row, **body, creation_time=said, update_time=call.state.now())
    return empty()


def _delete(call: Call) -> Reply:
    project = call.project(_RESOURCE, "delete")
    call.state.webhooks.drop(_found(call, project["project_id"])["id"])
    return empty()


def _events(call: Call) -> Reply:
    call.project(_RESOURCE, "read")
    formats = [{"formats": _FORMATS, "notify_type": "http"}]
    return ok({"event_type": _EVENTS, "notify_type": _TYPES, "payload_formats": formats})


ROUTES = (
    Route("GET", "/projects/{project}/webhook/policies", _list),
    Route("POST", "/projects/{project}/webhook/policies", _create),
    Route("GET", "/projects/{project}/webhook/policies/{policy_id}", _get),
    Route("PUT", "/projects/{project}/webhook/policies/{policy_id}", _update),
    Route("DELETE", "/projects/{project}/webhook/policies/{policy_id}", _delete),
    Route("GET", "/projects/{project}/webhook/events", _events),
)
