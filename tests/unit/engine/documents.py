"""Documents, live states and a workbench for tests of pure functions."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

import pytest

from harborconf.engine.diff import Difference, diff
from harborconf.engine.load import Document, read
from harborconf.engine.read import LiveState
from harborconf.engine.resolve import DesiredState, resolve
from harborconf.errors import DocumentError
from harborconf.kinds.resource import Live, Place, Server, Who, Workbench
from harborconf.spec.address import parse
from harborconf.spec.reference import Reference
from harborconf.spec.secret import Secret


def document(text: str, **more: str) -> Document:
    """A document of `a.yaml` and, by name, more files; each gets its `version: 1`."""
    files = {"a": text, **more}
    return read(
        {
            f"{name}.yaml": f"version: 1\n{textwrap.dedent(body).lstrip()}".encode()
            for name, body in files.items()
        }
    )


def resolved(text: str, **more: str) -> DesiredState:
    return resolve(document(text, **more))


def problems(text: str, **more: str) -> list[str]:
    """What is wrong with a document."""
    with pytest.raises(DocumentError) as caught:
        resolved(text, **more)
    return list(caught.value.lines())


def desired(state: DesiredState) -> dict[str, dict[str, Any]]:
    """Every resource with its fields as YAML would say them where they are enumerations."""
    return {
        str(one.address): {
            path: getattr(value, "value", value) for path, value in one.fields.items()
        }
        for one in state.resources
        if one.absent is None
    }


class NoApi:
    """Pure functions ask nothing."""

    async def get(self, *_: object) -> NoReturn:
        raise AssertionError

    async def exists(self, *_: object) -> NoReturn:
        raise AssertionError

    async def accepts(self, *_: object) -> NoReturn:
        raise AssertionError

    async def pings(self, *_: object) -> NoReturn:
        raise AssertionError


class NoStores:
    async def peek(self, reference: Reference) -> Secret | None:
        raise AssertionError(reference)

    async def username(self, reference: Reference) -> str | None:
        raise AssertionError(reference)

    async def keep(self, reference: Reference, secret: Secret) -> Secret:
        raise AssertionError(reference, secret)


def bench(version: tuple[int, ...] = (2, 15, 2), *, admin: bool = True) -> Workbench:
    server = Server("https://harbor.example.com", version, "db_auth")
    return Workbench(
        NoApi(), server, Who("admin", is_system_admin=admin, is_built_in=True), NoStores(), 1e9
    )


def live(address: str, raw: Mapping[str, Any] | None = None, note: str = "", **fields: Any) -> Live:
    """A live resource; `__` stands for the dots of a field's path."""
    found, _ = parse(address)
    values = {path.replace("__", "."): value for path, value in fields.items()}
    return Live(found, values, {"id": 1} if raw is None else raw, note)


def state(resources: Iterable[Live] = (), **more: Any) -> LiveState:
    """A live state; every project in it is a place that was read."""
    found = {one.address: one for one in resources}
    places = {
        str(address.name): Place(str(address.name), one.raw)
        for address, one in found.items()
        if address.kind == "project"
    }
    return LiveState(found, places, **more)


def differences(text: str, *resources: Live, **more: Any) -> Difference:
    return diff(resolved(text), state(resources, **more), bench())


def told(found: Difference) -> list[str]:
    """Changes in a few words: action, address and the fields that change."""
    return [
        " ".join([one.action.value, str(one.address), *(field.path for field in one.fields)])
        for one in found.changes
    ]
