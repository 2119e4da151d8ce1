"""Servers on loopback: one that answers as told, and one with Harbor's manners at the door."""

from __future__ import annotations

import base64
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from harborconf.harbor.connection import Connection, Credential, Password
from harborconf.spec.secret import Secret

API = "/api/v2.0"
CSRF, TOKEN = "X-Harbor-CSRF-Token", "t/o+k=e|n"
Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(handler: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """Serve on a free port of loopback; yields the URL."""
    runner = web.ServerRunner(web.Server(handler, handler_cancellation=True))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    port = runner.addresses[0][1]
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{port}"
    finally:
        await runner.cleanup()


class Sleeps(list[float]):
    """Sleeps that are noted and not slept."""

    async def __call__(self, seconds: float) -> None:
        self.append(seconds)


def connection(url: str, credential: Credential | None = None, **options: Any) -> Connection:
    credential = credential or Password("admin", Secret("Right-1234"))
    return Connection(url, credential, **options)


def answer(status: int = 200, body: Any = None, **headers: str) -> web.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if body is None:
        return web.Response(status=status, headers=named)
    return web.json_response(body, status=status, headers=named)


def refusal(status: int, message: str, code: str = "CODE") -> web.Response:
    return answer(status, {"errors": [{"code": code, "message": message}]})


def paged(request: web.BaseRequest, items: list[Any]) -> web.Response:
    """A page as Harbor gives it."""
    size, page = int(request.query.get("page_size", 10)), int(request.query.get("page", 1))
    if size <= 0:
        return answer(200, items, X_Total_Count=str(len(items)))
    found = items[(page - 1) * size : page * size]
    return answer(200, found, X_Total_Count=str(len(items)))


@dataclass
class FakeHarbor:
    """What recordings of 2.13.2 and 2.15.2 show of logins, sessions and their loss."""

    version: str = "v2.13.2-436918f8"
    auth_mode: str = "db_auth"
    users: dict[str, str] = field(default_factory=lambda: {"admin": "Right-1234"})
    user: dict[str, Any] = field(
        default_factory=lambda: {"username": "admin", "user_id": 1, "sysadmin_flag": True}
    )
    robots: dict[str, str] = field(default_factory=lambda: {"robot$ci": "Robot-1234"})
    cli_secrets: dict[str, str] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    projects: list[dict[str, Any]] = field(
        default_factory=lambda: [{"name": f"p{number}"} for number in range(25)]
    )
    secure_cookies: bool = False
    form_status: int = 200
    keeps_sessions: bool = True
    sessions: set[str] = field(default_factory=set)
    logins: int = 0
    seen: list[str] = field(default_factory=list)
    checks: int = 0
    labels: list[str] = field(default_factory=list)
    before: Callable[[web.BaseRequest], web.Response | None] = lambda _: None

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        self.seen.append(f"{request.method} {request.path}")
        assert not ("Authorization" in request.headers and "Cookie" in request.headers)
        early = self.before(request)
        if early is not None:
            return early
        if request.path.startswith("/c/"):
            return await self.controller(request)
        reply = self.api(request, self.asker(request))
        sid = request.cookies.get("sid")
        if sid is None or sid not in self.sessions:
            reply.set_cookie("sid", "new-anonymous")
        return reply

    def asker(self, request: web.BaseRequest) -> str:
        """user, robot, cli or nobody."""
        if request.cookies.get("sid") in self.sessions:
            return "user"
        scheme, _, value = request.headers.get("Authorization", "").partition(" ")
        if scheme == "Bearer":
            return "user" if value in self.tokens else "nobody"
        if scheme != "Basic":
            return "nobody"
        self.checks += 1
        name, _, secret = base64.b64decode(value).decode().partition(":")
        for who, known in (
            ("user", self.users),
            ("robot", self.robots),
            ("cli", self.cli_secrets),
        ):
            if known.get(name) == secret:
                return who
        return "nobody"

    async def controller(self, request: web.BaseRequest) -> web.Response:
        if request.path == "/c/log_out":
            self.sessions.discard(request.cookies.get("sid", ""))
            return web.Response()
        if request.method == "GET":
            reply = web.Response(status=404, text="<html>", headers={CSRF: TOKEN})
            reply.set_cookie("_gorilla_csrf", "csrf", secure=self.secure_cookies)
            reply.set_cookie("sid", "before-login", secure=self.secure_cookies)
            return reply
        assert request.headers[CSRF] == TOKEN
        assert request.cookies["_gorilla_csrf"] == "csrf"
        form = await request.post()
        self.checks += 1
        self.logins += 1
        if self.form_status != 200:
            return web.Response(status=self.form_status)
        if self.users.get(str(form["principal"])) != form["password"]:
            return web.Response(status=401)
        sid = f"sid-{self.logins}"
        if self.keeps_sessions:
            self.sessions.add(sid)
        reply = web.Response()
        reply.set_cookie("sid", sid, secure=self.secure_cookies)
        return reply

    def api(self, request: web.BaseRequest, asker: str) -> web.Response:
        path = request.path.removeprefix(API)
        reply = refusal(404, f"{path} not found", "NOT_FOUND")
        match request.method, path:
            case "GET", "/systeminfo":
                version = {"harbor_version": self.version} if asker != "nobody" else {}
                reply = answer(200, {"auth_mode": self.auth_mode, **version})
            case "GET", "/users/current" if asker == "user":
                reply = answer(200, self.user)
            case "GET", "/users/current" if asker == "robot":
                reply = refusal(412, "not available for security context: robot")
            case "GET", "/projects":
                reply = paged(request, self.projects if asker != "nobody" else self.projects[:1])
            case "POST", _ if "sid" in request.cookies and request.headers.get(CSRF) != TOKEN:
                reply = refusal(403, "CSRF token invalid", "FORBIDDEN")
            case "POST", "/labels" if asker != "nobody":
                self.labels.append("made")
                reply = answer(201, Location=f"{API}/labels/7")
            case _ if asker in {"nobody", "cli"}:
                reply = refusal(401, "unauthorized", "UNAUTHORIZED")
        return reply
