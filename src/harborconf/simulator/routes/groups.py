"""Groups of users."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
from harborconf.simulator.paging import page
from harborconf.simulator.router import Route

if TYPE_CHECKING:
    from harborconf.simulator.call import Call
    from harborconf.simulator.http import Record
    from harborconf.simulator.state import State

LDAP, HTTP, OIDC = 1, 2, 3
_FIELDS: dict[str, type] = {"group_name": str, "group_type": int, "ldap_group_dn": str}


def _show(row: Record) -> Record:
    return {name: value for name, value in row.items() if value}


def _list(call: Call) -> Reply:
    """Under LDAP and HTTP authentication only the groups of that kind are listed."""
    call.require("user-group", "list")
    query, mode = call.request.query, call.state.settings["auth_mode"]
    kind = {"ldap_auth": LDAP, "http_auth": HTTP}.get(mode)
    rows = [
        row
        for row in call.state.groups
        if query.get("group_name", "") in row["group_name"]
        and kind in {None, row["group_type"]}
        and (kind != LDAP or query.get("ldap_group_dn", "") in {"", row["ldap_group_dn"]})
    ]
    return page(call.request, rows, _show)


def _search(call: Call) -> Reply:
    call.require_somebody()
    text = call.request.query.get("groupname")
    if text is None:
        problem = "groupname in query is required"
        raise invalid(problem)
    if not text:
        message = "need to provide groupname to search user group"
        raise bad_request(message)
    rows = [row for row in call.state.groups if text in row["group_name"]]
    rows.sort(key=lambda row: (len(row["group_name"]), row["group_name"]))
    return page(
        call.request,
        rows,
        lambda row: {name: row[name] for name in ("group_name", "group_type", "id")},
    )


def _create(call: Call) -> Reply:
    """Any type is taken, but for LDAP's, whose DN is looked up there."""
    call.require("user-group", "create")
    body = call.body("usergroup", "UserGroup", _FIELDS)
    name, kind = body.get("group_name", ""), body.get("group_type", 0)
    dn = body.get("ldap_group_dn", "")
    if not name:
        return empty(400)
    if kind == LDAP and not _knows(call.state, dn):
        message = f"LDAP Group DN is not found: DN:{dn}"
        raise bad_request(message)
    if (same := call.state.groups.find(name)) is not None:
        raise _taken(same, body)
    return created(call.location(call.state.add_group(name, kind, dn.strip().lower())["id"]))


def _knows(state: State, dn: str) -> bool:
    """OIDC knows every group, others none."""
    mode = state.settings["auth_mode"]
    return mode == "oidc_auth" or (mode == "ldap_auth" and dn.lower() in state.directory)


def _taken(same: Record, body: Record) -> RefusedError:
    """A name is taken whatever the type, but Harbor foresees only some of that."""
    kind, dn = body.get("group_type", 0), body.get("ldap_group_dn", "")
    if same["group_type"] == kind:
        name = same["group_name"]
        message = (
            f"duplicate user group, group name:{name}, group type: {kind}, ldap group DN: {dn}"
        )
        return RefusedError(409, message)
    if same["group_type"] == HTTP:
        return RefusedError(409, "duplicated user group name")
    return internal_error()


def _found(call: Call) -> Record:
    number = call.number("group_id")
    row = call.state.groups.rows.get(number)
    if row is None:
        message = f"the user group with id {number} is not found"
        raise RefusedError(404, message)
    return row


def _get(call: Call) -> Reply:
    """Without its id, which only the list has."""
    call.require("user-group", "read")
    return ok({name: value for name, value in _show(_found(call)).items() if name != "id"})


def _update(call: Call) -> Reply:
    """Only the name changes."""
    call.require("user-group", "update")
    body = call.body("usergroup", "UserGroup", _FIELDS)
    if not body.get("group_name"):
        return empty(400)
    call.state.groups.change(_found(call), group_name=body["group_name"])
    return empty()


def _delete(call: Call) -> Reply:
    """Deleting one that is not there is fine; its memberships go with it."""
    call.require("user-group", "delete")
    number = call.number("group_id")
    for member in call.state.members:
        if member["entity_type"] == "g" and member["entity_id"] == number:
            call.state.members.drop(member["id"])
    call.state.groups.drop(number)
    return empty()


ROUTES = (
    Route("GET", "/usergroups", _list),
    Route("POST", "/usergroups", _create),
    Route("GET", "/usergroups/search", _search),
    Route("GET", "/usergroups/{group_id}", _get),
    Route("PUT", "/usergroups/{group_id}", _update),
    Route("DELETE", "/usergroups/{group_id}", _delete),
)
