"""Schedules of Harbor's own jobs: garbage collection, purging of the audit log, scanning of all."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from harborconf.simulator.clock import ZERO_TIME
from harborconf.simulator.cron import CronError, check, next_time
from harborconf.simulator.http import (
    RefusedError,
    Reply,
    bad_request,
    created,
    empty,
    invalid,
    ok,
)
from harborconf.simulator.router import Route

if TYPE_CHECKING:
    from harborconf.simulator.call import Call
    from harborconf.simulator.http import Json, Record

GC, PURGE, SCAN_ALL = "garbage-collection", "purge-audit", "scan-all"
_WORDS = {GC: "gc", PURGE: "log rotation purge", SCAN_ALL: "scan all"}
_TYPES = ("Hourly", "Daily", "Weekly", "Custom", "Manual", "None", "Schedule")
_KEPT = frozenset(_TYPES[:4])
_MOST_WORKERS = 10
_LONGEST = 240_000
_FIELDS: dict[str, type] = {"schedule": dict, "parameters": dict}
# From here on lists of failures are nested less deep.
_FLATTER = (2, 15)
# From here on garbage collection has it.
_DELETE_TAG = (2, 15)


# ---- all of them ---------------------------------------------------------------------


def _body(call: Call) -> tuple[str, str, Record]:
    """Type, cron and parameters."""
    body = call.body("schedule", "Schedule", _FIELDS)
    schedule = body.get("schedule") or {}
    kind = schedule.get("type", "")
    if kind and kind not in _TYPES:
        problem = f"schedule.type in body should be one of [{' '.join(_TYPES)}]"
        # The list of failures is nested in what real servers answer too.
        nested = "validation failure list:\n" * (1 if call.state.release >= _FLATTER else 2)
        raise invalid(nested + problem)
    return kind, schedule.get("cron", ""), body.get("parameters") or {}


def _store(call: Call, job: str, kind: str, cron: str, parameters: Record) -> None:
    """The new schedule takes the place of the old one."""
    problem = "" if cron else "empty cron string is invalid"
    try:
        check(cron)
    except CronError as error:
        problem = problem or str(error)
    if problem:
        message = f"invalid cron string for scheduled {_WORDS[job]}: {cron}, error: {problem}"
        raise bad_request(message)
    state = call.state
    number = next(state.schedule_numbers)
    state.schedules[job] = {
        "id": number,
        "type": kind,
        "cron": cron,
        "parameters": parameters,
        **state.times(),
    }


def _show_job(call: Call, row: Record | None) -> Reply:
    if row is None:
        return Reply(200, b"", {"content-type": "application/json"})
    schedule = {
        "cron": row["cron"],
        "next_scheduled_time": next_time(row["cron"], call.state.clock()),
        "type": row["type"],
    }
    return ok(
        {
            "creation_time": row["creation_time"],
            "id": row["id"],
            "job_kind": row["cron"],
            "job_parameters": json.dumps(row["parameters"], separators=(",", ":"), sort_keys=True),
            "job_status": "Running",
            "schedule": schedule,
            "update_time": row["update_time"],
        }
    )


# ---- garbage collection --------------------------------------------------------------


def _read_gc(call: Call) -> Reply:
    call.require(GC, "read")
    return _show_job(call, call.state.schedules.get(GC))


def _make_gc(call: Call) -> Reply:
    call.require(GC, "create")
    _take_gc(call)
    return created(call.request.path.replace("schedule", "0"))


def _change_gc(call: Call) -> Reply:
    call.require(GC, "update")
    _take_gc(call)
    return empty()


def _take_gc(call: Call) -> None:
    """What is no number of workers, and no boolean, is left out silently."""
    kind, cron, sent = _body(call)
    if kind == "None":
        call.state.schedules.pop(GC, None)
        return
    workers: int = sent["workers"] if _is_number(sent.get("workers")) else 0
    if _is_number(sent.get("workers")) and not 0 < workers <= _MOST_WORKERS:
        message = (
            f"Error: Invalid number of workers:{workers}. "
            "Workers must be greater than 0 and less than or equal to 10."
        )
        raise bad_request(message)
    parameters: Record = {
        "delete_untagged": sent.get("delete_untagged") is True,
        "workers": workers,
    }
    if call.state.release >= _DELETE_TAG:
        parameters["delete_tag"] = sent.get("delete_tag") is True
    if kind in _KEPT:
        _store(call, GC, kind, cron, parameters)


def _is_number(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


# ---- purging of the audit log --------------------------------------------------------


def _read_purge(call: Call) -> Reply:
    call.require(PURGE, "read")
    return _show_job(call, call.state.schedules.get(PURGE))


def _make_purge(call: Call) -> Reply:
    call.require(PURGE, "create")
    _take_purge(call)
    return created(call.request.path.replace("schedule", "0"))


def _change_purge(call: Call) -> Reply:
    call.require(PURGE, "update")
    _take_purge(call)
    return empty()


def _take_purge(call: Call) -> None:
    """Parameters are kept as they come, nonsense too; even taking a schedule away needs them."""
    kind, cron, sent = _body(call)
    problem = ""
    if not sent:
        problem = "schedule parameter cann't be empty"
    elif "audit_retention_hour" not in sent:
        problem = "audit_retention_hour should provide"
    elif _is_number(sent["audit_retention_hour"]) and sent["audit_retention_hour"] > _LONGEST:
        problem = f"audit_retention_hour should be less than {_LONGEST}"
    elif "include_event_types" not in sent:
        problem = "include_event_types should provide"
    if problem:
        message = f"bad request: {problem}"
        raise bad_request(message)
    if kind == "None":
        call.state.schedules.pop(PURGE, None)
    elif kind in _KEPT:
        _store(call, PURGE, kind, cron, sent)


# ---- scanning of all -----------------------------------------------------------------


def _require_scanner(call: Call, action: str) -> None:
    call.require(SCAN_ALL, action)
    if not call.state.has_scanner:
        message = "no scanner is configured, it's not possible to scan"
        raise RefusedError(412, message)


def _read_scan_all(call: Call) -> Reply:
    """When it is due next is not told."""
    _require_scanner(call, "read")
    row = call.state.schedules.get(SCAN_ALL)
    if row is None:
        return _show_job(call, None)
    return ok(
        {
            "creation_time": row["creation_time"],
            "id": row["id"],
            "schedule": {
                "cron": row["cron"],
                "next_scheduled_time": ZERO_TIME,
                "type": row["type"],
            },
            "status": "Running",
            "update_time": row["update_time"],
        }
    )


def _make_scan_all(call: Call) -> Reply:
    """Only the first one can be made."""
    _require_scanner(call, "create")
    kind, cron, _ = _body(call)
    if kind in {"None", "Manual"}:
        return empty(201)
    if SCAN_ALL in call.state.schedules:
        message = (
            "fail to set schedule for scan all as always had one, "
            "please delete it firstly then to re-schedule"
        )
        raise RefusedError(412, message)
    _store(call, SCAN_ALL, kind, cron, {})
    return empty(201)


def _change_scan_all(call: Call) -> Reply:
    """The first one can be made here too."""
    _require_scanner(call, "update")
    kind, cron, _ = _body(call)
    if kind == "Manual":
        message = "fail to update scan all schedule as wrong schedule type: Manual"
        raise bad_request(message)
    if kind == "None":
        call.state.schedules.pop(SCAN_ALL, None)
    else:
        _store(call, SCAN_ALL, kind, cron, {})
    return empty()


ROUTES = (
    Route("GET", "/system/gc/schedule", _read_gc),
    Route("POST", "/system/gc/schedule", _make_gc),
    Route("PUT", "/system/gc/schedule", _change_gc),
    Route("GET", "/system/purgeaudit/schedule", _read_purge),
    Route("POST", "/system/purgeaudit/schedule", _make_purge),
    Route("PUT", "/system/purgeaudit/schedule", _change_purge),
    Route("GET", "/system/scanAll/schedule", _read_scan_all),
    Route("POST", "/system/scanAll/schedule", _make_scan_all),
    Route("PUT", "/system/scanAll/schedule", _change_scan_all),
)
