"""Scanners: Harbor's own, Trivy, and those that are registered."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

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

if TYPE_CHECKING:
    from harborconf.simulator.call import Call
    from harborconf.simulator.http import Record
    from harborconf.simulator.state import State

_RESERVED = "Trivy"
_LONGEST_NAME, _LONGEST_DESCRIPTION = 128, 1024
_LONGEST_CREDENTIAL, _LONGEST_ENCRYPTED = 512, 362
_AUTHS = ("Basic", "Bearer", "APIKey")
_FIELDS: dict[str, type] = {
    "name": str,
    "url": str,
    "description": str,
    "auth": str,
    "access_credential": str,
    "skip_certVerify": bool,
    "use_internal_addr": bool,
    "disabled": bool,
}
_KEYS = {
    "name": lambda row: row["name"],
    "url": lambda row: row["url"],
    "description": lambda row: row["description"],
    "create_time": lambda row: row["create_time"],
    "update_time": lambda row: row["update_time"],
}
_SHOWN = (
    "auth",
    "create_time",
    "description",
    "disabled",
    "is_default",
    "name",
    "skip_certVerify",
    "update_time",
    "url",
    "use_internal_addr",
    "uuid",
)
_METADATA = "projectScanner"


def tells_credentials(state: State) -> bool:
    """Whether this version tells credentials: of scanners, and of preheat instances too."""
    return state.release < (2, 14, 4) or (2, 15) <= state.release < (2, 15, 1)


def _show(state: State, row: Record) -> Record:
    found = {name: row[name] for name in _SHOWN}
    found["access_credential"] = row["access_credential"] if tells_credentials(state) else ""
    found["capabilities"] = dict(row["capabilities"])
    return found


def _answers(state: State, url: str) -> bool:
    return urlsplit(url).port != 1 and url not in state.unreachable


def _list(call: Call) -> Reply:
    """The default first, then the newest. What each can do Harbor remembers for a while."""
    call.require("scanner", "list")
    rows = sorted(call.state.scanners, key=lambda row: (row["is_default"], row["id"]), reverse=True)
    rows = matching(rows, keywords(call.request), _KEYS)
    rows = in_order(rows, call.request.query.get("sort", ""), _KEYS)
    return page(call.request, rows, lambda row: _show(call.state, row))


def _body(call: Call) -> Record:
    body = call.body("registration", "ScannerRegistrationReq", _FIELDS)
    for name in ("name", "url"):
        if name not in body:
            problem = f"validation failure list:\n{name} in body is required"
            raise invalid(problem)
    if not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", body["url"]):
        problem = f'validation failure list:\nurl in body must be of type uri: "{body["url"]}"'
        raise invalid(problem)
    return {name: body.get(name, kind()) for name, kind in _FIELDS.items()}


def _checked(body: Record) -> Record:
    """Harbor drops user, query and fragment of the URL, and its slash at the end."""
    if not body["name"]:
        message = "missing registration name"
        raise bad_request(message)
    parts = urlsplit(body["url"].strip(" ").rstrip("/"))
    if parts.scheme not in {"http", "https"}:
        message = f"scanner registration validate: invalid HTTP scheme: {parts.scheme}"
        raise bad_request(message)
    host = parts.netloc.rpartition("@")[2]
    auth = body["auth"]
    if auth and auth not in _AUTHS:
        message = f"auth type {auth} is not supported"
        raise bad_request(message)
    if auth and not body["access_credential"]:
        message = f"access_credential is required for auth type {auth}"
        raise bad_request(message)
    return body | {"url": f"{parts.scheme}://{host}{parts.path}"}


def _check_reserved(name: str) -> None:
    if name == _RESERVED:
        message = f'name "{name}" is reserved, please try a different name'
        raise bad_request(message)


def _check_lengths(state: State, body: Record) -> None:
    longest = _LONGEST_CREDENTIAL if tells_credentials(state) else _LONGEST_ENCRYPTED
    if (
        len(body["name"]) > _LONGEST_NAME
        or len(body["description"]) > _LONGEST_DESCRIPTION
        or len(body["access_credential"]) > longest
    ):
        raise internal_error()


def _create(call: Call) -> Reply:
    """The first one is the default. Each is asked for its metadata before it is stored."""
    call.require("scanner", "create")
    body = _checked(_body(call))
    _check_reserved(body["name"])
    if not _answers(call.state, body["url"]):
        raise internal_error()
    _check_lengths(call.state, body)
    for row in call.state.scanners:
        if row["name"] == body["name"] or row["url"] == body["url"]:
            message = "dao: create registration: registration name or url already exists"
            raise RefusedError(409, message, "UNKNOWN")
    row = call.state.add_scanner(body, str(uuid.uuid1()))
    return created(f"{call.request.path.rstrip('/')}/{row['uuid']}")


def _found(call: Call) -> Record:
    name = call.params["scanner_id"]
    row = call.state.scanners.find(name)
    if row is None:
        message = f"scanner {name} not found"
        raise RefusedError(404, message)
    return row


def _get(call: Call) -> Reply:
    call.require("scanner", "read")
    return ok(_show(call.state, _found(call)))


def _check_mutable(row: Record, action: str) -> None:
    if row["immutable"]:
        message = (
            f"registration {row['name']} is not allowed to {action} as it is immutable: "
            f"scanner API: {action}"
        )
        raise RefusedError(403, message)


def _update(call: Call) -> Reply:
    """Replaces everything, and asks nobody whether it answers.

    Who does not tell the credential keeps it where a body is without one.
    """
    call.require("scanner", "update")
    row = _found(call)
    _check_mutable(row, "update")
    body = _body(call)
    if not tells_credentials(call.state) and body["auth"] in _AUTHS:
        body["access_credential"] = body["access_credential"] or row["access_credential"]
    body = _checked(body)
    if row["is_default"] and body["disabled"]:
        raise internal_error()
    _check_reserved(body["name"])
    _check_lengths(call.state, body)
    for other in call.state.scanners:
        if other is not row and (other["name"] == body["name"] or other["url"] == body["url"]):
            raise internal_error()
    call.state.scanners.change(row, **body, update_time=call.state.now())
    return empty()


def _delete(call: Call) -> Reply:
    """Whoever chose it keeps its number, and uses the default one."""
    call.require("scanner", "delete")
    row = _found(call)
    _check_mutable(row, "delete")
    call.state.scanners.drop(row["id"])
    return ok(_show(call.state, row) | {"capabilities": None})


def _set_default(call: Call) -> Reply:
    """Nothing happens without `is_default`: there always is one."""
    call.require("scanner", "update")
    if call.body("payload", "IsDefault", {"is_default": bool}).get("is_default", False):
        name = call.params["scanner_id"]
        chosen = call.state.scanners.find(name)
        if chosen is None or chosen["disabled"]:
            message = f"registration {name} not found"
            raise RefusedError(404, message)
        for row in call.state.scanners:
            row["is_default"] = row is chosen
    return empty()


# ---- of a project --------------------------------------------------------------------


def _of_project(call: Call) -> Reply:
    """The one it chose, else the default. The number of one that is gone is forgotten here."""
    call.require_somebody()
    project = call.project("scanner", "read")
    row = call.state.scanners.find(project["metadata"].get(_METADATA))
    if row is None:
        project["metadata"] = {
            name: value for name, value in project["metadata"].items() if name != _METADATA
        }
        row = next((one for one in call.state.scanners if one["is_default"]), None)
    if row is None:
        return Reply(200, b"", {"content-type": "application/json"})
    health = {"health": "unhealthy"}
    if _answers(call.state, row["url"]):
        health = {"health": "healthy", **row["metadata"]}
    return ok(_show(call.state, row) | health)


def _candidates(call: Call) -> Reply:
    call.require_somebody()
    call.project("scanner", "create")
    rows = sorted(call.state.scanners, key=lambda row: (row["is_default"], row["id"]), reverse=True)
    return page(call.request, rows, lambda row: _show(call.state, row))


def _choose(call: Call) -> Reply:
    """Any text is taken for a scanner's number."""
    call.require_somebody()
    project = call.project("scanner", "create")
    body = call.body("payload", "ProjectScanner", {"uuid": str})
    if "uuid" not in body:
        # The list of failures is nested in the recordings too.
        problem = "validation failure list:\nuuid in body is required"
        raise invalid(problem)
    if not body["uuid"]:
        raise internal_error()
    project["metadata"] = project["metadata"] | {_METADATA: body["uuid"]}
    return empty()


ROUTES = (
    Route("GET", "/scanners", _list),
    Route("POST", "/scanners", _create),
    Route("GET", "/scanners/{scanner_id}", _get),
    Route("PUT", "/scanners/{scanner_id}", _update),
    Route("PATCH", "/scanners/{scanner_id}", _set_default),
    Route("DELETE", "/scanners/{scanner_id}", _delete),
    Route("GET", "/projects/{project}/scanner", _of_project),
    Route("PUT", "/projects/{project}/scanner", _choose),
    Route("GET", "/projects/{project}/scanner/candidates", _candidates),
)
