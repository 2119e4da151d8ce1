"""YAML as a tree in which every value knows its place.

The tree keeps scalars as they were written: what `on` or `0777` means is decided by the
field that reads it, never by YAML's own guessing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from harborconf.position import Position


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value as written; `plain` tells that it stood without quotes."""

    text: str
    plain: bool
    position: Position


@dataclass(frozen=True, slots=True)
class Null:
    """A written `null` or `~`; with `empty`, a key with nothing after its colon."""

    position: Position
    empty: bool = False


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    items: tuple[Node, ...]
    position: Position


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a mapping, with the key's own place."""

    node: Node
    key_position: Position


@dataclass(frozen=True, slots=True)
class Map:
    """A mapping in the order it was written."""

    entries: Mapping[str, Entry]
    position: Position

    def get(self, key: str) -> Node | None:
        """The value of a key, or None."""
        entry = self.entries.get(key)
        return None if entry is None else entry.node


Node = Scalar | Null | Sequence | Map


def describe(node: Node) -> str:
    """What a node is, in words for people."""
    match node:
        case Scalar(text=text):
            shown = text if len(text) <= 40 else f"{text[:37]}..."  # noqa: PLR2004 - fits a line
            return f"`{shown}`"
        case Null(empty=True):
            return "nothing"
        case Null():
            return "null"
        case Sequence():
            return "a list"
        case Map():
            return "a map"


def map_text(node: Node, change: Callable[[str], str]) -> Node:
    """The same tree with every key and every scalar changed."""
    match node:
        case Scalar(text=text):
            return replace(node, text=change(text))
        case Sequence(items=items):
            return replace(node, items=tuple(map_text(item, change) for item in items))
        case Map(entries=entries):
            return replace(
                node,
                entries={
                    change(key): replace(entry, node=map_text(entry.node, change))
                    for key, entry in entries.items()
                },
            )
        case Null():
            return node
