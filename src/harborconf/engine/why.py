"""Which file and line sets a value, and what it wins over."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from harborconf.engine.shape import project_shape
from harborconf.engine.tree import Fields, Leaf, Named, Reader, Unmanaged, at_path, substitute
from harborconf.kinds.base import declared
from harborconf.kinds.catalog import BY_NAME, PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harborconf.engine.resolve import DesiredState
    from harborconf.engine.tree import Tree
    from harborconf.position import Position
    from harborconf.spec.address import Address


@dataclass(frozen=True, slots=True)
class Setting:
    """One place that sets a field; `wins` tells whether it is the one that counts.

    A value of None is a written null: what it stands for is not managed. Its path may be a
    section of fields, or nothing for the whole resource.
    """

    path: str
    value: Any
    layer: str
    position: Position
    wins: bool


def why(state: DesiredState, address: Address, path: str = "") -> tuple[Setting, ...]:
    """Every place that sets a field of this resource (or this one field), the winner last."""
    if address.kind not in BY_NAME:
        return ()
    if address.name is not None:
        name = BY_NAME[address.kind].canonical(address.name)
        address = replace(address, name=name)
    project = address.name if address.kind == PROJECT.name else address.project
    desired = state.by_address.get(address)
    origins = desired.origins if desired else {}
    types = {item.path: item.type for item in declared(BY_NAME[address.kind].model)}
    found = [
        Setting(
            one,
            None if value is None else types[one].write(value),
            layer,
            position,
            wins=origins.get(one) == position,
        )
        for layer, tree in _layers(state, project)
        for one, value, position in _settings(tree, address)
        if any(one == known or (value is None and _within(known, one)) for known in types)
        and (_within(one, path) or _within(path, one))
    ]
    return tuple(sorted(_nulls(found), key=lambda setting: (setting.path, setting.wins)))


def _layers(state: DesiredState, project: str | None) -> Iterator[tuple[str, Tree]]:
    """What each overlay has of each layer, lowest first."""
    if project is None:
        yield from (("file", overlay) for overlay in state.overlays)
        return
    shape = project_shape(with_profile=True)
    for layer in state.layers.get(project, ()):
        parts = [_part(overlay, layer.path) for overlay in state.overlays if layer.path]
        for part in parts or [layer.tree]:
            tree = part and substitute(shape, part, project, Reader())
            if tree is not None:
                yield layer.name, tree


def _nulls(found: list[Setting]) -> Iterator[Setting]:
    """A null counts where no layer above it says anything of the same."""
    for index, one in enumerate(found):
        above = (_within(other.path, one.path) for other in found[index + 1 :])
        yield replace(one, wins=not any(above)) if one.value is None else one


def _within(path: str, whole: str) -> bool:
    return not whole or path == whole or path.startswith(f"{whole}.")


def _settings(tree: Tree, address: Address) -> Iterator[tuple[str, Any, Position]]:
    kind = BY_NAME[address.kind]
    if kind is PROJECT:
        yield from _values(tree)
        return
    for at in kind.in_project if address.project else kind.in_system:
        if not kind.named:
            yield from _values(_part(tree, at.path))
        elif str(address.name).startswith(at.prefix):
            section = at_path(tree, at.path)
            names = section.entries if isinstance(section, Named) else ()
            own = [one for one in names if kind.canonical(at.prefix + one) == address.name]
            for name in own or [str(address.name).removeprefix(at.prefix)]:
                yield from _values(_part(tree, (*at.path, name)))


def _part(tree: Tree | None, path: tuple[str, ...]) -> Tree | None:
    """What stands at a path, or the null above it."""
    for key in path:
        if not isinstance(tree, Fields | Named):
            break
        tree = tree.entries.get(key)
    return tree if isinstance(tree, Fields | Unmanaged) else None


def _values(tree: Tree | None, path: str = "") -> Iterator[tuple[str, Any, Position]]:
    match tree:
        case Leaf(value=value, position=position):
            yield path, value, position
        case Unmanaged(position=position):
            yield path, None, position
        case Fields(entries=entries):
            for key, child in entries.items():
                yield from _values(child, f"{path}.{key}" if path else key)
        case _:
            pass
