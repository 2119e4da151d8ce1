"""The inventory: every writable field of Harbor, with what harborconf makes of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harborconf.engine.tree import plain
from harborconf.spec import yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FILE = Path(__file__).with_name("inventory.yaml")
OPTIONAL = ("as", "since", "until", "write_only", "secret", "live", "how", "note")


@dataclass(frozen=True, slots=True)
class Entry:
    """One writable field of the API. One of `covered`, `not_yet` and `excluded` is said."""

    kind: str
    api: str
    covered: str = ""
    not_yet: str = ""
    excluded: str = ""
    same_as: str = ""
    since: str = "2.13"
    until: str | None = None
    write_only: bool = False
    secret: bool = False
    live: bool = False
    how: str = ""
    note: str = ""

    @property
    def path(self) -> str:
        """The declared field that covers it."""
        return self.covered.partition("[]")[0]

    @property
    def item(self) -> str:
        """The key within an item of that field's list, where the inventory names one."""
        return self.covered.partition("[].")[2]

    def exists_in(self, version: str) -> bool:
        """Whether this Harbor version has the field."""
        here = _numbers(version)
        until = here if self.until is None else _numbers(self.until)
        return _numbers(self.since) <= here and here[: len(until)] <= until

    def __str__(self) -> str:
        return f"{self.kind} {self.api}"


@dataclass(frozen=True, slots=True)
class Inventory:
    """What tests/inventory.yaml says."""

    entries: tuple[Entry, ...]
    reasons: dict[str, str]
    writes: dict[str, str]
    elsewhere: dict[str, str]
    reads: dict[str, str]
    told: dict[str, tuple[str, ...]]

    def of(self, kind: str) -> tuple[Entry, ...]:
        """The fields of one kind."""
        return tuple(entry for entry in self.entries if entry.kind == kind)

    @property
    def covered(self) -> tuple[Entry, ...]:
        """The fields that harborconf reads and writes."""
        return tuple(entry for entry in self.entries if entry.covered)

    def unknown(self, kind: str, paths: Iterable[str], *, told: bool = False) -> list[str]:
        """Those places in a body of this kind that are not listed."""
        listed = [entry.api for entry in self.of(kind)]
        listed += self.told.get(kind, ()) if told else ()
        return sorted({path for path in paths if not any(_matches(one, path) for one in listed)})


@cache
def inventory() -> Inventory:
    """The inventory as committed. A key that stands twice is refused by the loader."""
    found = yaml.load(FILE.read_bytes(), FILE.name)
    assert found is not None
    raw = plain(found)
    entries = (
        _entry(kind, api, said)
        for kind, fields in raw["fields"].items()
        for api, said in fields.items()
    )
    return Inventory(
        tuple(entries),
        raw["reasons"],
        _turned(raw["writes"]),
        _turned(raw["elsewhere"]),
        _turned(raw["reads"]),
        {kind: tuple(paths) for kind, paths in raw["told"].items()},
    )


def _entry(kind: str, api: str, said: dict[str, str]) -> Entry:
    ((word, value),) = [(key, item) for key, item in said.items() if key not in OPTIONAL]
    more: dict[str, Any] = {key: item for key, item in said.items() if key in OPTIONAL}
    more["same_as"] = more.pop("as", "")
    more[word.replace(" ", "_")] = value
    more |= {key: more[key] == "true" for key in ("write_only", "secret", "live") if key in more}
    return Entry(kind, api, **more)


def _turned(lists: dict[str, list[str]]) -> dict[str, str]:
    turned = {item: key for key, items in lists.items() for item in items}
    assert len(turned) == sum(map(len, lists.values())), "something stands in two lists"
    return turned


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def places(body: Any, prefix: str = "") -> Iterator[str]:
    """Where the values of a body stand; `[]` leads into a list."""
    if isinstance(body, dict) and body:
        for key, value in body.items():
            yield from places(value, f"{prefix}.{key}" if prefix else str(key))
    elif isinstance(body, list) and body:
        for value in body:
            yield from places(value, f"{prefix}[]" if prefix else "")
    elif prefix:
        yield prefix


def _matches(listed: str, path: str) -> bool:
    """Whether a place is a listed one, or holds listed ones and is empty, or lies below one.

    `*` in either stands for any key.
    """
    return (
        bool(re.fullmatch(_pattern(listed), path) or re.fullmatch(_pattern(path), listed))
        or f"{listed}.".startswith((f"{path}.", f"{path}[]"))
        or path.startswith((f"{listed}.", f"{listed}[]"))
    )


def _pattern(place: str) -> str:
    return re.escape(place).replace(r"\*", r"[^.\[\]]+")


def template(method: str, path: str, known: Iterable[str]) -> str | None:
    """The operation of the API that a request calls."""
    path = path.partition("?")[0]
    for one in known:
        verb, _, place = one.partition(" ")
        pattern = re.sub(r"\{[^}]+\}", "[^/]+", place.replace("{id}", "[0-9]+"))
        if verb == method and re.fullmatch(pattern, path):
            return one
    return None
