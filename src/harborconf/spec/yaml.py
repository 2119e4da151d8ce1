"""Reading one YAML file into nodes.

PyYAML's C parser gives events; the tree is built here, without recursion, so that depth,
aliases and size stay bounded whatever the file holds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from harborconf.errors import DocumentError, Problem
from harborconf.position import Position
from harborconf.spec.nodes import Entry, Map, Node, Null, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_BYTES = 10 * 1024 * 1024
MAX_DEPTH = 50
MAX_ALIASED_NODES = 100_000

try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # pragma: no cover - a PyYAML built without libyaml
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]


def load(content: bytes, file: str) -> Node | None:
    """The one document of a file, or None where the file holds only comments.

    Raises:
        DocumentError: not YAML, more than one document, or more than harborconf accepts.
    """
    if len(content) > MAX_BYTES:
        raise _refuse(
            f"the file has {len(content) // 1024 // 1024} MB; harborconf reads at most"
            f" {MAX_BYTES // 1024 // 1024} MB a file",
            Position(file, 1, 1),
            "split it: files merge by key",
        )
    builder = _Builder(file)
    try:
        for event in _events(content):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        position = Position(file, mark.line + 1, mark.column + 1) if mark else None
        raise _refuse(f"this is not YAML: {error.problem}", position) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise _refuse(
            f"this is not YAML: {str(error).splitlines()[0]}", Position(file, 1, 1)
        ) from error
    return builder.result()


def _events(content: bytes) -> Iterator[Any]:
    loader = _Loader(content)
    try:
        while loader.check_event():
            yield loader.get_event()
    finally:
        loader.dispose()


def _refuse(message: str, position: Position | None, advice: str = "") -> DocumentError:
    return DocumentError([Problem(message, position, advice)])


@dataclass
class _Open:
    """A collection whose end has not been seen."""

    position: Position
    anchor: str | None
    is_map: bool
    entries: dict[str, Entry] = field(default_factory=dict)
    items: list[Node] = field(default_factory=list)
    key: Scalar | None = None
    size: int = 1


class _Builder:
    """Builds the tree from the parser's events."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.stack: list[_Open] = []
        self.anchors: dict[str, tuple[Node, int]] = {}
        self.aliased = 0
        self.roots: list[Node] = []

    def result(self) -> Node | None:
        return self.roots[0] if self.roots else None

    def take(self, event: Any) -> None:
        match event:
            case yaml.ScalarEvent():
                self._scalar(event)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._start(event)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self._end()
            case yaml.AliasEvent():
                self._alias(event)
            case yaml.DocumentStartEvent() if self.roots:
                raise _refuse(
                    "a second document in one file",
                    self._position(event),
                    "put it into a file of its own",
                )
            case _:
                pass

    def _position(self, event: Any) -> Position:
        mark = event.start_mark
        return Position(self.file, mark.line + 1, mark.column + 1)

    def _no_tag(self, event: Any) -> None:
        if event.tag is not None and event.tag != "!":
            raise _refuse(
                f"the tag {event.tag.replace('tag:yaml.org,2002:', '!!')} is not accepted",
                self._position(event),
                "remove it: the field decides how its value is read",
            )

    def _scalar(self, event: Any) -> None:
        self._no_tag(event)
        position = self._position(event)
        plain = event.style in (None, "") and event.tag is None
        self._add(_scalar_node(event.value, position, plain=plain), event.anchor, 1)

    def _start(self, event: Any) -> None:
        self._no_tag(event)
        position = self._position(event)
        if len(self.stack) >= MAX_DEPTH:
            raise _refuse(f"nested deeper than {MAX_DEPTH} levels", position)
        self._no_complex_key(position)
        self.stack.append(_Open(position, event.anchor, isinstance(event, yaml.MappingStartEvent)))

    def _no_complex_key(self, position: Position) -> None:
        if self.stack and self.stack[-1].is_map and self.stack[-1].key is None:
            raise _refuse("a key must be text, not a list or a map", position)

    def _end(self) -> None:
        done = self.stack.pop()
        node: Node = (
            Map(done.entries, done.position)
            if done.is_map
            else Sequence(tuple(done.items), done.position)
        )
        self._add(node, done.anchor, done.size)

    def _alias(self, event: Any) -> None:
        position = self._position(event)
        self._no_complex_key(position)
        if event.anchor not in self.anchors:
            raise _refuse(f"*{event.anchor} is not defined before this line", position)
        node, size = self.anchors[event.anchor]
        self.aliased += size
        if self.aliased > MAX_ALIASED_NODES:
            raise _refuse(
                f"aliases stand for more than {MAX_ALIASED_NODES} values",
                position,
                "use defaults and profiles instead",
            )
        self._add(node, None, size)

    def _add(self, node: Node, anchor: str | None, size: int) -> None:
        if anchor is not None:
            self.anchors[anchor] = (node, size)
        if not self.stack:
            self.roots.append(node)
            return
        parent = self.stack[-1]
        parent.size += size
        if not parent.is_map:
            parent.items.append(node)
        elif parent.key is None:
            parent.key = self._key(parent, node)
        else:
            parent.entries[parent.key.text] = Entry(node, parent.key.position)
            parent.key = None

    def _key(self, parent: _Open, node: Node) -> Scalar:
        if isinstance(node, Null):
            node = Scalar("null" if not node.empty else "", plain=True, position=node.position)
        if not isinstance(node, Scalar):
            raise _refuse("a key must be text", node.position)
        if node.text == "<<" and node.plain:
            raise _refuse(
                "the merge key << is not accepted",
                node.position,
                "use defaults and profiles instead",
            )
        if node.text in parent.entries:
            first = parent.entries[node.text].key_position
            raise _refuse(f"`{node.text}` is written twice, first at {first}", node.position)
        return node


def _scalar_node(text: str, position: Position, *, plain: bool) -> Node:
    if plain and text in ("~", "null", "Null", "NULL"):
        return Null(position)
    if plain and not text:
        return Null(position, empty=True)
    return Scalar(text, plain, position)
