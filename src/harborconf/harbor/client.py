"""The one seam to harborapi: its methods over our session and our transport.

harborapi 0.26.2 sends basic auth with every request, drops cookies, retries POST, reads pages
one after another and keeps every reply in a log. All its methods, by path and by model, go
through the few that are replaced here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from harborapi import HarborAsyncClient
from harborapi.exceptions import NotFound
from harborapi.models.file import FileResponse
from httpx import Response as FileReply
from pydantic import BaseModel, ValidationError

from harborconf.errors import NotFoundError, NotHarborError
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

M = TypeVar("M", bound=BaseModel)
Params = Any
Headers = Any


class Client(HarborAsyncClient):
    """harborapi's client over one pooled transport. Raises harborconf's errors only.

    By path (`get`, `post`, ...) it is the kinds' `Api` and gives plain values. harborapi's
    methods for single endpoints give its models.
    """

    def __init__(self, transport: Transport, login: Login) -> None:
        super().__init__(url=transport.url + API, basicauth="unused", retry=None, max_logs=0)
        self._transport = transport
        self._login = login

    def _get_client(self) -> Any:
        """None: an httpx client would be opened for nothing and never closed."""
        return None

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
        if isinstance(json, BaseModel):
            json = json.model_dump(mode="json", exclude_unset=True)
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
                return raise_for_status(response, method, path, json)
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

    async def _get_file(
        self, path: str, params: Params = None, headers: Headers = None, **_: object
    ) -> FileResponse:
        headers = {"Accept": "*/*", **(headers or {})}
        response = await self._send("GET", path, params=params, headers=headers)
        kind = {"Content-Type": response.headers.get("Content-Type", "")}
        return FileResponse(FileReply(response.status_code, headers=kind, content=response.content))

    async def post(  # type: ignore[override]  # the Api protocol's order; Response for httpx's
        self, path: str, json: Json = None, headers: Headers = None, params: Params = None
    ) -> Response:
        """Create something. Never repeated after it may have been handled."""
        return await self._send("POST", path, params=params, json=json, headers=headers)

    async def put(  # type: ignore[override]  # the Api protocol's order of arguments
        self,
        path: str,
        json: Json = None,
        headers: Headers = None,
        params: Params = None,
        **_: object,
    ) -> Json:
        """Update something."""
        return (await self._send("PUT", path, params=params, json=json, headers=headers)).json()

    async def patch(  # type: ignore[override]  # the Api protocol's order of arguments
        self,
        path: str,
        json: Json,
        headers: Headers = None,
        params: Params = None,
        **_: object,
    ) -> Json:
        """Update a part of something."""
        return (await self._send("PATCH", path, params=params, json=json, headers=headers)).json()

    async def delete(  # type: ignore[override]  # the Api protocol's order of arguments
        self, path: str, headers: Headers = None, params: Params = None, **_: object
    ) -> Json:
        """Delete something."""
        return (await self._send("DELETE", path, params=params, headers=headers)).json()

    async def _head(  # type: ignore[override]  # our Response has what harborapi uses
        self, path: str, headers: Headers = None, params: Params = None, **_: object
    ) -> Response:
        """HEAD, for harborapi's project_exists, which catches harborapi's NotFound."""
        try:
            return await self._send("HEAD", path, params=params, headers=headers)
        except NotFoundError as error:
            raise NotFound(error.message) from error

    async def accepts(self, username: str, secret: Secret) -> bool | None:
        """Whether Harbor accepts this credential."""
        return await identity.accepts(self._transport, username, secret)

    def _construct_model(self, cls: type[M], data: Json) -> M:
        """A reply as a model. harborapi's own way logs the whole reply where it does not fit."""
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            fields = {".".join(str(part) for part in one["loc"]) for one in error.errors()}
            message = f"Harbor's reply is no {cls.__name__}: {', '.join(sorted(fields))}"
            raise NotHarborError(message, advice="run again with -v, and report this") from error
