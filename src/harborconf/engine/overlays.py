"""Overlays: layers of files that several documents share, each laid over those below it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from harborconf.engine.load import document, join_files
from harborconf.errors import DocumentError
from harborconf.spec import yaml
from harborconf.spec.nodes import Map, Null, Sequence, describe

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from harborconf.engine.load import Document, Joined
    from harborconf.errors import Problem
    from harborconf.position import Position
    from harborconf.spec.nodes import Node

Key = tuple[str | int, ...]


class Overlays:
    """Files and directories, each read once, however many documents have it as a layer."""

    def __init__(self) -> None:
        self._known: dict[Path, Joined] = {}

    def document(self, paths: Iterable[Path]) -> Document:
        """The document of these layers, lowest first.

        Raises:
            UsageError: a path does not exist, or there is nothing to read in it.
            DocumentError: with every problem found; where a layer below has another type of
                value, that place too.
        """
        layers = [self._layer(path) for path in paths]
        try:
            return document(layers)
        except DocumentError as error:
            raise DocumentError([_compared(one, layers) for one in error.problems]) from error

    def _layer(self, path: Path) -> Joined:
        if path not in self._known:
            self._known[path] = join_files([path])
        return self._known[path]


def _compared(problem: Problem, layers: Iterable[Joined]) -> Problem:
    """A problem with a value; told too, where another layer has a map for its list, or so."""
    if problem.position is None:
        return problem
    others: list[Node] = []
    mine: tuple[Key, Node] | None = None
    for layer in layers:
        nodes = _nodes(layer)
        if problem.position.file in layer.contents:
            mine = mine or _found(nodes, problem.position)
        else:
            others += nodes
    for other in others if mine else ():
        there = _at(other, mine[0]) if mine else None
        if mine and there is not None and _type(there) != _type(mine[1]):
            told = f"{problem.message}; another overlay has {describe(there)}: {there.position}"
            return replace(problem, message=told)
    return problem


def _nodes(layer: Joined) -> list[Node]:
    """What stands in the files that are YAML."""
    found = []
    for name, content in layer.contents.items():
        try:
            node = yaml.load(content, name)
        except DocumentError:
            continue
        if node is not None:
            found.append(node)
    return found


def _found(nodes: Iterable[Node], position: Position) -> tuple[Key, Node] | None:
    """The value that stands at a place, with the keys that lead to it."""
    within = (one for node in nodes for one in _walk(node))
    return next(((path, node) for path, node in within if node.position == position), None)


def _walk(node: Node, path: Key = ()) -> Iterator[tuple[Key, Node]]:
    if path:
        yield path, node
    match node:
        case Map(entries=entries):
            for key, entry in entries.items():
                yield from _walk(entry.node, (*path, key))
        case Sequence(items=items):
            for index, item in enumerate(items):
                yield from _walk(item, (*path, index))
        case _:
            pass


def _at(node: Node | None, path: Key) -> Node | None:
    for key in path:
        if not isinstance(node, Map) or not isinstance(key, str):
            return None
        node = node.get(key)
    return node


def _type(node: Node) -> str:
    return "" if isinstance(node, Null) else type(node).__name__
