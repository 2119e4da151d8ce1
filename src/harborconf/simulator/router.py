"""Paths to handlers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from harborconf.simulator.http import API, RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from harborconf.simulator.call import Call
    from harborconf.simulator.http import Reply

    Handler = Callable[[Call], Reply]


class Route(NamedTuple):
    """A method and a path below /api/v2.0, with names of parameters in braces."""

    method: str
    path: str
    handler: Handler


@dataclass(slots=True)
class _Node:
    words: dict[str, _Node] = field(default_factory=dict)
    parameter: _Node | None = None
    name: str = ""
    handlers: dict[str, tuple[Handler, tuple[str, ...]]] = field(default_factory=dict)


class Router:
    """A tree of the paths' parts."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._root = _Node()
        for route in routes:
            self._add(route)

    def _add(self, route: Route) -> None:
        node = self._root
        names = []
        for part in _parts(route.path):
            if part.startswith("{"):
                names.append(part[1:-1])
                node.parameter = node.parameter or _Node()
                node = node.parameter
            else:
                node = node.words.setdefault(part, _Node())
        node.handlers[route.method] = (route.handler, tuple(names))

    def find(self, method: str, path: str) -> tuple[Handler, dict[str, str]]:
        """The handler, and the values of its parameters.

        A slash inside a value is encoded once or twice; Harbor takes both.
        """
        node, values = self._walk(path.removeprefix(API))
        if node is None or not node.handlers:
            raise RefusedError(404, f"path {path} was not found")
        if method not in node.handlers:
            offered = ",".join(sorted(node.handlers))
            raise RefusedError(405, f"method {method} is not allowed, but [{offered}] are")
        handler, names = node.handlers[method]
        return handler, dict(zip(names, values, strict=True))

    def _walk(self, path: str) -> tuple[_Node | None, list[str]]:
        node: _Node | None = self._root
        values = []
        for part in _parts(path):
            if node is None:
                break
            if part in node.words:
                node = node.words[part]
            else:
                node = node.parameter
                values.append(unquote(part))
        return node, values


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part]
