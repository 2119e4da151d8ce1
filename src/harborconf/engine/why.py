"""Which file and line sets a value, and what it wins over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harborconf.engine.tree import Fields, Gone, Named, Unmanaged, at_path, leaves
from harborconf.kinds.base import declared
from harborconf.kinds.catalog import BY_NAME, PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harborconf.engine.resolve import DesiredState, Layer
    from harborconf.engine.tree import Tree
    from harborconf.position import Position
    from harborconf.spec.address import Address


@dataclass(frozen=True, slots=True)
class Setting:
    """One place that sets a field; `wins` tells whether its value is the desired one."""

    path: str
    value: Any
    layer: str
    position: Position
    wins: bool


def why(state: DesiredState, address: Address, path: str = "") -> tuple[Setting, ...]:
    """Every place that sets a field of this resource (or this one field), the winner last."""
    project = address.name if address.kind == PROJECT.name else address.project
    desired = state.by_address.get(address)
    if desired is None:
        return ()
    found: list[Setting] = []
    layers: tuple[Layer, ...] = state.layers.get(project or "", ())
    types = {item.path: item.type for item in declared(BY_NAME[address.kind].model)}
    for layer in layers:
        for setting_path, value, position in _settings(layer.tree, address):
            if setting_path not in types or (path and not _within(setting_path, path)):
                continue
            wins = desired.origins.get(setting_path) == position
            written = None if value is None else types[setting_path].write(value)
            found.append(Setting(setting_path, written, layer.name, position, wins))
    if not layers:
        found = [
            Setting(one, types[one].write(desired.fields[one]), "file", position, wins=True)
            for one, position in desired.origins.items()
            if not path or _within(one, path)
        ]
    return tuple(sorted(found, key=lambda setting: (setting.path, setting.wins)))


def _within(path: str, wanted: str) -> bool:
    return path == wanted or path.startswith(f"{wanted}.")


def _settings(tree: Tree, address: Address) -> Iterator[tuple[str, Any, Position]]:
    for part in _parts(tree, address):
        if isinstance(part, Fields):
            for path, leaf in leaves(part):
                yield path, leaf.value, leaf.position


def _parts(tree: Tree, address: Address) -> Iterator[Tree]:
    kind = BY_NAME[address.kind]
    if kind is PROJECT:
        yield tree
        return
    for at in kind.in_project:
        part = at_path(tree, at.path)
        if not kind.named and part is not None:
            yield part
        elif isinstance(part, Named):
            child = part.entries.get(str(address.name).removeprefix(at.prefix))
            is_here = str(address.name).startswith(at.prefix)
            if is_here and child is not None and not isinstance(child, Gone | Unmanaged):
                yield child
