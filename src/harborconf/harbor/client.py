"""The one seam to harborapi: its methods over our session and our transport.

harborapi 0.26.2 sends basic auth with every request, drops cookies, retries POST and reads
pages one after another. All its methods go through the few replaced here.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Protocol

from harborapi import HarborAsyncClient
from pydantic import BaseModel

from harborconf.errors import HarborError
from harborconf.harbor.connection import API
from harborconf.harbor.transport import Response, raise_for_status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harborconf.harbor.transport import Transport
    from harborconf.spec.secret import Secret

MAX_PAGE = 100


class Means(Protocol):
    """How requests prove who asks."""

    def headers(self, method: str) -> Mapping[str, str]:
        """The headers that go with a request."""

    async def renew(self) -> bool:
        """Log in again after the session was lost; whether that is possible."""

    async def accepts(self, username: str, secret: Secret) -> bool | None:
        """Whether Harbor accepts another credential."""


class Client(HarborAsyncClient):
    """harborapi's client over one pooled transport. Raises harborconf's errors only."""

    def __init__(self, transport: Transport, means: Means) -> None:
        super().__init__(
            url=transport.url + API, basicauth="unused", raw=True, retry=None, max_logs=0
        )
        self._transport = transport
        self._means = means

    def _get_client(self) -> Any:  # noqa: ANN401 - no httpx client is opened
        return None

    async def _send(
        self,
        method: str,
        path: str,
        *,
        params: Any = None,  # noqa: ANN401 - harborapi's own types
        json: Any = None,  # noqa: ANN401
        headers: Any = None,  # noqa: ANN401
    ) -> Response:
        if isinstance(json, BaseModel):
            json = json.model_dump(mode="json", exclude_unset=True)
        response = await self._transport.send(
            method,
            API + path,
            params=params,
            body=json,
            headers={**self._means.headers(method), **(headers or {})},
        )
        if response.status_code == 401 and await self._means.renew():  # noqa: PLR2004 - refused before handling, so safe to repeat
            response = await self._transport.send(
                method,
                API + path,
                params=params,
                body=json,
                headers={**self._means.headers(method), **(headers or {})},
            )
        return raise_for_status(response, method, path)

    async def get(  # type: ignore[override]  # plain values, all pages at once
        self,
        path: str,
        params: Any = None,  # noqa: ANN401
        headers: Any = None,  # noqa: ANN401
        follow_links: bool = True,
        limit: int | None = None,
        **_: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401 - plain JSON
        """A reply, or a whole list: the pages after the first are read side by side."""
        response = await self._send("GET", path, params=params, headers=headers)
        first = response.json()
        if not isinstance(first, list) or not follow_links:
            return first
        total = int(response.headers.get("X-Total-Count") or len(first))
        if len(first) >= total or (limit and len(first) >= limit):
            return first[:limit] if limit else first
        size = int((params or {}).get("page_size", 0))
        if not size:
            return await self.get(
                path, {**(params or {}), "page_size": MAX_PAGE}, headers, limit=limit
            )
        found = first + await self._rest(path, params, headers, range(2, -(-total // size) + 1))
        if len(found) != total:
            found = await self._settled(path, params, headers)
        return found[:limit] if limit else found

    async def _rest(self, path: str, params: Any, headers: Any, pages: range) -> list[Any]:  # noqa: ANN401
        responses = await asyncio.gather(
            *(
                self._send("GET", path, params={**params, "page": page}, headers=headers)
                for page in pages
            )
        )
        return [item for response in responses for item in response.json()]

    async def _settled(self, path: str, params: Any, headers: Any) -> list[Any]:  # noqa: ANN401
        """Read a list that changed under the reading once more."""
        response = await self._send("GET", path, params=params, headers=headers)
        total = int(response.headers.get("X-Total-Count") or 0)
        pages = range(2, -(-total // int(params["page_size"])) + 1)
        found: list[Any] = response.json() + await self._rest(path, params, headers, pages)
        if len(found) != total:
            message = f"{path} changes while it is read: {len(found)} of {total} came"
            raise HarborError(message, advice="try again when nobody else writes")
        return found

    async def get_text(self, path: str, params: Any = None, headers: Any = None, **_: Any) -> str:  # noqa: ANN401
        """A reply as text."""
        return (await self._send("GET", path, params=params, headers=headers)).text

    async def post(  # type: ignore[override]  # our Response has what harborapi uses
        self,
        path: str,
        json: Any = None,  # noqa: ANN401
        headers: Any = None,  # noqa: ANN401
        params: Any = None,  # noqa: ANN401
    ) -> Response:
        """Create something."""
        return await self._send("POST", path, params=params, json=json, headers=headers)

    async def put(  # type: ignore[override]  # the Api protocol's order of arguments
        self,
        path: str,
        json: Any = None,  # noqa: ANN401
        headers: Any = None,  # noqa: ANN401
        params: Any = None,  # noqa: ANN401
        **_: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        """Update something."""
        return (
            await self._send("PUT", path, params=params, json=json, headers=headers)
        ).json()

    async def patch(  # type: ignore[override]  # the Api protocol's order of arguments
        self,
        path: str,
        json: Any,  # noqa: ANN401
        headers: Any = None,  # noqa: ANN401
        params: Any = None,  # noqa: ANN401
        **_: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        """Update a part of something."""
        return (
            await self._send("PATCH", path, params=params, json=json, headers=headers)
        ).json()

    async def delete(  # type: ignore[override]  # the Api protocol's order of arguments
        self,
        path: str,
        headers: Any = None,  # noqa: ANN401
        params: Any = None,  # noqa: ANN401
        **_: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        """Delete something."""
        return (await self._send("DELETE", path, params=params, headers=headers)).json()

    async def accepts(self, username: str, secret: Secret) -> bool | None:
        """Whether Harbor accepts this credential."""
        return await self._means.accepts(username, secret)
