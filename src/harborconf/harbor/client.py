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
from harborconf.harbor.connection import API
from harborconf.harbor.paths import Headers, Params, Paths

if TYPE_CHECKING:
    from harborconf.harbor.login import Login
    from harborconf.harbor.reply import Response
    from harborconf.harbor.transport import Transport
    from harborconf.kinds.api import Json

M = TypeVar("M", bound=BaseModel)


class Client(Paths, HarborAsyncClient):  # type: ignore[misc]  # Paths has the kinds' signatures
    """harborapi's client over one pooled transport: methods for single endpoints, with models."""

    def __init__(self, transport: Transport, login: Login) -> None:
        HarborAsyncClient.__init__(
            self, url=transport.url + API, basicauth="unused", retry=None, max_logs=0
        )
        Paths.__init__(self, transport, login)

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
        """One reply; a model is sent as what was set in it."""
        if isinstance(json, BaseModel):
            json = json.model_dump(mode="json", exclude_unset=True)
        return await super()._send(method, path, params=params, json=json, headers=headers)

    async def _get_file(
        self, path: str, params: Params = None, headers: Headers = None, **_: object
    ) -> FileResponse:
        headers = {"Accept": "*/*", **(headers or {})}
        response = await self._send("GET", path, params=params, headers=headers)
        kind = {"Content-Type": response.headers.get("Content-Type", "")}
        return FileResponse(FileReply(response.status_code, headers=kind, content=response.content))

    async def _head(  # type: ignore[override]  # our Response has what harborapi uses
        self, path: str, headers: Headers = None, params: Params = None, **_: object
    ) -> Response:
        """HEAD, for harborapi's project_exists, which catches harborapi's NotFound."""
        try:
            return await self._send("HEAD", path, params=params, headers=headers)
        except NotFoundError as error:
            raise NotFound(error.message) from error

    def _construct_model(self, cls: type[M], data: Json) -> M:
        """A reply as a model. harborapi's own way logs the whole reply where it does not fit."""
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            fields = {".".join(str(part) for part in one["loc"]) for one in error.errors()}
            message = f"Harbor's reply is no {cls.__name__}: {', '.join(sorted(fields))}"
            raise NotHarborError(message, advice="run again with -v, and report this") from error
