"""What is written, is no error, and cannot do what it seems to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harborconf.engine.tree import at_path, leaves, texts
from harborconf.errors import Problem
from harborconf.kinds.catalog import BY_NAME

if TYPE_CHECKING:
    from harborconf.engine.resolve import DesiredState
    from harborconf.kinds.resource import Desired, Remark
    from harborconf.position import Position
    from harborconf.spec.address import Address


def lint(desired: DesiredState) -> list[Problem]:
    """All of it; what many projects have from one place is told for the first."""
    known = desired.by_address
    first: dict[tuple[Position, str], Address] = {}
    found: dict[Problem, None] = {}
    for resource in desired.resources:
        for remark in BY_NAME[resource.address.kind].lint(resource, known):
            at = _place(desired, resource, remark)
            if first.setdefault((at, remark.advice), resource.address) == resource.address:
                found[Problem(remark.message, at, remark.advice)] = None
    return list(found)


def _place(desired: DesiredState, resource: Desired, remark: Remark) -> Position:
    """Where the text stands in the layer that the value comes from, else where the value does."""
    at = resource.origins[remark.path]
    (section,) = BY_NAME[resource.address.kind].in_project
    for layer in desired.layers.get(str(resource.address.project), ()):
        for path, leaf in leaves(at_path(layer.tree, section.path)):
            if path == remark.path and leaf.position == at:
                return next((place for text, place in texts(leaf.raw) if text == remark.text), at)
    return at
