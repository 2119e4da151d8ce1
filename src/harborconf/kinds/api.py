"""What a kind may ask of Harbor: paths in, plain values out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harborconf.spec.secret import Secret

Json = Any
NAMED = {"X-Is-Resource-Name": "true"}
"""Tells Harbor (2.13 to 2.15) that what stands for a project is its name, a numeric one too."""


class Reply(Protocol):
    """The answer to a POST."""

    @property
    def headers(self) -> Mapping[str, str]:
        """The reply's headers, looked up without regard to case."""

    def json(self) -> Json:
        """The body as plain values."""


class Reads(Protocol):
    """The part of Harbor's REST API that changes nothing: all that a plan is made with.

    Paths are below `/api/v2.0`. Every method raises a `harborconf.errors.HarborError`: 403 is
    `NotPermittedError`, 404 `NotFoundError`.
    """

    async def get(
        self,
        path: str,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Json:
        """The body of a GET. A list comes whole: every page of `page_size` entries is read.

        A reply with no body (a schedule never set) is an empty string.
        """

    async def exists(self, path: str, params: Mapping[str, str | int] | None = None) -> bool:
        """Whether a HEAD finds something, even where a GET of it is not permitted."""

    async def accepts(self, username: str, secret: Secret) -> bool | None:
        """Whether Harbor accepts this credential (basic auth on GET /users/current).

        200 and, for a robot, 412 prove it; 401 refutes it; None when it cannot be told.
        """

    async def pings(self, registry: int) -> bool | None:
        """Whether Harbor gets into a registry elsewhere with what it has; None if it cannot tell.

        POST /registries/ping, which changes nothing in Harbor and logs in outside.
        """


class Api(Reads, Protocol):
    """Harbor's REST API by path, writing too. These are harborapi's own path-level methods."""

    async def post(
        self,
        path: str,
        json: Json = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Create something. Never repeated after it may have reached Harbor."""

    async def put(
        self, path: str, json: Json = None, headers: Mapping[str, str] | None = None
    ) -> Json:
        """Update something; safe to repeat."""

    async def patch(self, path: str, json: Json, headers: Mapping[str, str] | None = None) -> Json:
        """Update a part of something; safe to repeat."""

    async def delete(self, path: str, headers: Mapping[str, str] | None = None) -> Json:
        """Delete something; safe to repeat."""
