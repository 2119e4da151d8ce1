"""How two live Harbors differ: what would change in one so that it is as the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harborconf.engine.diff import field_change, order, show
from harborconf.engine.plan import Action, Change, FieldChange
from harborconf.kinds.base import UNSET, declared
from harborconf.kinds.catalog import BY_NAME
from harborconf.kinds.resource import Desired
from harborconf.position import Position

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harborconf.engine.read import LiveState
    from harborconf.kinds.base import Declared, Kind
    from harborconf.kinds.resource import Live

_NOWHERE = Position("", 0, 0)


def between(one: LiveState, other: LiveState) -> tuple[Change, ...]:
    """What would change in the first Harbor so that it is as the second.

    Both were read whole. What is in a project that only the first has goes with the project.
    Compared is what both tell: no passwords, and no fields that only one of the versions has.
    """
    compared = {name: list(_compared(kind, one, other)) for name, kind in BY_NAME.items()}
    found: list[Change] = []
    for address, theirs in other.resources.items():
        kind, items = BY_NAME[address.kind], compared[address.kind]
        ours = one.resources.get(address)
        if ours is None:
            fields = tuple(_told(items, theirs))
            if fields or kind.named:
                found.append(Change(address, Action.CREATE, fields))
        elif changed := tuple(_changed(kind, items, ours, theirs)):
            found.append(Change(address, Action.UPDATE, changed))
    gone = one.resources.keys() - other.resources.keys()
    for address in gone:
        kind = BY_NAME[address.kind]
        told = any(_told(compared[kind.name], one.resources[address]))
        if address.owner not in gone and (told or kind.named):
            found.append(Change(address, Action.DELETE))
    return tuple(sorted(found, key=order))


def _told(items: list[Declared], live: Live) -> Iterator[FieldChange]:
    """What is not as Harbor has it where nobody has said anything."""
    for item in items:
        value = live.fields.get(item.path, UNSET)
        if value is not UNSET and value != item.default:
            yield FieldChange(item.path, None, show(item, value))


def _compared(kind: Kind, one: LiveState, other: LiveState) -> Iterator[Declared]:
    for item in declared(kind.model):
        known = item.exists_in(one.version) and item.exists_in(other.version)
        if known and not item.write_only and not item.local:
            yield item


def _changed(kind: Kind, items: list[Declared], ours: Live, theirs: Live) -> Iterator[FieldChange]:
    wanted = Desired(theirs.address, theirs.fields, _NOWHERE)
    for item in items:
        before = ours.fields.get(item.path, UNSET)
        after = theirs.fields.get(item.path, UNSET)
        if after is UNSET:
            if before is not UNSET and before != item.default:
                yield FieldChange(item.path, show(item, before), None)
        elif before is UNSET or not kind.same(item.path, after, before):
            yield field_change(item, wanted, ours, "")
