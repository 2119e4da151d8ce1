"""A document in canonical form: short forms expanded, every value read and checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harborconf.engine.shape import FieldsShape, LeafShape, ListShape, NamedShape, Shape
from harborconf.errors import Problem
from harborconf.kinds.base import PREVIOUSLY
from harborconf.kinds.resource import Absent
from harborconf.spec.nodes import Map, Node, Null, Scalar, Sequence, describe, map_text
from harborconf.spec.records import ValueProblemError, unknown_key
from harborconf.spec.value import Plain, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from harborconf.position import Position

PLACEHOLDER = "{project}"
_NO_RENAME = (
    "`previously`: Harbor cannot rename this",
    "keep the name, or write the old one as `absent` and have a new one made",
)
_NO_TEMPLATE = f"{PLACEHOLDER} has a meaning in defaults, policies and profiles only"


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value, with the YAML it was read from."""

    value: Any
    raw: Node
    position: Position


@dataclass(frozen=True, slots=True)
class Fields:
    """A map of fields."""

    entries: Mapping[str, Tree]
    position: Position


@dataclass(frozen=True, slots=True)
class Named:
    """Resources by name; `keys` tells where each name stands."""

    entries: Mapping[str, Tree]
    keys: Mapping[str, Position]
    position: Position


@dataclass(frozen=True, slots=True)
class Items:
    """An ordered list of maps of fields."""

    items: tuple[Fields, ...]
    position: Position


@dataclass(frozen=True, slots=True)
class Unmanaged:
    """A written null."""

    position: Position


@dataclass(frozen=True, slots=True)
class Gone:
    """A written `absent`."""

    absent: Absent
    position: Position


Tree = Leaf | Fields | Named | Items | Unmanaged | Gone


class Reader:
    """Reads nodes into trees, and gathers what is wrong with them."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.in_template = False

    def read(self, shape: Shape, node: Node) -> Tree | None:
        """The tree, or None where the node is wrong; the problem is then noted."""
        if isinstance(node, Null) and not node.empty:
            return Unmanaged(node.position)
        match shape:
            case LeafShape():
                return self._leaf(shape, node)
            case FieldsShape():
                return self._fields(shape, node)
            case NamedShape():
                return self._named(shape, node)
            case ListShape():
                return self._items(shape, node)

    def _wrong(self, message: str, position: Position, advice: str = "") -> None:
        self.problems.append(Problem(message, position, advice))

    def _leaf(self, shape: LeafShape, node: Node) -> Leaf | None:
        if isinstance(node, Null):
            self._wrong(
                "nothing is written after the colon",
                node.position,
                f"expected: {shape.type.name}; null leaves it unmanaged",
            )
            return None
        if not isinstance(node, Scalar) and not self.in_template:
            place = next((at for text, at in texts(node) if PLACEHOLDER in text), None)
            if place is not None:
                self._wrong(_NO_TEMPLATE, place, "write the project's name")
                return None
        try:
            return Leaf(shape.type.read(plain(node)), node, node.position)
        except ValueProblemError as error:
            self._wrong(str(error), locate(node, error.path, at_key=error.at_key))
        except ValueError as error:
            self._wrong(str(error), node.position)
        return None

    def _fields(self, shape: FieldsShape, node: Node) -> Fields | None:
        if shape.expand is not None:
            node = shape.expand(node)
        if not isinstance(node, Map):
            known = ", ".join(shape.fields)
            self._wrong(f"expected a map of {known}, got {describe(node)}", node.position)
            return None
        outside, self.in_template = self.in_template, self.in_template or shape.is_template
        entries: dict[str, Tree] = {}
        for key, entry in node.entries.items():
            if key not in shape.fields:
                told = _NO_RENAME if key == PREVIOUSLY else unknown_key(key, shape.fields)
                self._wrong(told[0], entry.key_position, told[1])
                continue
            tree = self.read(shape.fields[key], entry.node)
            if tree is not None:
                entries[key] = tree
        self.in_template = outside
        return Fields(entries, node.position)

    def _items(self, shape: ListShape, node: Node) -> Items | None:
        if not isinstance(node, Sequence):
            self._wrong(f"expected a list, got {describe(node)}", node.position)
            return None
        read = [self._fields(shape.item, item) for item in node.items]
        return Items(tuple(item for item in read if item is not None), node.position)

    def _named(self, shape: NamedShape, node: Node) -> Named | None:
        if not isinstance(node, Map):
            what = "name" if shape.kind is None else shape.kind.name.replace("_", " ")
            message = f"expected a map with a key for each {what}, got {describe(node)}"
            self._wrong(message, node.position)
            return None
        entries: dict[str, Tree] = {}
        for name, entry in node.entries.items():
            if not self.is_name(shape, name, entry.key_position):
                continue
            tree = self._resource(shape, entry.node)
            if tree is not None:
                entries[name] = tree
        keys = {name: node.entries[name].key_position for name in entries}
        return Named(entries, keys, node.position)

    def is_name(self, shape: NamedShape, name: str, position: Position) -> bool:
        """Whether a resource can be called so; the problem is noted."""
        if PLACEHOLDER in name:
            if not self.in_template:
                self._wrong(f"{shown(name)}: {_NO_TEMPLATE}", position, "write the name")
            return self.in_template
        problem = "a name is empty" if not name else None
        if shape.kind is not None and name:
            problem = shape.kind.check_name(name)
        if problem:
            self._wrong(problem, position)
        return not problem

    def _resource(self, shape: NamedShape, node: Node) -> Tree | None:
        if isinstance(node, Null) and node.empty:
            return Fields({}, node.position)
        if shape.can_be_absent and (gone := _absent(node)) is not None:
            if gone.absent.with_contents and not shape.contents:
                self._wrong("`with_contents` is for projects", node.position)
            return gone
        if shape.can_be_absent and isinstance(node, Map) and "absent" in node.entries:
            self._wrong("beside `absent: true` only `with_contents: true` may stand", node.position)
            return None
        return self.read(shape.item, node)


def _absent(node: Node) -> Gone | None:
    match node:
        case Scalar(text="absent", plain=True):
            return Gone(Absent(), node.position)
        case Map(entries=entries) if set(entries) <= {"absent", "with_contents"}:
            flags = {
                key: isinstance(entry.node, Scalar)
                and entry.node.plain
                and entry.node.text == "true"
                for key, entry in entries.items()
            }
            if flags.get("absent") and all(flags.values()):
                return Gone(Absent(flags.get("with_contents", False)), node.position)
    return None


def plain(node: Node) -> Any:
    """A node as Python values: scalars stay text, and remember whether they were quoted."""
    match node:
        case Scalar(text=text, plain=is_plain):
            return Plain(text) if is_plain else text
        case Sequence(items=items):
            return [plain(item) for item in items]
        case Map(entries=entries):
            return {key: plain(entry.node) for key, entry in entries.items()}
        case Null():
            return None


def locate(node: Node, path: tuple[str | int, ...], *, at_key: bool = False) -> Position:
    """Where a place within a value, or its key, stands; its nearest part that exists."""
    position = node.position
    for part in path:
        match node:
            case Map(entries=entries) if part in entries:
                entry = entries[str(part)]
                node, position = entry.node, entry.node.position
                if at_key and part is path[-1]:
                    position = entry.key_position
            case Sequence(items=items) if isinstance(part, int) and part < len(items):
                node = items[part]
                position = node.position
            case _:
                break
    return position


# ---- putting trees together ----------------------------------------------------------


def overlay(low: Tree | None, high: Tree) -> Tree:
    """One layer upon another: maps merge by key, values and lists replace."""
    match low, high:
        case Fields(entries=below), Fields(entries=above):
            return Fields(_overlaid(below, above), high.position)
        case Named(entries=below, keys=keys), Named(entries=above) if above:
            return Named(_overlaid(below, above), {**keys, **high.keys}, high.position)
        case _:
            return high


def _overlaid(below: Mapping[str, Tree], above: Mapping[str, Tree]) -> dict[str, Tree]:
    return {**below, **{key: overlay(below.get(key), tree) for key, tree in above.items()}}


def join(trees: list[Tree], problems: list[Problem], path: tuple[str, ...] = ()) -> Tree:
    """The trees of all files as one: maps merge by key, and no value may stand in two."""
    first, *others = trees
    if not others:
        return first
    alike: list[Any] = [tree for tree in trees if isinstance(tree, type(first))]
    match first:
        case Fields():
            joined: Tree = Fields(_joined(alike, problems, path), first.position)
        case Named():
            keys = {key: at for tree in reversed(alike) for key, at in tree.keys.items()}
            joined = Named(_joined(alike, problems, path), keys, first.position)
        case _:
            joined = first
    if path != ("version",):
        what = f"{shown('.'.join(path))} is written in two files, first at {first.position}"
        problems += [
            Problem(what, other.position, "keep one of them")
            for other in others
            if not (isinstance(first, Fields | Named) and isinstance(other, type(first)))
        ]
    return joined


def _joined(trees: list[Any], problems: list[Problem], path: tuple[str, ...]) -> dict[str, Tree]:
    children: dict[str, list[Tree]] = {}
    for tree in trees:
        for key, child in tree.entries.items():
            children.setdefault(key, []).append(child)
    return {key: join(found, problems, (*path, key)) for key, found in children.items()}


def has_placeholder(tree: Tree) -> bool:
    """Whether `{project}` stands anywhere in it."""
    match tree:
        case Leaf(raw=raw):
            return any(PLACEHOLDER in text for text, _ in texts(raw))
        case Fields(entries=entries) | Named(entries=entries):
            return any(
                PLACEHOLDER in key or has_placeholder(child) for key, child in entries.items()
            )
        case _:
            return False


def texts(node: Node) -> Iterator[tuple[str, Position]]:
    """Every key and scalar, and where it stands."""
    match node:
        case Scalar(text=text, position=position):
            yield text, position
        case Sequence(items=items):
            for item in items:
                yield from texts(item)
        case Map(entries=entries):
            for key, entry in entries.items():
                yield key, entry.key_position
                yield from texts(entry.node)
        case Null():
            pass


def substitute(shape: Shape, tree: Tree, project: str, reader: Reader) -> Tree | None:
    """The tree with `{project}` as the project's name, in keys and text, read again."""
    match shape, tree:
        case LeafShape(), Leaf(raw=raw):
            changed = map_text(raw, lambda text: text.replace(PLACEHOLDER, project))
            return tree if changed == raw else reader.read(shape, changed)
        case FieldsShape(fields=fields), Fields(entries=entries):
            children = {
                key: substitute(fields[key], child, project, reader)
                for key, child in entries.items()
            }
            return Fields(_found(children), tree.position)
        case NamedShape(item=item) as named, Named(entries=entries, keys=keys):
            children = {}
            for name, child in entries.items():
                new = name.replace(PLACEHOLDER, project)
                if new in children:
                    message = f"{shown(name)} becomes {shown(new)}, which stands here too"
                    reader.problems.append(Problem(message, keys[name]))
                if reader.is_name(named, new, keys[name]):
                    children[new] = substitute(item, child, project, reader)
            new_keys = {name.replace(PLACEHOLDER, project): at for name, at in keys.items()}
            return Named(_found(children), new_keys, tree.position)
        case _:
            return tree


def _found(children: Mapping[str, Tree | None]) -> dict[str, Tree]:
    return {key: child for key, child in children.items() if child is not None}


def leaves(tree: Tree | None, prefix: str = "") -> Iterator[tuple[str, Leaf]]:
    """Every value of a map of fields with its dotted path; unmanaged ones left out."""
    match tree:
        case Leaf():
            yield prefix, tree
        case Fields(entries=entries):
            for key, child in entries.items():
                yield from leaves(child, f"{prefix}.{key}" if prefix else key)
        case _:
            return


def at_path(tree: Tree | None, path: tuple[str, ...]) -> Tree | None:
    """The part of a tree at a path of keys, or None."""
    for part in path:
        if not isinstance(tree, Fields):
            return None
        tree = tree.entries.get(part)
    return tree
