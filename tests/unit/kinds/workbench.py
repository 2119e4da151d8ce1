"""A workbench without a Harbor: it answers what it is given, and keeps what is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from harborconf.errors import NotFoundError
from harborconf.kinds.resource import Server, Who, WriteBench
from harborconf.position import Position
from harborconf.spec.reference import Env, Reference
from harborconf.spec.secret import Secret

HERE = Position("a.yaml", 1, 1)


@dataclass
class Api:
    """`replies` are those of GETs by path; an error in place of one is raised.

    Every write ends with the error `refuses`, if there is one.
    """

    replies: Mapping[str, Any] = field(default_factory=dict)
    refuses: Exception | None = None
    written: list[tuple[str, str, Any]] = field(default_factory=list)

    async def get(self, path: str, params: Any = None, headers: Any = None) -> Any:
        del params, headers
        if path not in self.replies:
            raise NotFoundError("not found", status=404, method="GET", path=path)
        reply = self.replies[path]
        if isinstance(reply, Exception):
            raise reply
        return reply

    async def exists(self, path: str, params: Any = None) -> bool:
        del params
        return path in self.replies

    async def accepts(self, username: str, secret: Secret) -> bool | None:
        del username, secret
        return None

    async def pings(self, registry: int) -> bool | None:
        raise AssertionError(registry)

    async def post(self, path: str, json: Any = None, headers: Any = None) -> Any:
        del headers
        self._write("POST", path, json)

    async def put(self, path: str, json: Any = None, headers: Any = None) -> Any:
        del headers
        self._write("PUT", path, json)

    async def patch(self, path: str, json: Any, headers: Any = None) -> Any:
        del headers
        self._write("PATCH", path, json)

    async def delete(self, path: str, headers: Any = None) -> Any:
        del headers
        self._write("DELETE", path, None)

    def _write(self, method: str, path: str, json: Any) -> None:
        self.written.append((method, path, json))
        if self.refuses is not None:
            raise self.refuses


@dataclass
class Stores:
    """The environment."""

    environ: Mapping[str, str] = field(default_factory=dict)

    async def peek(self, reference: Reference) -> Secret | None:
        assert isinstance(reference, Env)
        value = self.environ.get(reference.name)
        return Secret(value) if value else None

    async def username(self, reference: Reference) -> str | None:
        raise AssertionError(reference)

    async def keep(self, reference: Reference, secret: Secret) -> Secret:
        raise AssertionError((reference, secret))

    async def replace(self, reference: Reference, secret: Secret, username: str = "") -> None:
        raise AssertionError((reference, secret, username))

    async def change(self, reference: Reference, make: object) -> None:
        raise AssertionError((reference, make))


def workbench(
    replies: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
    version: tuple[int, ...] = (2, 13, 2),
    refuses: Exception | None = None,
) -> tuple[WriteBench, Api]:
    """The bench, with a live project `team` of number 1, and what it writes to."""
    api = Api(replies or {}, refuses)
    server = Server("http://harbor.example.com", version, "db_auth")
    who = Who("admin", is_system_admin=True, is_built_in=True)
    bench = WriteBench(api, server, who, Stores(environ or {}), 0.0)
    bench.projects["team"] = {"project_id": 1}
    return bench, api
