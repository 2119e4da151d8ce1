"""A plan that was reviewed against a new one: whether it still holds, and that part of the new.

What is applied always comes from the new plan; the reviewed one only says which changes, and
what each must be. Where things stand in files, and the reasons told to people, do not matter.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Any

from harborconf.engine.plan import Action
from harborconf.engine.steps import required
from harborconf.kinds.catalog import references

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from harborconf.engine.plan import Change, FieldChange, Plan
    from harborconf.kinds.resource import Server
    from harborconf.spec.address import Address

NOTHING = "nothing"

_Key = tuple["Address", Action]


class Of(Enum):
    """What differs between two plans."""

    SERVER = "server"
    VERSION = "version"
    CHANGE = "change"
    FIELD = "field"
    LIVE = "live"
    DESIRED = "desired"
    NEEDS = "needs"


@dataclass(frozen=True, slots=True)
class Difference:
    """One way in which a reviewed plan does not hold any more.

    `where` is the address of a change or of a field. `then` and `now` are, by `of`: URLs,
    versions, what is done with the resource, the field's change or None, what was and is live,
    what was and is desired; or `now` is what must be done before, which nobody reviewed.
    `reason` is for people only.
    """

    where: str
    of: Of
    then: Any
    now: Any
    reason: str = ""


def differences(reviewed: Plan, now: Plan) -> tuple[Difference, ...]:
    """Why the reviewed plan must not be applied; nothing where every change is as it was.

    `now` is a plan of the same selection, whole or restricted. Plans of two servers, or of two
    minor versions of Harbor, are not compared any further.
    """
    found = list(_servers(reviewed, now.url, now.harbor_version))
    if found:
        return tuple(found)
    then_by, now_by = _by_key(reviewed.changes), _by_key(now.changes)
    for key, change in then_by.items():
        if key in now_by:
            found += _fields(change, now_by[key])
        else:
            found.append(_other_action(change, now))
    if not found:
        found += _needs(then_by, now)
    return tuple(found)


def other_server(reviewed: Plan, server: Server) -> tuple[Difference, ...]:
    """Why the reviewed plan is not for this Harbor; this can be told before anything is read."""
    return tuple(_servers(reviewed, server.url, server.text))


def part(
    changes: Sequence[Change], reviewed: Plan | None
) -> tuple[Sequence[Change], Sequence[Change]]:
    """The changes of resources that the reviewed plan changes too, and the others."""
    if reviewed is None:
        return changes, ()
    known = {change.address for change in reviewed.changes}
    chosen = [change for change in changes if change.address in known]
    return chosen, [change for change in changes if change.address not in known]


def restricted(now: Plan, reviewed: Plan) -> Plan:
    """The new plan with the reviewed changes only; the others are `elsewhere`."""
    chosen = _by_key(reviewed.changes)
    others = [one for one in now.changes if _key(one) not in chosen]
    return replace(
        now,
        changes=tuple(one for one in now.changes if _key(one) in chosen),
        elsewhere=(*now.elsewhere, *others),
    )


def _key(change: Change) -> _Key:
    """What tells the changes of a plan apart: of one resource's fields some may be blocked."""
    return (change.address, change.action)


def _by_key(changes: Sequence[Change]) -> dict[_Key, Change]:
    found: dict[_Key, Change] = {}
    for change in changes:
        other = found.get(_key(change))
        fields = (*other.fields, *change.fields) if other else change.fields
        found[_key(change)] = replace(change, fields=fields)
    return found


def _servers(reviewed: Plan, url: str, version: str) -> Iterator[Difference]:
    if reviewed.url != url:
        yield Difference("", Of.SERVER, reviewed.url, url)
    elif _minor(reviewed.harbor_version) != _minor(version):
        yield Difference("", Of.VERSION, reviewed.harbor_version, version)


def _minor(version: str) -> list[str]:
    return version.split(".")[:2]


def _other_action(change: Change, now: Plan) -> Difference:
    changes = [one for one in (*now.changes, *now.elsewhere) if one.address == change.address]
    found = " and ".join(one.action.value for one in changes) or NOTHING
    reason = "; ".join(one.reason for one in changes if one.action is Action.BLOCKED)
    return Difference(str(change.address), Of.CHANGE, change.action.value, found, reason)


def _fields(then: Change, now: Change) -> Iterator[Difference]:
    then_by = {field.path: field for field in then.fields}
    now_by = {field.path: field for field in now.fields}
    for path in {**then_by, **now_by}:
        where = then.address.field(path)
        field, again = then_by.get(path), now_by.get(path)
        if field is None or again is None:
            yield Difference(where, Of.FIELD, field, again)
        else:
            yield from _values(where, field, again)


def _values(where: str, then: FieldChange, now: FieldChange) -> Iterator[Difference]:
    if not _same(then.before, now.before):
        yield Difference(where, Of.LIVE, then.before, now.before)
    if not _same(then.after, now.after):
        yield Difference(where, Of.DESIRED, then.after, now.after)


def _same(one: Any, other: Any) -> bool:
    """Whether two values are the same as JSON, where true is not 1."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _needs(chosen: dict[_Key, Change], now: Plan) -> Iterator[Difference]:
    """Changes that cannot be made without one that nobody has reviewed."""
    whole = replace(now, changes=(*now.changes, *now.elsewhere))
    changes = {change.address: change for change in whole.writes}
    for address, others in required(whole).items():
        change = changes[address]
        if _key(change) not in chosen:
            continue
        for needed in (changes[other] for other in sorted(others, key=str)):
            if _key(needed) not in chosen and _is_needed(change, needed):
                first = f"{needed.action.value} {needed.address}"
                yield Difference(str(address), Of.NEEDS, change.action.value, first)


def _is_needed(change: Change, needed: Change) -> bool:
    """Whether a change would fail or do another thing without one that comes first.

    An update of what is referenced only comes first for the sake of order, unless it is that
    which gives it its name. What references a resource has to let go of it first.
    """
    if needed.action is not Action.UPDATE:
        return True
    if change.address in references(needed.address, needed.live):
        return True
    return needed.live is not None and needed.live.address != needed.address
