"""Repository and tag patterns: a list, or `{except: [...]}`.

Harbor (2.13 to 2.15) keeps one pattern a selector and reads `{a,b}` as alternatives; a bare
`a,b` matches nothing and has deleted people's images. So lists are compiled to braces here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any

from harborconf.spec import doublestar
from harborconf.spec.value import SCALAR_SCHEMA, ValueType, shown


@dataclass(frozen=True, slots=True)
class Patterns:
    """Alternatives in canonical order; with `excluding`, everything but them."""

    items: tuple[str, ...]
    excluding: bool = False

    @property
    def pattern(self) -> str:
        """The one pattern Harbor keeps."""
        return self.items[0] if len(self.items) == 1 else "{" + ",".join(self.items) + "}"


EVERYTHING = Patterns(("**",))
_DEPTH = {"{": 1, "}": -1}
_MAX_LENGTH = 1024


def alternatives(pattern: str) -> tuple[str, ...]:
    """The items of a pattern as Harbor keeps it; inner braces stay with their item.

    What cannot be taken apart safely is one item: braces or commas behind a backslash, and
    alternatives of which one is empty.
    """
    found: set[str] = set()
    waiting = [pattern]
    while waiting:
        item = waiting.pop()
        parts = _parts(item)
        if len(parts) == 1 and parts[0] == item:
            found.add(item)
        else:
            waiting += parts
    return tuple(sorted(found))


def _parts(pattern: str) -> list[str]:
    whole = pattern.startswith("{") and _closing(pattern) == len(pattern) - 1
    if not whole or "\\" in pattern:
        return [pattern]
    parts, depth, start = [], 0, 1
    for index, character in enumerate(pattern[1:-1], 1):
        depth += _DEPTH.get(character, 0)
        if character == "," and depth == 0:
            parts.append(pattern[start:index])
            start = index + 1
    parts.append(pattern[start:-1])
    can_split = all(parts) and not any(_is_deep(part) for part in parts)
    return parts if can_split else [pattern]


def _closing(pattern: str) -> int:
    depth = 0
    for index, character in enumerate(pattern):
        depth += _DEPTH.get(character, 0)
        if depth == 0:
            return index
    return -1


def _is_deep(item: str) -> bool:
    """Whether it crosses `/` from its beginning on, which Harbor does not do within braces."""
    return item == "**" or item.startswith("**/")


@lru_cache(maxsize=1024)
def from_pattern(pattern: str, *, excluding: bool) -> Patterns:
    """Patterns from what Harbor keeps."""
    return Patterns(alternatives(pattern), excluding)


def _read(raw: object) -> Patterns:
    if isinstance(raw, Mapping):
        if set(raw) != {"except"}:
            message = "expected a list of patterns, or {except: [...]}"
            raise ValueError(message)
        return Patterns(_items(raw["except"]), excluding=True)
    return Patterns(_items(raw))


def _items(raw: object) -> tuple[str, ...]:
    if not isinstance(raw, list) or not raw:
        message = "expected a list of at least one pattern, or {except: [...]}"
        raise ValueError(message)
    found: set[str] = set()
    for item in raw:
        if not isinstance(item, str) or not 0 < len(item) <= _MAX_LENGTH:
            message = f"a pattern is text of 1 to {_MAX_LENGTH} characters, got {shown(item)}"
            raise ValueError(message)
        _check(item)
        found.update(alternatives(str(item)))
    if "**" in found:
        return ("**",)
    if len(found) > 1 and (deep := next(filter(_is_deep, sorted(found)), None)):
        advice = f"in a list Harbor reads it as {shown(deep[1:])}; give it a rule of its own"
        raise ValueError(f"{shown(deep)} cannot stand beside other patterns: {advice}")
    return tuple(sorted(found))


def _check(item: str) -> None:
    depth = 0
    for character in item:
        depth += _DEPTH.get(character, 0)
        if character == "," and depth == 0:
            message = f"{shown(item)} is one pattern with a comma in it: write a list of two"
            raise ValueError(message)
        if depth < 0:
            break
    if depth != 0:
        message = f"the braces of {shown(item)} do not match"
        raise ValueError(message)
    if "\\" in item:
        message = f"{shown(item)} has a backslash, which no name of a repository or tag needs"
        raise ValueError(message)
    try:
        doublestar.matches(item, "")
    except doublestar.PatternError as error:
        raise ValueError(f"{shown(item)} is no pattern: {error}") from error


def _write(value: Patterns) -> Any:
    return {"except": list(value.items)} if value.excluding else list(value.items)


_LIST = {"type": "array", "minItems": 1, "items": SCALAR_SCHEMA}
PATTERNS = ValueType(
    "patterns",
    _read,
    _write,
    {
        "anyOf": [
            _LIST,
            {
                "type": "object",
                "properties": {"except": _LIST},
                "required": ["except"],
                "additionalProperties": False,
            },
        ]
    },
)
PatternList = Annotated[Patterns, PATTERNS]
