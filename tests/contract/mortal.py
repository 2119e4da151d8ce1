"""Runs that end at a chosen moment: before or after any request, or any write to a store."""

from __future__ import annotations

import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from harborconf.kinds.api import Api, Json, Reply
from harborconf.kinds.resource import Stores, WriteBench
from harborconf.spec.reference import File, Reference
from harborconf.spec.secret import Secret

T = TypeVar("T")
SECONDS = 30
"""How long a run waits for its turn before the test is taken to be wrong."""


class Killed(BaseException):
    """The end of a run; nothing of harborconf may catch it."""


@dataclass
class Moments:
    """The moments of one run. It ends at the one with this number, counted from 1."""

    last: int = 0
    seen: list[str] = field(default_factory=list)

    def reach(self, moment: str) -> None:
        """Note a moment, and end the run if it is the last."""
        self.seen.append(moment)
        if len(self.seen) == self.last:
            raise Killed(moment)


@dataclass
class Turns:
    """Lets runs in several threads reach their next moments in a given order of their names.

    Who has no turn left, or whose turn belongs to a run that has ended, goes on.
    """

    order: list[str]
    running: set[str]
    changed: threading.Condition = field(default_factory=threading.Condition)

    def wait(self, name: str) -> None:
        """Go on when it is the turn of this run."""
        with self.changed:
            assert self.changed.wait_for(lambda: self._is_turn(name), SECONDS)
            if self.order:
                self.order.pop(0)
            self.changed.notify_all()

    def end(self, name: str) -> None:
        """This run reaches no more moments."""
        with self.changed:
            self.running.discard(name)
            self.changed.notify_all()

    def _is_turn(self, name: str) -> bool:
        while self.order and self.order[0] not in self.running:
            self.order.pop(0)
        return not self.order or self.order[0] == name


def mortal(
    bench: WriteBench, moments: Moments, before: Callable[[], None] = lambda: None
) -> WriteBench:
    """The same bench, whose moments are noted; `before` each one something may happen."""

    def reach(moment: str) -> None:
        before()
        moments.reach(moment)

    return replace(
        bench, api=_MortalApi(bench.api, reach), stores=_MortalStores(bench.stores, reach)
    )


@dataclass
class _MortalApi:
    api: Api
    reach: Callable[[str], None]

    async def get(
        self,
        path: str,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Json:
        return await self._around("GET", path, self.api.get(path, params, headers))

    async def post(
        self, path: str, json: Json = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        return await self._around("POST", path, self.api.post(path, json, headers))

    async def put(
        self, path: str, json: Json = None, headers: Mapping[str, str] | None = None
    ) -> Json:
        return await self._around("PUT", path, self.api.put(path, json, headers))

    async def patch(self, path: str, json: Json, headers: Mapping[str, str] | None = None) -> Json:
        return await self._around("PATCH", path, self.api.patch(path, json, headers))

    async def delete(self, path: str, headers: Mapping[str, str] | None = None) -> Json:
        return await self._around("DELETE", path, self.api.delete(path, headers))

    async def exists(self, path: str, params: Mapping[str, str | int] | None = None) -> bool:
        return await self._around("HEAD", path, self.api.exists(path, params))

    async def accepts(self, username: str, secret: Secret) -> bool | None:
        return await self._around("accepts", username, self.api.accepts(username, secret))

    async def pings(self, registry: int) -> bool | None:
        return await self.api.pings(registry)

    async def _around(self, method: str, path: str, request: Coroutine[Any, Any, T]) -> T:
        try:
            self.reach(f"before {method} {path}")
        except Killed:
            request.close()
            raise
        found = await request
        self.reach(f"after {method} {path}")
        return found


@dataclass
class _MortalStores:
    stores: Stores
    reach: Callable[[str], None]

    async def peek(self, reference: Reference) -> Secret | None:
        return await self.stores.peek(reference)

    async def username(self, reference: Reference) -> str | None:
        return await self.stores.username(reference)

    async def keep(self, reference: Reference, secret: Secret) -> Secret:
        self.reach("before the store is written")
        kept = await self.stores.keep(reference, secret)
        self.reach("after the store is written")
        return kept

    async def replace(self, reference: Reference, secret: Secret, username: str = "") -> None:
        self.reach("before the store is replaced")
        await self.stores.replace(reference, secret, username)
        self.reach("after the store is replaced")

    async def change(self, reference: File, make: Callable[[Secret | None], Secret]) -> None:
        self.reach("before the store is changed")
        await self.stores.change(reference, make)
        self.reach("after the store is changed")


@contextmanager
def ending(turns: Turns, name: str) -> Iterator[None]:
    """A run of this name, which gives its turns up at its end."""
    try:
        yield
    finally:
        turns.end(name)
