"""Requests, replies and refusals, as Harbor writes them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import parse_qsl

from starlette.requests import cookie_parser

if TYPE_CHECKING:
    from collections.abc import Mapping

API = "/api/v2.0"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# Harbor's names of the statuses; a 403 is sometimes DENIED, and everything unforeseen UNKNOWN.
CODES = {
    400: "BAD_REQUEST",
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    409: "CONFLICT",
    412: "PRECONDITION",
    422: "UNPROCESSABLE_ENTITY",
}
Json: TypeAlias = Any
Record: TypeAlias = dict[str, Json]


class DroppedError(Exception):
    """The connection is cut without a reply. Raised by a hook."""


class RefusedError(Exception):
    """A request that Harbor refuses with its error body."""

    def __init__(self, status: int, message: str, code: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code or CODES.get(status, "UNKNOWN")


@dataclass(slots=True)
class Request:
    """One request, its path as it was sent, still encoded."""

    method: str
    path: str
    query_string: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    _query: dict[str, str] | None = None
    _cookies: dict[str, str] | None = None

    @property
    def query(self) -> dict[str, str]:
        """The query; of a repeated name the first, as Go has it."""
        if self._query is None:
            pairs = parse_qsl(self.query_string, keep_blank_values=True)
            self._query = dict(reversed(pairs))
        return self._query

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies."""
        if self._cookies is None:
            self._cookies = cookie_parser(self.headers.get("cookie", ""))
        return self._cookies

    @property
    def writes(self) -> bool:
        """Whether the method is one that changes things."""
        return self.method not in SAFE_METHODS


@dataclass(slots=True)
class Reply:
    """One reply. Header names are in lower case; a cookie may come more than once."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    cookies: list[str] = field(default_factory=list)

    def encoded_headers(self) -> list[tuple[bytes, bytes]]:
        """The headers as ASGI wants them."""
        pairs = [*self.headers.items(), *(("set-cookie", cookie) for cookie in self.cookies)]
        pairs.append(("content-length", str(len(self.body))))
        return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in pairs]


def ok(body: Json, **headers: str) -> Reply:
    """200 with a JSON body; `x_total_count` becomes X-Total-Count."""
    content = json.dumps(body, separators=(",", ":")).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(200, content, {"content-type": "application/json", **named})


def empty(status: int = 200) -> Reply:
    """A reply without a body: all that most writes answer."""
    return Reply(status)


def created(location: str, body: Json = None) -> Reply:
    """201 with a Location, which repeats the path of the request as it was sent."""
    reply = empty() if body is None else ok(body)
    reply.status = 201
    reply.headers["location"] = location
    return reply


def refused(error: RefusedError) -> Reply:
    """Harbor's error body."""
    body = {"errors": [{"code": error.code, "message": error.message}]}
    reply = ok(body)
    reply.status = error.status
    reply.headers["content-type"] = "application/json; charset=utf-8"
    return reply


def internal_error() -> RefusedError:
    """500: whatever goes wrong inside says no more than this."""
    return RefusedError(500, "internal server error")


def bad_request(message: str) -> RefusedError:
    """400."""
    return RefusedError(400, message)


def invalid(*problems: str) -> RefusedError:
    """422: the request does not fit the API's description."""
    return RefusedError(422, "\n".join(("validation failure list:", *problems)))
