"""Authentication: basic auth of users and robots, sessions, and the pages outside /api."""

from __future__ import annotations

import base64
import binascii
import secrets
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from harborconf.simulator.http import RefusedError, Reply, empty, internal_error, refused
from harborconf.simulator.identity import NOBODY, Identity
from harborconf.simulator.sessions import CSRF_COOKIE, CSRF_HEADER, Sessions

if TYPE_CHECKING:
    from harborconf.simulator.http import Request
    from harborconf.simulator.state import State

LOGIN, LOGOUT = "/c/login", "/c/log_out"
_LOGIN_FORM = "application/x-www-form-urlencoded"
_PAGE = b"<!DOCTYPE HTML>\n<html><head><title>Harbor</title></head><body>404</body></html>\n"


def identify(state: State, request: Request) -> Identity:
    """Who sends it. What cannot be proven is nobody's, and no error yet.

    That is why a wrong password, an expired robot or a lost session reads `/projects` with 200
    and the public projects only.
    """
    found = NOBODY
    authorization = request.headers.get("authorization")
    if authorization:
        found = _basic(state, authorization)
    if not found.authenticated and "sid" in request.cookies:
        found = _session(state, request.cookies["sid"])
    return found


def lifetime(state: State) -> float:
    """When a session that is used now ends."""
    return state.clock() + 60 * float(state.settings["session_timeout"])


def _basic(state: State, authorization: str) -> Identity:
    scheme, _, text = authorization.partition(" ")
    if scheme.lower() != "basic" or state.database_down:
        return NOBODY
    try:
        name, _, secret = base64.b64decode(text).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return NOBODY
    prefix = state.settings["robot_name_prefix"]
    if prefix and name.startswith(prefix):
        robot = _robot(state, name, name.removeprefix(prefix), secret)
        if robot.authenticated:
            return robot
    return _user(state, name, secret)


def _user(state: State, name: str, password: str) -> Identity:
    row = state.users.find(name)
    if row is None or row["password"] != password or not password:
        return NOBODY
    return Identity("user", name, row)


def _robot(state: State, name: str, bare: str, secret: str) -> Identity:
    project, _, _ = bare.partition("+")
    owner = state.projects.find(project) if "+" in bare else None
    row = state.robots.find((owner["project_id"] if owner else 0, bare))
    if row is None or row["secret"] != secret or not secret or row["disable"]:
        return NOBODY
    if row["expires_at"] != -1 and row["expires_at"] < state.clock():
        return NOBODY
    return Identity("robot", name, row)


def _session(state: State, sid: str) -> Identity:
    if state.redis_down:
        return NOBODY
    number = state.sessions.user(sid, state.clock(), lifetime(state))
    row = state.users.rows.get(number) if number else None
    return NOBODY if row is None else Identity("user", row["username"], row)


def protect(state: State, request: Request) -> None:
    """Refuse a write without the csrf token, where a session's cookie is sent.

    It comes before authentication: basic auth beside the cookie does not help.
    """
    token = request.headers.get(CSRF_HEADER)
    if not token:
        raise RefusedError(403, "CSRF token not found in request")
    cookie = request.cookies.get(CSRF_COOKIE)
    if not cookie or not state.sessions.fits(token, cookie):
        raise RefusedError(403, "CSRF token invalid")


def attach_token(state: State, request: Request, reply: Reply) -> None:
    """Give the token, and the cookie to whom has none."""
    cookie = request.cookies.get(CSRF_COOKIE)
    if not cookie:
        cookie = Sessions.new_csrf_cookie()
        reply.cookies.append(
            f"{CSRF_COOKIE}={cookie}; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict"
        )
    reply.headers[CSRF_HEADER] = state.sessions.token(cookie)


def attach_session(state: State, request: Request, reply: Reply) -> None:
    """Give an anonymous session to whom shows none, or one that is unknown.

    It is not kept: who shows it gets another one, which is all that can be told from outside.
    """
    known = state.sessions.user(request.cookies.get("sid", ""), state.clock(), lifetime(state))
    if known is None and not state.redis_down:
        reply.cookies.append(_cookie(secrets.token_hex(16)))


def outside_api(state: State, request: Request) -> Reply:
    """`/c/login`, `/c/log_out`, and a page of HTML with 404 for everything else."""
    try:
        if request.writes:
            protect(state, request)
        reply = _outside(state, request)
    except RefusedError as error:
        reply = refused(error)
    attach_token(state, request, reply)
    return reply


def _outside(state: State, request: Request) -> Reply:
    if request.path == LOGIN and request.method == "POST":
        return _log_in(state, request)
    if request.path == LOGOUT:
        state.sessions.close(request.cookies.get("sid", ""))
        reply = empty()
        reply.cookies.append("sid=; Path=/; Max-Age=0; HttpOnly")
        return reply
    reply = Reply(404, _PAGE, {"content-type": "text/html; charset=utf-8"})
    if "sid" not in request.cookies:
        reply.cookies.append(_cookie(state.sessions.open(0, lifetime(state))))
    return reply


def _log_in(state: State, request: Request) -> Reply:
    """A robot's secret opens no session; a session that cannot be kept is given all the same."""
    if state.database_down:
        raise internal_error()
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    form = parse_qs(request.body.decode(errors="replace")) if kind == _LOGIN_FORM else {}
    user = _user(state, form.get("principal", [""])[0], form.get("password", [""])[0])
    if not user.authenticated:
        return empty(401)
    sid = state.sessions.open(user.user_id, lifetime(state))
    reply = empty()
    reply.cookies.append(_cookie(sid))
    if state.redis_down:
        state.sessions.close(sid)
    return reply


def _cookie(sid: str) -> str:
    return f"sid={sid}; Path=/; HttpOnly"
