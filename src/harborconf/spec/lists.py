"""Sets of words that Harbor keeps as one text with commas."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from difflib import get_close_matches
from typing import Any

from harborconf.spec.records import ValueProblemError
from harborconf.spec.value import SCALAR_SCHEMA, ValueType, shown

Words = frozenset[str]


def word_set(name: str, allowed: Collection[str] = ()) -> ValueType:
    """A type whose value is a set of words, written as a list or as Harbor's text with commas."""

    def read(raw: object) -> Words:
        if isinstance(raw, str):
            return split(_checked((), raw.split(","), allowed))
        if not isinstance(raw, list):
            message = f"expected a list of {name}, got {shown(raw)}"
            raise ValueProblemError(message, ())
        return split(_checked((0,), raw, allowed))

    items = {"enum": list(allowed)} if allowed else SCALAR_SCHEMA
    schema: dict[str, Any] = {"anyOf": [{"type": "array", "items": items}, SCALAR_SCHEMA]}
    return ValueType(f"list of {name}", read, sorted, schema)


def split(items: Iterable[str]) -> Words:
    """The words, without spaces around them and without empty ones."""
    return frozenset(filter(None, (str(item).strip() for item in items)))


def words_from_api(raw: object) -> object:
    """Harbor's text as a set; what is no text stays as it came."""
    return split(raw.split(",")) if isinstance(raw, str) else raw


def words_to_api(value: Words) -> str:
    """The set as Harbor's text, in one order."""
    return ",".join(sorted(value))


def _checked(
    path: tuple[int, ...], items: Iterable[object], allowed: Collection[str]
) -> Iterable[str]:
    for index, item in enumerate(items):
        at = (index,) if path else ()
        if not isinstance(item, str):
            message = f"expected text, got {shown(item)}"
            raise ValueProblemError(message, at)
        word = item.strip()
        if path and ("," in word or not word):
            message = f"{shown(item)} is empty or has a comma, which Harbor takes for two items"
            raise ValueProblemError(message, at)
        if allowed and word and word not in allowed:
            raise ValueProblemError(_unknown(word, allowed), at)
        yield word


def _unknown(word: str, allowed: Collection[str]) -> str:
    close = get_close_matches(word, allowed, n=1)
    hint = f"did you mean `{close[0]}`?" if close else f"known are {', '.join(allowed)}"
    return f"Harbor does not know {shown(word)}; {hint}"
