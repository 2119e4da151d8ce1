"""Users of the local database."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harborconf.simulator.http import RefusedError, Reply, bad_request, created, empty, invalid, ok
from harborconf.simulator.paging import in_order, keywords, matching, page
from harborconf.simulator.passwords import RULE, good
from harborconf.simulator.router import Route
from harborconf.simulator.state import ROOT_USER

if TYPE_CHECKING:
    from harborconf.simulator.call import Call
    from harborconf.simulator.http import Record

_EMAIL = re.compile(
    r"[^<>()\[\]\\.,;:\s@\"]+(\.[^<>()\[\]\\.,;:\s@\"]+)*@([A-Za-z0-9-]+\.)+[A-Za-z]{2,}"
)
_ILLEGAL = re.compile(r"[,\"~#%$]")
_NAME_LENGTH, _COMMENT_LENGTH = 255, 30
_KEYS = {
    "username": lambda row: row["username"],
    "email": lambda row: row["email"],
    "realname": lambda row: row["realname"],
    "user_id": lambda row: row["user_id"],
    "sysadmin_flag": lambda row: str(row["sysadmin_flag"]).lower(),
    "creation_time": lambda row: row["creation_time"],
    "update_time": lambda row: row["update_time"],
}
_FIELDS = dict.fromkeys(("username", "email", "realname", "comment", "password"), str)


def _show(row: Record) -> Record:
    found = {"admin_role_in_auth": False}
    found |= {name: value for name, value in row.items() if name != "password" and value != ""}
    return found


def _others(call: Call) -> list[Record]:
    """Everybody but the first administrator, whom no list shows."""
    return [row for row in call.state.users if row["user_id"] != ROOT_USER]


def _list(call: Call) -> Reply:
    call.require("user", "list")
    wanted = keywords(call.request)
    query = call.request.query
    wanted |= {name: f"~{query[name]}" for name in ("username", "email") if query.get(name)}
    rows = matching(_others(call), wanted, _KEYS)
    return page(call.request, in_order(rows, query.get("sort", ""), _KEYS, "username"), _show)


def _search(call: Call) -> Reply:
    call.require_somebody()
    text = call.request.query.get("username")
    if text is None:
        problem = "username in query is required"
        raise invalid(problem)
    rows = [row for row in _others(call) if text in row["username"]]
    rows.sort(key=lambda row: (len(row["username"]), row["username"]))
    return page(
        call.request,
        rows,
        lambda row: {"user_id": row["user_id"], "username": row["username"]},
    )


def _current(call: Call) -> Reply:
    """A robot is nobody here: 412 proves its credential."""
    call.require_somebody()
    if call.who.kind == "robot":
        message = "get current user not available for security context: robot"
        raise RefusedError(412, message)
    return ok(_show(call.who.record))


def _create(call: Call) -> Reply:
    mode = call.state.settings["auth_mode"]
    if mode != "db_auth":
        message = f"creating local user is not allowed under auth mode: {mode}"
        raise RefusedError(403, message)
    call.require("user", "create")
    body = call.body("userReq", "UserCreationReq", _FIELDS)
    _check_password(body.get("password", ""))
    _check_profile(body)
    _check_name(body.get("username", ""), "username")
    name, email = body["username"], body["email"]
    if call.state.users.find(name) or any(row["email"] == email for row in call.state.users):
        call.state.users.skip()
        message = f"user {name} or email {email} already exists"
        raise RefusedError(409, message)
    row = call.state.add_user(
        name, body["password"], email, body["realname"], body.get("comment", "")
    )
    call.record("create", "user", name)
    return created(call.location(row["user_id"]))


def _check_password(text: str) -> None:
    if not good(text):
        message = f"the password or secret {RULE}"
        raise bad_request(message)


def _check_profile(body: Record) -> None:
    if not body.get("email"):
        message = "email can't be empty"
        raise bad_request(message)
    if not _EMAIL.fullmatch(body["email"]):
        message = "email with illegal format"
        raise bad_request(message)
    _check_name(body.get("realname", ""), "realname")
    if len(body.get("comment", "")) > _COMMENT_LENGTH:
        message = "comment with illegal length"
        raise bad_request(message)


def _check_name(text: str, field: str) -> None:
    if not 1 <= len(text) <= _NAME_LENGTH:
        message = f"{field} with illegal length"
        raise bad_request(message)
    if _ILLEGAL.search(text):
        message = f"{field} contains illegal characters"
        raise bad_request(message)


def _found(call: Call) -> Record:
    number = call.number("user_id")
    row = call.state.users.rows.get(number)
    if row is None:
        message = f"user {number} not found"
        raise RefusedError(404, message)
    return row


def _require(call: Call, action: str, text: str) -> None:
    """A system permission, or to be that user."""
    number = call.number("user_id")
    call.require_somebody()
    if not (call.who.may("user", action) or call.who.user_id == number):
        raise RefusedError(403, text.format(number))


def _get(call: Call) -> Reply:
    _require(call, "read", "Not authorized to read user: {}")
    return ok(_show(_found(call)))


def _delete(call: Call) -> Reply:
    number = call.number("user_id")
    call.require_somebody()
    if not call.who.may("user", "delete"):
        message = "Not authorized to delete users"
        raise RefusedError(403, message)
    if number in {ROOT_USER, call.who.user_id}:
        message = f"User with ID {number} cannot be deleted"
        raise RefusedError(403, message)
    call.record("delete", "user", _found(call)["username"])
    for member in call.state.members:
        if member["entity_type"] == "u" and member["entity_id"] == number:
            call.state.members.drop(member["id"])
    call.state.users.drop(number)
    return empty()


def _update(call: Call) -> Reply:
    """Replaces the profile: a comment that is left out becomes empty."""
    _require(call, "update", "User with ID {} can't be updated")
    body = call.body("profile", "UserProfile", _FIELDS)
    _check_profile(body)
    call.state.users.change(
        _found(call),
        email=body["email"],
        realname=body["realname"],
        comment=body.get("comment", ""),
        update_time=call.state.now(),
    )
    return empty()


def _set_admin(call: Call) -> Reply:
    call.require("user", "update")
    body = call.body("sysadmin_flag", "UserSysAdminFlag", {"sysadmin_flag": bool})
    call.state.users.change(_found(call), sysadmin_flag=body.get("sysadmin_flag", False))
    call.record("update", "user", _found(call)["username"])
    return empty()


def _set_password(call: Call) -> Reply:
    """One's own needs the old one; the same again is refused."""
    _require(call, "update", "User with ID {} can't be updated")
    body = call.body("password", "PasswordReq", {"old_password": str, "new_password": str})
    new = body.get("new_password", "")
    own = call.who.user_id == call.number("user_id")
    if own and body.get("old_password", "") != call.who.record["password"]:
        message = "Current password is incorrect"
        raise RefusedError(403, message)
    _check_password(new)
    row = _found(call)
    if row["password"] == new:
        message = "New password is identical to old password"
        raise bad_request(message)
    call.state.users.change(row, password=new, update_time=call.state.now())
    call.record("update", "user", row["username"])
    return empty()


ROUTES = (
    Route("GET", "/users", _list),
    Route("POST", "/users", _create),
    Route("GET", "/users/search", _search),
    Route("GET", "/users/current", _current),
    Route("GET", "/users/{user_id}", _get),
    Route("PUT", "/users/{user_id}", _update),
    Route("DELETE", "/users/{user_id}", _delete),
    Route("PUT", "/users/{user_id}/sysadmin", _set_admin),
    Route("PUT", "/users/{user_id}/password", _set_password),
)
