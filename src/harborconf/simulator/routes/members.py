"""Members of a project: users and groups, each with a role."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harborconf.simulator.http import (
    RefusedError,
    Reply,
    bad_request,
    created,
    empty,
    internal_error,
    ok,
)
from harborconf.simulator.paging import some
from harborconf.simulator.permissions import ROLE_NAMES
from harborconf.simulator.router import Route
from harborconf.simulator.routes.groups import HTTP, LDAP, OIDC

if TYPE_CHECKING:
    from harborconf.simulator.call import Call
    from harborconf.simulator.http import Record
    from harborconf.simulator.state import State
    from harborconf.simulator.table import Table

_FIELDS: dict[str, type] = {"role_id": int, "member_user": dict, "member_group": dict}


def _show(state: State, row: Record) -> Record:
    return {
        **row,
        "entity_name": _name(state, row),
        "role_name": ROLE_NAMES[row["role_id"]],
    }


def _name(state: State, row: Record) -> str:
    if row["entity_type"] == "u":
        return str(state.users.rows[row["entity_id"]]["username"])
    return str(state.groups.rows[row["entity_id"]]["group_name"])


def _list(call: Call) -> Reply:
    """By name. A member with a role that is none is counted and not shown."""
    project = call.project("member", "list")
    state, query = call.state, call.request.query
    everyone = state.members.of(project["project_id"])
    rows = [_show(state, row) for row in everyone if row["role_id"] in ROLE_NAMES]
    if query.get("entityname"):
        rows = [row for row in rows if row["entity_name"] == query["entityname"]]
    rows.sort(key=lambda row: row["entity_name"])
    return some(call.request, rows, len(everyone), dict)


def _create(call: Call) -> Reply:
    """A member whose role is none does not count as one: it is replaced."""
    project = call.project("member", "create")["project_id"]
    body = call.body("projectMember", "ProjectMember", _FIELDS)
    kind, entity = _entity(call.state, body)
    old = call.state.members.find((project, kind, entity))
    if old is not None and old["role_id"] in ROLE_NAMES:
        message = "The project member specified already exist"
        raise RefusedError(409, message)
    if body.get("role_id") not in ROLE_NAMES:
        message = "Failed to update project member, role is not in 1,2,3"
        raise bad_request(message)
    if old is not None:
        call.state.members.drop(old["id"])
    row = call.state.add_member(project, kind, entity, body["role_id"])
    return created(call.location(row["id"]))


def _entity(state: State, body: Record) -> tuple[str, int]:
    user, group = body.get("member_user") or {}, body.get("member_group") or {}
    if number := user.get("user_id"):
        _require_known(state.users, number, "User")
        return "u", number
    if number := group.get("id"):
        _require_known(state.groups, number, "Group")
        return "g", number
    if name := user.get("username"):
        return "u", _user(state, name)
    if dn := group.get("ldap_group_dn"):
        return "g", _ldap_group(state, dn, group.get("group_name") or "")
    if name := group.get("group_name"):
        found = state.groups.find(name)
        same = found is not None and found["group_type"] == group.get("group_type", 0)
        return "g", found["id"] if found and same else _onboard(state, name, name)
    raise internal_error()


def _require_known(table: Table, number: int, word: str) -> None:
    if number not in table.rows:
        message = f"{word} {number} not found"
        raise bad_request(message)


def _user(state: State, name: str) -> int:
    """A user by name; who never was here is looked for at the provider."""
    row = state.users.find(name)
    if row is None:
        mode = state.settings["auth_mode"]
        if mode == "oidc_auth":
            message = f"{name} not found: not supported"
            raise RefusedError(404, message)
        if mode in {"ldap_auth", "uaa_auth"} and name not in state.directory:
            raise internal_error()
        if mode == "db_auth" or (mode == "http_auth" and not _skips_search(state)):
            message = f"user {name} is not found"
            raise RefusedError(404, message)
        row = state.add_user(name, "", "")
    return int(row["user_id"])


def _skips_search(state: State) -> bool:
    return bool(state.settings["http_authproxy_skip_search"])


def _ldap_group(state: State, dn: str, name: str) -> int:
    """One that is known is found at once only by its DN in lower case, as it is kept."""
    same = (row["id"] for row in state.groups if row["ldap_group_dn"] == dn)
    return next(same, 0) or _onboard(state, dn, name)


def _onboard(state: State, wanted: str, name: str) -> int:
    """A group that is new to Harbor: made where its provider knows it."""
    match state.settings["auth_mode"]:
        case "oidc_auth":
            found = state.groups.find(wanted) or state.add_group(wanted, OIDC)
        case "ldap_auth" if wanted.lower() in state.directory:
            first = wanted.partition(",")[0].partition("=")[2]
            same = [row for row in state.groups if row["ldap_group_dn"] == wanted.lower()]
            found = same[0] if same else state.add_group(name or first, LDAP, wanted.lower())
        case "http_auth" if _skips_search(state):
            found = state.add_group(wanted, HTTP)
        case "ldap_auth" | "http_auth":
            raise internal_error()
        case _:
            message = f"{wanted} not found: not supported"
            raise RefusedError(404, message)
    return int(found["id"])


def _get(call: Call) -> Reply:
    number = call.number("mid")
    project = call.project("member", "read")["project_id"]
    row = _member(call, project, number)
    if row is None or row["role_id"] not in ROLE_NAMES:
        message = f"the project member is not found, project id {project}, member id {number}"
        raise RefusedError(404, message)
    return ok(_show(call.state, row))


def _member(call: Call, project: int, number: int) -> Record | None:
    row = call.state.members.rows.get(number)
    return row if row and row["project_id"] == project else None


def _update(call: Call) -> Reply:
    """Any role is stored; one that is none makes the member unreadable."""
    number = call.number("mid")
    project = call.project("member", "update")["project_id"]
    body = call.body("role", "RoleRequest", {"role_id": int})
    if row := _member(call, project, number):
        row["role_id"] = body.get("role_id", 0)
    return empty()


def _delete(call: Call) -> Reply:
    """Again and again 200."""
    number = call.number("mid")
    project = call.project("member", "delete")["project_id"]
    if _member(call, project, number):
        call.state.members.drop(number)
    return empty()


ROUTES = (
    Route("GET", "/projects/{project}/members", _list),
    Route("POST", "/projects/{project}/members", _create),
    Route("GET", "/projects/{project}/members/{mid}", _get),
    Route("PUT", "/projects/{project}/members/{mid}", _update),
    Route("DELETE", "/projects/{project}/members/{mid}", _delete),
)
