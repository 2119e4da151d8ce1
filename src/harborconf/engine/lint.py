"""What is written, is no error, and cannot do what it seems to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harborconf.errors import Problem
from harborconf.kinds.catalog import BY_NAME

if TYPE_CHECKING:
    from harborconf.engine.resolve import DesiredState
    from harborconf.position import Position
    from harborconf.spec.address import Address


def lint(desired: DesiredState) -> list[Problem]:
    """All of it, by place; what many projects have from one place is told for the first."""
    known = desired.by_address
    first: dict[tuple[Position, str], Address] = {}
    found: dict[Problem, None] = {}
    for resource in desired.resources:
        for remark in BY_NAME[resource.address.kind].lint(resource, known):
            at = resource.origins[remark.path]
            if first.setdefault((at, remark.advice), resource.address) == resource.address:
                found[Problem(remark.message, at, remark.advice)] = None
    return list(found)
