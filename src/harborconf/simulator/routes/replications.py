"""Replications: kept, and never run."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from harborconf.simulator.cron import CronError, parse
from harborconf.simulator.http import (
    RefusedError,
    Reply,
    bad_request,
    created,
    empty,
    internal_error,
    invalid,
    ok,
)
from harborconf.simulator.paging import in_order, keywords, matching, page
from harborconf.simulator.router import Route
from harborconf.simulator.routes import registries

if TYPE_CHECKING:
    from harborconf.simulator.call import Call
    from harborconf.simulator.http import Json, Record
    from harborconf.simulator.state import State

_FIELDS: dict[str, type] = {
    "name": str,
    "description": str,
    "src_registry": dict,
    "dest_registry": dict,
    "dest_namespace": str,
    "dest_namespace_replace_count": int,
    "trigger": dict,
    "filters": list,
    "deletion": bool,
    "override": bool,
    "enabled": bool,
    "speed": int,
    "copy_by_chunk": bool,
    "single_active_replication": bool,
}
_BITS = {"dest_namespace_replace_count": 8, "speed": 32}
_LONGEST = {"name": 256, "dest_namespace": 256, "trigger": 256, "filters": 1024}
_COMPONENT = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_NAMESPACE = re.compile(rf"{_COMPONENT}(?:/{_COMPONENT})*")
_KEYS = {
    "id": lambda row: row["id"],
    "name": lambda row: row["name"],
    "creation_time": lambda row: row["creation_time"],
    "update_time": lambda row: row["update_time"],
}
_OMITTED_WHEN_EMPTY = ("description", "dest_namespace", "deletion", "override", "enabled")


def _show(state: State, row: Record) -> Record:
    """What is false or empty is mostly left out."""
    found = {name: value for name, value in row.items() if value or name not in _OMITTED_WHEN_EMPTY}
    for side in ("src_registry", "dest_registry"):
        registry = state.registries.rows.get(row[side])
        found[side] = registries.local() if registry is None else registries.show(registry)
    if row["deletion"]:
        found["replicate_deletion"] = True
    if row["trigger"] is None:
        del found["trigger"]
    if state.release < (2, 14):
        del found["single_active_replication"]
    return found


def _list(call: Call) -> Reply:
    """The newest first."""
    call.require("replication-policy", "list")
    wanted = keywords(call.request)
    if name := call.request.query.get("name"):
        wanted["name"] = f"~{name}"
    rows = matching(call.state.replications, wanted, _KEYS)
    rows = in_order(rows, call.request.query.get("sort", ""), _KEYS, "-id")
    return page(call.request, rows, lambda row: _show(call.state, row))


def _create(call: Call) -> Reply:
    call.require("replication-policy", "create")
    row = _checked(call)
    if call.state.replications.find(row["name"]):
        call.state.replications.skip()
        raise _taken(row["name"])
    return created(call.location(call.state.replications.add(row | call.state.times())["id"]))


def _taken(name: str) -> RefusedError:
    return RefusedError(409, f"replication policy {name} already exists")


def _checked(call: Call) -> Record:
    body = call.body("policy", "ReplicationPolicy", _FIELDS)
    _check_sizes(body)
    trigger = body.get("trigger")
    single = body.get("single_active_replication", False) and call.state.release >= (2, 14)
    if single and trigger and trigger.get("type") == "event_based":
        raise internal_error()
    row: Record = {
        "name": body.get("name", ""),
        "description": body.get("description", ""),
        "src_registry": (body.get("src_registry") or {}).get("id", 0),
        "dest_registry": (body.get("dest_registry") or {}).get("id", 0),
        "dest_namespace": body.get("dest_namespace", ""),
        "dest_namespace_replace_count": body.get("dest_namespace_replace_count", -1),
        "filters": [_filter(item) for item in body.get("filters") or ()] or None,
        "trigger": None if trigger is None else _trigger(trigger),
        "deletion": body.get("deletion", False),
        "override": body.get("override", False),
        "enabled": body.get("enabled", False),
        "speed": max(body.get("speed", 0), 0),
        "copy_by_chunk": body.get("copy_by_chunk", False),
        "single_active_replication": single,
    }
    _check(call.state, row)
    return row


def _check_sizes(body: Record) -> None:
    """Numbers fit Go's types."""
    for name, bits in _BITS.items():
        number = body.get(name, 0)
        if not -(2 ** (bits - 1)) <= number < 2 ** (bits - 1):
            problem = (
                'parsing policy body from "" failed, because json: cannot unmarshal'
                f" number {number} into Go struct field ReplicationPolicy.{name} of type int{bits}"
            )
            raise invalid(problem)


def _filter(item: Record) -> Record:
    found = {"type": item.get("type", ""), "value": item.get("value")}
    return found | ({"decoration": item["decoration"]} if item.get("decoration") else {})


def _trigger(trigger: Record) -> Record:
    found: Record = {"type": trigger.get("type", "")}
    settings = trigger.get("trigger_settings")
    return found if settings is None else {**found, "trigger_settings": settings}


def _check(state: State, row: Record) -> None:
    if not row["name"]:
        message = "empty name"
        raise bad_request(message)
    if bool(row["src_registry"]) == bool(row["dest_registry"]):
        message = (
            "either src_registry or dest_registry should be empty and the other one shouldn't be"
            " empty"
        )
        raise bad_request(message)
    for item in row["filters"] or ():
        _check_filter(item)
    namespace = row["dest_namespace"]
    if namespace and not _NAMESPACE.fullmatch(namespace):
        message = f"invalid destination namespace: {namespace}"
        raise bad_request(message)
    if row["trigger"] is not None:
        _check_trigger(row["trigger"])
    number = row["src_registry"] or row["dest_registry"]
    if number not in state.registries.rows:
        message = f"registry {number} not found"
        raise RefusedError(404, message)
    if any(len(_kept(row[name])) > most for name, most in _LONGEST.items()):
        raise internal_error()


def _kept(value: Json) -> str:
    """A value as the database keeps it."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) if value else ""


def _check_filter(item: Record) -> None:
    kind, value, decoration = item["type"], item["value"], item.get("decoration")
    message = ""
    if kind in {"name", "tag", "resource"}:
        if not isinstance(value, str):
            message = "the type of filter value isn't string"
        elif kind == "resource" and value not in {"image", "artifact"}:
            message = f"invalid resource filter: {value}"
        elif kind != "tag" and decoration:
            message = "only tag and label filter support decoration"
    elif kind != "label":
        message = "invalid filter type"
    elif not isinstance(value, list) or not all(isinstance(label, str) for label in value):
        message = "the type of label filter value isn't string slice"
    if not message and decoration not in {None, "matches", "excludes"}:
        message = f"invalid filter decoration, :{decoration}"
    if message:
        raise bad_request(message)


def _check_trigger(trigger: Record) -> None:
    """Event based is taken for what is pulled as well, where it never happens."""
    if trigger["type"] in {"manual", "event_based"}:
        return
    if trigger["type"] != "scheduled":
        message = "invalid trigger type"
        raise bad_request(message)
    cron = (trigger.get("trigger_settings") or {}).get("cron", "")
    if not cron:
        message = "the cron string cannot be empty when the trigger type is scheduled"
        raise bad_request(message)
    try:
        parse(cron)
    except CronError:
        message = f"invalid cron string for scheduled trigger: {cron}"
        raise bad_request(message) from None
    second, minute = cron.split(" ")[:2]
    if second != "0":
        message = "the 1st field (indicating Seconds of time) of the cron setting must be 0"
        raise bad_request(message)
    if minute == "*":
        message = "* is not allowed for the Minutes field of the cron setting of replication policy"
        raise bad_request(message)


def _found(call: Call) -> Record:
    number = call.number("id")
    row = call.state.replications.rows.get(number)
    if row is None:
        message = f"replication policy {number} not found"
        raise RefusedError(404, message)
    return row


def _get(call: Call) -> Reply:
    call.require("replication-policy", "read")
    return ok(_show(call.state, _found(call)))


def _update(call: Call) -> Reply:
    """Replaces it: what is left out becomes empty, off, manual, and -1."""
    call.require("replication-policy", "update")
    new = _checked(call)
    row = _found(call)
    if call.state.replications.find(new["name"]) not in (None, row):
        raise _taken(new["name"])
    call.state.replications.change(row, **new, update_time=call.state.now())
    return empty()


def _delete(call: Call) -> Reply:
    call.require("replication-policy", "delete")
    call.state.replications.drop(_found(call)["id"])
    return empty()


ROUTES = (
    Route("GET", "/replication/policies", _list),
    Route("POST", "/replication/policies", _create),
    Route("GET", "/replication/policies/{id}", _get),
    Route("PUT", "/replication/policies/{id}", _update),
    Route("DELETE", "/replication/policies/{id}", _delete),
)
