"""Compares a reply with a recorded one: fields, types, numbers by pairs, what does not vary."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from unit.simulator.exchanges import FIELDS, INNER, Json, Numbers

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ZERO_TIME = "0001-01-01T00:00:00.000Z"
# They depend on the server and the hour.
_VARIES = frozenset(
    {"uuid", "url", "harbor_version", "secret", "used", "capabilities", "setup_timestamp"}
)
# What an entry of a list is known by.
_TELLING = ("name", "username", "entity_name", "group_name", "resource", "action", "kind")
_TEXTS = frozenset({"message", "resource"})


class Comparison:
    """Compares, and learns which number here stands for which recorded one."""

    def __init__(self, numbers: Numbers) -> None:
        self._numbers = numbers

    def value(self, at: str, recorded: Json, here: Json, kind: str) -> Iterator[str]:
        """What differs; `kind` is what a field `id` numbers."""
        if type(recorded) is not type(here):
            yield f"{at}: {recorded!r} was recorded, {here!r} is here"
        elif isinstance(recorded, dict):
            yield from self._fields(at, recorded, here, kind)
        elif isinstance(recorded, list):
            if len(recorded) != len(here):
                yield f"{at}: {len(recorded)} were recorded, {len(here)} are here"
            else:
                yield from self.entries(at, recorded, here, kind)
        elif not self._same(at.rpartition(".")[2], recorded, here, kind):
            yield f"{at}: {recorded!r} was recorded, {here!r} is here"

    def entries(self, at: str, recorded: list[Json], here: list[Json], kind: str) -> Iterator[str]:
        """What differs of the recorded entries, in whatever order they come."""
        left = list(here)
        for item in recorded:
            if not left:
                yield f"{at}: nothing here is {item!r}"
                return
            closest = min(left, key=lambda other: _distance(item, other))
            left.remove(closest)
            yield from self.value(f"{at}[]", item, closest, kind)

    def _fields(
        self, at: str, recorded: dict[str, Json], here: dict[str, Json], kind: str
    ) -> Iterator[str]:
        for key in sorted(recorded.keys() ^ here.keys()):
            yield f"{at}.{key} is only {'recorded' if key in recorded else 'here'}"
        for key in sorted(recorded.keys() & here.keys()):
            old, new = recorded[key], here[key]
            if number := _number_kind(key, recorded, kind):
                if type(old) is not type(new) or not self._numbers.bind(number, int(old), int(new)):
                    yield f"{at}.{key}: {old!r} is not {new!r} elsewhere"
            elif key in _VARIES:
                if type(old) is not type(new):
                    yield f"{at}.{key}: {old!r} was recorded, {new!r} is here"
            else:
                yield from self.value(f"{at}.{key}", old, new, INNER.get(key, kind))

    def _same(self, key: str, recorded: Json, here: Json, kind: str) -> bool:
        if key.endswith("_time"):
            same_zero: bool = (recorded == _ZERO_TIME) == (here == _ZERO_TIME)
            return same_zero and _is_time(here)
        if key == "expires_at" and kind == "robot":
            return bool((recorded == -1) == (here == -1))
        if key in _TEXTS:
            return self.same_text(recorded, here)
        if isinstance(recorded, str):
            recorded = self._numbers.word(recorded)
        return bool(recorded == here)

    def same_text(self, recorded: str, here: str) -> bool:
        """Whether texts are equal, but for numbers, which may be of any kind."""
        recorded = _UUID.sub(lambda match: self._numbers.word(match[0]), recorded)
        old, new = re.split(r"(\d+)", recorded), re.split(r"(\d+)", here)
        pairs = zip(old[1::2], new[1::2], strict=False)
        return (
            len(old) == len(new)
            and old[::2] == new[::2]
            and all(int(one) in self._numbers.any_of(int(other)) for other, one in pairs)
        )


def _number_kind(key: str, around: dict[str, Json], kind: str) -> str:
    value = around[key]
    if isinstance(value, dict | list) or not str(value).lstrip("-").isdigit():
        return ""
    if key == "entity_id":
        return "user" if around["entity_type"] == "u" else "group"
    return {"id": kind, "ref": "project"}.get(key) or FIELDS.get(key, "")


def _is_time(text: str) -> bool:
    return _TIME.fullmatch(text) is not None


def _distance(recorded: Json, here: Json) -> int:
    """0 for entries that are known by the same name; numbers tell nothing yet."""
    if not isinstance(recorded, dict) or not isinstance(here, dict):
        return int(recorded != here)
    inner = _distance(recorded.get("ref"), here.get("ref"))
    namespaces = int(recorded.get("namespace") != here.get("namespace"))
    return inner + namespaces + sum(_word(recorded, key) != _word(here, key) for key in _TELLING)


def _word(entry: dict[str, Json], key: str) -> str:
    return re.sub(r"\d+", "0", str(entry.get(key))) if key == "resource" else str(entry.get(key))


def differences(
    numbers: Numbers, recorded: Json, here: Json, kind: str, *, shortened: bool
) -> list[str]:
    """What differs; of a shortened list only its first entries were recorded."""
    comparison = Comparison(numbers)
    if shortened:
        return list(comparison.entries("", recorded, here[: len(recorded)], kind))
    return list(chain(comparison.value("", recorded, here, kind)))
