"""Repository and tag patterns: a list, or `{except: [...]}`.

Harbor (2.13 to 2.15) keeps one pattern a selector and reads `{a,b}` as alternatives; a bare
`a,b` matches nothing and has deleted people's images. So lists are compiled to braces here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from harborconf.spec.value import ValueType


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


def alternatives(pattern: str) -> tuple[str, ...]:
    """The items of a pattern as Harbor keeps it; inner braces stay with their item."""
    if not (pattern.startswith("{") and _closing(pattern) == len(pattern) - 1):
        return (pattern,)
    items, depth, current = [], 0, ""
    for character in pattern[1:-1]:
        depth += {"{": 1, "}": -1}.get(character, 0)
        if character == "," and depth == 0:
            items.append(current)
            current = ""
        else:
            current += character
    found = {part for item in (*items, current) for part in alternatives(item)}
    return tuple(sorted(found))


def _closing(pattern: str) -> int:
    depth = 0
    for index, character in enumerate(pattern):
        depth += {"{": 1, "}": -1}.get(character, 0)
        if depth == 0:
            return index
    return -1


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
        if not isinstance(item, str) or not item:
            message = "a pattern must be text"
            raise ValueError(message)
        _check(item)
        found.update(alternatives(item))
    return tuple(sorted(found))


def _check(item: str) -> None:
    depth = 0
    for character in item:
        depth += {"{": 1, "}": -1}.get(character, 0)
        if character == "," and depth == 0:
            message = f"`{item}` is one pattern with a comma in it: write a list of two"
            raise ValueError(message)
        if depth < 0:
            break
    if depth != 0:
        message = f"the braces of `{item}` do not match"
        raise ValueError(message)
    if item.count("[") != item.count("]"):
        message = f"the brackets of `{item}` do not match"
        raise ValueError(message)


def _write(value: Patterns) -> Any:
    return {"except": list(value.items)} if value.excluding else list(value.items)


_LIST = {"type": "array", "minItems": 1, "items": {"type": ["string", "number", "boolean"]}}
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
