"""The kinds' `Api`: Harbor's REST API by path, over the session and the one transport."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harborconf.errors import InvalidError, NotFoundError, ReplyError
from harborconf.harbor import identity
from harborconf.harbor.connection import API
from harborconf.harbor.login import lost_credential
from harborconf.harbor.pages import whole
from harborconf.harbor.reply import raise_for_status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harborconf.harbor.login import Login
    from harborconf.harbor.reply import Response
    from harborconf.harbor.transport import Transport
    from harborconf.kinds.api import Json
    from harborconf.spec.secret import Secret

Params = Any
Headers = Any


class Paths:
    """harborapi's methods by path, with plain values. Raises harborconf's errors only.

    harborapi itself is not needed for them: importing it takes longer than a small plan.
    """

    def __init__(self, transport: Transport, login: Login) -> None:
        self._transport = transport
        self._login = login

    async def _send(
        self,
        method: str,
        path: str,
        *,
        params: Params = None,
        json: Json = None,
        headers: Headers = None,
    ) -> Response:
        """One reply of success. After one new login where the session was lost.

        Harbor refuses a write without a session before it handles it, so that even a POST is
        safe to send again then.
        """
        is_second = False
        while True:
            epoch = self._login.epoch
            response = await self._transport.send(
                method,
                API + path,
                params=params,
                json=json,
                headers={**self._login.headers(method), **(headers or {})},
            )
            if not self._login.is_lost(method, response):
                return raise_for_status(response, method, path)
            if is_second:
                raise lost_credential()
            await self._login.renew(epoch)
            is_second = True

    async def get(
        self,
        path: str,
        params: Params = None,
        headers: Headers = None,
        follow_links: bool = True,  # noqa: FBT001, FBT002 - harborapi's signature
        limit: int | None = None,
        **_: object,
    ) -> Json:
        """The body of a GET as plain values; a list comes whole, or its first `limit` items."""

        async def fetch(some: Mapping[str, Any]) -> Response:
            return await self._send("GET", path, params=some, headers=headers)

        params = dict(params or {})
        if not follow_links:
            return (await fetch(params)).json()
        return await whole(fetch, path, params, limit if limit and limit > 0 else None)

    async def get_text(
        self, path: str, params: Params = None, headers: Headers = None, **_: object
    ) -> str:
        """The body of a GET as text, such as a job's log."""
        headers = {"Accept": "text/plain", **(headers or {})}
        return (await self._send("GET", path, params=params, headers=headers)).text

    async def post(
        self, path: str, json: Json = None, headers: Headers = None, params: Params = None
    ) -> Response:
        """Create something. Never repeated after it may have been handled."""
        return await self._send("POST", path, params=params, json=json, headers=headers)

    async def put(
        self,
        path: str,
        json: Json = None,
        headers: Headers = None,
        params: Params = None,
        **_: object,
    ) -> Json:
        """Update something."""
        return (await self._send("PUT", path, params=params, json=json, headers=headers)).json()

    async def patch(
        self,
        path: str,
        json: Json,
        headers: Headers = None,
        params: Params = None,
        **_: object,
    ) -> Json:
        """Update a part of something."""
        return (await self._send("PATCH", path, params=params, json=json, headers=headers)).json()

    async def delete(
        self, path: str, headers: Headers = None, params: Params = None, **_: object
    ) -> Json:
        """Delete something."""
        return (await self._send("DELETE", path, params=params, headers=headers)).json()

    async def exists(self, path: str, params: Params = None) -> bool:
        """Whether a HEAD finds something."""
        try:
            await self._send("HEAD", path, params=params)
        except NotFoundError:
            return False
        return True

    async def accepts(self, username: str, secret: Secret) -> bool | None:
        """Whether Harbor accepts this credential."""
        return await identity.accepts(self._transport, username, secret)

    async def pings(self, registry: int) -> bool | None:
        """Whether Harbor gets into a registry with what it has stored (2.13 to 2.15)."""
        try:
            await self._send("POST", "/registries/ping", json={"id": registry})
        except InvalidError:
            return False
        except ReplyError:
            return None
        return True
