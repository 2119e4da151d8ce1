"""The ASGI application: everything between the socket and a handler."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from harborconf.simulator.auth import (
    LOGIN,
    attach_session,
    attach_token,
    identify,
    outside_api,
    protect,
)
from harborconf.simulator.call import Call
from harborconf.simulator.http import (
    API,
    DroppedError,
    RefusedError,
    Reply,
    Request,
    invalid,
    refused,
)
from harborconf.simulator.router import Router
from harborconf.simulator.routes import ROUTES

if TYPE_CHECKING:
    from collections.abc import MutableSequence

    from starlette.types import Receive, Scope, Send

    from harborconf.simulator.identity import Identity
    from harborconf.simulator.state import State

    Seen = tuple[str, str, int]

# Harbor lets settings be changed while it is read-only, or nobody could end that.
_LET_THROUGH = ("PUT", f"{API}/configurations")
_PING = f"{API}/ping"
_JSON = ("application/json", "*/*", "application/*")
_QUOTAS = f"{API}/quotas"
DROPPED = 0


class App:
    """Harbor's middlewares in their order: csrf, who it is, read-only, then the handler."""

    def __init__(self, state: State, seen: MutableSequence[Seen]) -> None:
        self._state = state
        self._seen = seen
        self._router = Router(ROUTES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        request = await _read(scope, receive)
        try:
            reply = await self._reply(request)
        except DroppedError:
            self._seen.append((request.method, request.path, DROPPED))
            await _drop(scope, receive)
            return
        self._seen.append((request.method, request.path, reply.status))
        await _send(request, reply, send)

    async def _reply(self, request: Request) -> Reply:
        state = self._state
        reply = state.before(request) if state.before else None
        if reply is None:
            reply = self.handle(request)
            delay = self._delay(request, reply)
            if delay:
                await asyncio.sleep(delay)
            if state.after:
                reply = state.after(request, reply) or reply
        return reply

    def _delay(self, request: Request, reply: Reply) -> float:
        delay = self._state.latency
        if self._state.login_delay and reply.status == 401:
            tried = request.path == LOGIN or "authorization" in request.headers
            delay += self._state.login_delay if tried else 0
        if self._state.slow_quotas and request.path == _QUOTAS:
            delay += self._state.slow_quotas * reply.body.count(b'"hard"')
        return delay

    def handle(self, request: Request) -> Reply:
        """The reply of the server itself, without faults and delays."""
        if not request.path.startswith("/api/"):
            return outside_api(self._state, request)
        with_session = "sid" in request.cookies
        try:
            if with_session and request.writes:
                protect(self._state, request)
            reply = self._call(request, identify(self._state, request))
        except RefusedError as error:
            reply = refused(error)
        if with_session:
            attach_token(self._state, request, reply)
        attach_session(self._state, request, reply)
        return reply

    def _call(self, request: Request, who: Identity) -> Reply:
        if (
            self._state.settings["read_only"]
            and request.writes
            and (request.method, request.path) != _LET_THROUGH
        ):
            message = "The system is in read only mode. Any modification is prohibited."
            raise RefusedError(403, message, "DENIED")
        handler, params = self._router.find(request.method, request.path)
        _check_accept(request)
        return handler(Call(request, self._state, who, params))


def _check_accept(request: Request) -> None:
    """Whoever asks for something else than JSON is refused, but for `/ping`, which is text."""
    accept = request.headers.get("accept", "*/*")
    if not any(kind in accept for kind in _JSON) and request.path != _PING:
        problem = "unsupported media type requested, only [application/json] are available"
        raise invalid(problem)


async def _read(scope: Scope, receive: Receive) -> Request:
    body = b""
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    path = scope.get("raw_path") or scope["path"].encode()
    query = scope["query_string"].decode("latin-1")
    return Request(scope["method"], path.decode("latin-1"), query, headers, body)


async def _send(request: Request, reply: Reply, send: Send) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": reply.status,
            "headers": reply.encoded_headers(),
        }
    )
    body = b"" if request.method == "HEAD" else reply.body
    await send({"type": "http.response.body", "body": body})


async def _drop(scope: Scope, receive: Receive) -> None:
    """Cut the connection; without one (in a test of the application alone) say so by raising."""
    transport = scope.get("state", {}).get("transport")
    if transport is None:
        raise DroppedError
    transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass
