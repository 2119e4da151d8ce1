"""What most projects share, taken out of them and into the defaults."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from harborconf.engine.shape import FieldsShape, NamedShape, Shape, project_shape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

Path = tuple[str, ...]


def factor(
    projects: Mapping[str, Mapping[str, Any]], is_plain: Callable[[Any], bool]
) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Defaults, and each project without what it has in common with them.

    Only what every project writes moves, and of it the value that more than half of them
    have: a default must not reach a project that says nothing there. Named resources stay
    where they are, as a default would be added to those of every project.

    Args:
        projects: Their bodies by name, as YAML.
        is_plain: Whether a value is one that YAML can hold, and no place for a comment.
    """
    defaults: dict[str, Any] = {}
    left = {name: _copy(body) for name, body in projects.items()}
    if len(projects) > 1:
        shape = project_shape(with_profile=False)
        for path in _paths(shape, list(projects.values()), is_plain):
            values = {name: _at(body, path) for name, body in projects.items()}
            texts = {name: json.dumps(value, sort_keys=True) for name, value in values.items()}
            ((common, count),) = Counter(texts.values()).most_common(1)
            if count * 2 <= len(projects):
                continue
            sharers = [name for name, text in texts.items() if text == common]
            comments = (isinstance(one, str) and not is_plain(one) for one in values.values())
            if any(comments) or not is_plain(values[sharers[0]]):
                continue
            _put(defaults, path, values[sharers[0]])
            for name in sharers:
                _take(left[name], path)
    return defaults, left


def _paths(
    shape: Shape,
    bodies: Sequence[Mapping[str, Any]],
    is_plain: Callable[[Any], bool],
    path: Path = (),
) -> Iterator[Path]:
    """Places of values that all bodies write, none within another.

    A section with a comment stays whole: without its values it would be empty.
    """
    values = [_at(body, path) for body in bodies]
    if any(value is _MISSING for value in values):
        return
    own = [child for value in values if isinstance(value, dict) for child in value.values()]
    if path and not all(is_plain(child) for child in own if not isinstance(child, dict)):
        return
    match shape:
        case FieldsShape(fields=fields) if all(isinstance(value, dict) for value in values):
            for name, child in fields.items():
                yield from _paths(child, bodies, is_plain, (*path, name))
        case FieldsShape() if any(isinstance(value, dict) for value in values):
            return
        case NamedShape():
            if sum(value == {} for value in values) * 2 > len(values):
                yield path
        case _:
            yield path


_MISSING = object()


def _at(body: Any, path: Path) -> Any:
    for part in path:
        if not isinstance(body, dict) or part not in body:
            return _MISSING
        body = body[part]
    return body


def _copy(body: Any) -> Any:
    """Maps anew, values as they are."""
    if type(body) is dict:
        return {key: _copy(value) for key, value in body.items()}
    return body


def _put(body: dict[str, Any], path: Path, value: Any) -> None:
    for part in path[:-1]:
        body = body.setdefault(part, {})
    body[path[-1]] = value


def _take(body: dict[str, Any], path: Path) -> None:
    """Remove a value, and the maps that are empty without it."""
    inner = body
    for part in path[:-1]:
        inner = inner[part]
    del inner[path[-1]]
    if len(path) > 1 and not inner:
        _take(body, path[:-1])
