"""Reading one YAML file into nodes.

PyYAML's C parser gives events; the tree is built here, without recursion, so that depth,
aliases, size and time stay bounded whatever the file holds.
"""

from __future__ import annotations

from codecs import BOM_UTF16_BE, BOM_UTF16_LE
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
MAX_NODES = 1_000_000
MAX_ALIASED_NODES = 100_000

_TOO_DEEP = f"nested deeper than {MAX_DEPTH} levels"

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
            f"the file is larger than {MAX_BYTES // 1024 // 1024} MiB",
            Position(file, 1, 1),
            "split it: files merge by key",
        )
    text = _decoded(content, file)
    builder = _Builder(file)
    try:
        for event in _events(text):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        raise _not_yaml(error, text, file) from error
    except yaml.reader.ReaderError as error:
        before = text.encode()[: error.position].decode(errors="ignore")
        raise _refuse(f"this is not YAML: {error.reason}", _end_of(before, file)) from error
    return builder.result()


def _not_yaml(error: yaml.MarkedYAMLError, text: str, file: str) -> DocumentError:
    """What the parser says; of a collection that is not closed also where it begins."""
    mark, begun = error.problem_mark, error.context_mark
    assert mark is not None  # libyaml always tells where
    message = f"this is not YAML: {error.problem}"
    if "nesting depth" in str(error.problem):
        message = _TOO_DEEP
    if begun is not None and begun.line < mark.line:
        message += f" {error.context} that begins in line {begun.line + 1}"
    line = text.splitlines()[mark.line : mark.line + 1]
    is_tab = line and line[0][mark.column : mark.column + 1] == "\t"
    position = Position(file, mark.line + 1, mark.column + 1)
    return _refuse(message, position, "indent with spaces, not with tabs" if is_tab else "")


def _decoded(content: bytes, file: str) -> str:
    encoding = "utf-16" if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else "utf-8"
    try:
        return content.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode(encoding, errors="ignore")
        raise _refuse(
            f"this is not text in {encoding.upper()}", _end_of(before, file), "save it as UTF-8"
        ) from error


def _end_of(text: str, file: str) -> Position:
    return Position(file, text.count("\n") + 1, len(text) - text.rfind("\n"))


def _events(text: str) -> Iterator[Any]:
    loader = _Loader(text)
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
        self.nodes = 0
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
            raise _refuse(_TOO_DEEP, position)
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
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise _refuse(
                f"the file holds more than {MAX_NODES} values",
                node.position,
                "split it: files merge by key",
            )
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
