"""Owners: files that may define some addresses and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harborconf.engine.shape import in_system
from harborconf.engine.tree import Leaf, Named
from harborconf.errors import Problem
from harborconf.kinds.catalog import PROJECT
from harborconf.spec.address import Address
from harborconf.spec.globs import matches

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from harborconf.engine.tree import Fields
    from harborconf.position import Position

_EVERY_FILE = ("version",)


def check_owners(document: Fields, files: Mapping[str, Fields]) -> Iterator[Problem]:
    """What stands in a file that its owner may not define. Files by name, as they were read.

    A glob matches the end of a file's path, from one of its folders on.
    """
    owners = document.entries.get("owners")
    if not isinstance(owners, Leaf):
        return
    for file, tree in files.items():
        bound = [addresses for glob, addresses in owners.value if _is_of(glob, file)]
        if not bound:
            continue
        allowed = tuple(glob for addresses in bound for glob in addresses)
        for what, position in _foreign(tree, allowed):
            message = f"this file may not define {what}: `owners` lets it define {_list(allowed)}"
            yield Problem(message, position, f"`owners` stands at {owners.position}")


def _is_of(glob: str, file: str) -> bool:
    parts = file.replace("\\", "/").split("/")
    return any(matches(glob, "/".join(parts[start:])) for start in range(len(parts)))


def _foreign(tree: Fields, allowed: tuple[str, ...]) -> Iterator[tuple[str, Position]]:
    """What a file holds beside the addresses allowed, with its place."""
    kinds = {at.path: (kind, at) for kind, at in in_system()}
    kinds[PROJECT.in_system[0].path] = (PROJECT, PROJECT.in_system[0])
    for key, child in tree.entries.items():
        if key in _EVERY_FILE:
            continue
        found = kinds.get((key,))
        if found is None or not isinstance(child, Named):
            yield f"`{key}`", child.position
            continue
        kind, at = found
        for name in child.entries:
            address = Address(kind.name, at.prefix + name)
            if not address.is_protected(allowed):
                yield str(address), child.keys[name]


def _list(globs: tuple[str, ...]) -> str:
    return ", ".join(globs) or "nothing"
