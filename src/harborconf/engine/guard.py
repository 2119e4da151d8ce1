"""Guards: named limits on a whole plan, looked at before the first write.

Some are counts or shares and stop the whole apply; others are about one change, and block it
and what depends on it. Each is lifted by its name, for one run with `--allow`, or for good by
its limit under `guards` in the YAML.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from harborconf.engine.plan import Action, Change, Refusal
from harborconf.engine.steps import needs_unused
from harborconf.kinds.base import declared
from harborconf.kinds.catalog import BY_NAME, references
from harborconf.spec.value import INTEGER_SCHEMA, ValueType, read_count, shown

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from harborconf.kinds.resource import Comparison, Live, Risk
    from harborconf.spec.address import Address

Limit = float
UNLIMITED: Limit = float("inf")
SMALLEST_POPULATION = 10
"""A share of fewer says nothing."""


@dataclass(frozen=True, slots=True)
class Guard:
    """One guard. `limit` is the most that passes: a count, or a share in percent."""

    name: str
    doc: str
    limit: Limit
    is_share: bool = False
    of_one_change: bool = False

    @property
    def type(self) -> ValueType:
        """How its limit is written."""
        return _SHARE if self.is_share else _COUNT

    def show(self, amount: Limit) -> str:
        """A figure or limit of this guard in words."""
        if amount == UNLIMITED:
            return "unlimited"
        return f"{amount:.0f} %" if self.is_share else f"{amount:.0f}"


GUARDS: tuple[Guard, ...] = (
    Guard(
        "removal_share",
        "Resources of one kind that are deleted, of all that are live (where there are 10).",
        30,
        is_share=True,
    ),
    Guard("removals", "Resources deleted because they are `absent`.", 20),
    Guard(
        "permission_share",
        "Permissions that robots and members lose, of all they have (where there are 10).",
        30,
        is_share=True,
    ),
    Guard("secrets", "Passwords and secrets that are replaced.", 5),
    Guard("content", "Projects deleted with what they hold.", 0, of_one_change=True),
    Guard("security", "Changes that make Harbor less secure.", 0, of_one_change=True),
    Guard(
        "retention_share",
        "Artifacts that retention would delete, of all of a project, where it or what is immutable"
        " changes.",
        30,
        is_share=True,
        of_one_change=True,
    ),
    Guard("quota", "Quotas set below what is stored already.", 0, of_one_change=True),
)


def _read_count(raw: object) -> Limit:
    return UNLIMITED if raw == "unlimited" else read_count(raw)


def _read_share(raw: object) -> Limit:
    if raw == "unlimited":
        return UNLIMITED
    if isinstance(raw, str) and (match := re.fullmatch(r"([0-9]{1,3}) ?%", raw)):
        return int(match[1])
    message = f"expected a share like 30%, or unlimited, got {shown(raw)}"
    raise ValueError(message)


_COUNT = ValueType(
    "limit",
    _read_count,
    lambda limit: "unlimited" if limit == UNLIMITED else int(limit),
    {"anyOf": [INTEGER_SCHEMA, {"const": "unlimited"}]},
)
_SHARE = ValueType(
    "limit",
    _read_share,
    lambda limit: "unlimited" if limit == UNLIMITED else f"{limit:.0f}%",
    {"type": "string"},
)
BY_GUARD = {guard.name: guard for guard in GUARDS}


def guarded(
    changes: Sequence[Change],
    live: Mapping[Address, Live],
    observed: Mapping[Address, Mapping[str, Comparison]],
    limits: Mapping[str, Limit],
    allowed: Collection[str] = (),
) -> tuple[tuple[Change, ...], tuple[Refusal, ...]]:
    """The changes, those blocked that a guard stops; and what stops the whole apply.

    Args:
        changes: what is planned.
        live: everything that was read.
        observed: what was found out about it.
        limits: those that differ from the guards' own.
        allowed: names of guards that are lifted.
    """
    active = {
        guard.name: limits.get(guard.name, guard.limit)
        for guard in GUARDS
        if guard.name not in allowed
    }
    left = waiting(_blocked(changes, observed, active))
    figures = [
        *_removals(left),
        *_removal_shares(left, live),
        *_permission_share(left, live),
        *_secrets(left),
    ]
    refusals = tuple(
        Refusal(name, what, BY_GUARD[name].show(figure), BY_GUARD[name].show(active[name]))
        for name, figure, what in figures
        if name in active and figure > active[name]
    )
    return tuple(left), refusals


def _blocked(
    changes: Sequence[Change],
    observed: Mapping[Address, Mapping[str, Comparison]],
    active: Mapping[str, Limit],
) -> list[Change]:
    """Changes with those blocked that meet a guard of one change."""
    risks = [_risks(change, observed.get(change.address, {})) for change in changes]
    counts = Counter(guard for met in risks for guard in {risk.guard for risk in met})
    found = list(changes)
    for index, met in enumerate(risks):
        told = []
        for risk in met:
            guard, limit = BY_GUARD[risk.guard], active.get(risk.guard, UNLIMITED)
            figure = risk.figure if guard.is_share else counts[risk.guard]
            if figure > limit:
                figures = f"{guard.show(figure)}, limit {guard.show(limit)}"
                told.append(f"{risk.message} ({figures}: --allow {guard.name} lifts this guard)")
        if told:
            found[index] = found[index].blocked("; ".join(told))
    return found


def _risks(change: Change, observed: Mapping[str, Comparison]) -> list[Risk]:
    if change.action not in (Action.UPDATE, Action.DELETE) or change.live is None:
        return []
    changed = frozenset(field.path for field in change.fields)
    own = BY_NAME[change.address.kind].risks(change.desired, change.live, changed)
    seen = (one.risk for path, one in observed.items() if path in changed)
    return [*own, *(risk for risk in seen if risk is not None)]


def waiting(changes: Sequence[Change]) -> list[Change]:
    """Changes, those blocked too that need one which is blocked to be done first.

    What references a resource needs its creation; what Harbor does only while nothing references
    the resource needs all that to let go of it.
    """
    found = list(changes)
    at: defaultdict[Address, list[int]] = defaultdict(list)
    users: defaultdict[Address, set[Address]] = defaultdict(set)
    for index, change in enumerate(changes):
        at[change.address].append(index)
        for address in _references(change):
            users[address].add(change.address)
    obstacles = [change for change in changes if change.action is Action.BLOCKED]
    while obstacles:
        obstacle = obstacles.pop()
        is_missing = obstacle.wanted is Action.CREATE
        held = users[obstacle.address] if is_missing else _let_go(obstacle)
        for index in (index for address in held for index in at[address]):
            if found[index].is_write and (is_missing or needs_unused(found[index])):
                reason = f"it waits for {obstacle.address}, which is blocked"
                found[index] = found[index].blocked(reason)
                obstacles.append(found[index])
    return found


def _let_go(change: Change) -> set[Address]:
    """What a change would no longer reference."""
    if change.live is None:
        return set()
    before = references(change.address, change.live)
    if change.wanted is Action.DELETE or change.desired is None:
        return before
    wanted = {one.path: change.desired.fields.get(one.path) for one in change.fields}
    after = replace(change.live, fields={**change.live.fields, **wanted})
    return before - references(change.address, after)


def _references(change: Change) -> set[Address]:
    resource = change.desired if change.desired and not change.desired.absent else change.live
    return references(change.address, resource)


# ---- figures -------------------------------------------------------------------------


Figure = tuple[str, Limit, str]


def _removals(changes: Sequence[Change]) -> Iterable[Figure]:
    asked = sum(change.action is Action.DELETE and change.desired is not None for change in changes)
    yield "removals", asked, f"{asked} resources would be deleted"


def _removal_shares(changes: Sequence[Change], live: Mapping[Address, Live]) -> Iterable[Figure]:
    population = Counter(address.kind for address in live)
    gone = Counter(
        change.address.kind
        for change in changes
        if change.action is Action.DELETE and change.address in live
    )
    for kind, count in sorted(gone.items()):
        if population[kind] >= SMALLEST_POPULATION:
            what = f"{count} of {population[kind]} resources of kind {kind} would be deleted"
            yield "removal_share", 100 * count / population[kind], what


def _permission_share(changes: Sequence[Change], live: Mapping[Address, Live]) -> Iterable[Figure]:
    has = sum(len(BY_NAME[one.address.kind].grants(one.fields)) for one in live.values())
    lost = sum(
        len(kind.grants(change.live.fields) - kind.grants({**change.live.fields, **desired.fields}))
        for change in changes
        if change.action is Action.UPDATE and change.live and (desired := change.desired)
        for kind in (BY_NAME[change.address.kind],)
    )
    if has >= SMALLEST_POPULATION and lost:
        what = f"{lost} of {has} permissions of robots and members would be lost"
        yield "permission_share", 100 * lost / has, what


def _secrets(changes: Sequence[Change]) -> Iterable[Figure]:
    count = sum(
        item.write_only and item.path == field.path
        for change in changes
        if change.action is Action.UPDATE
        for item in declared(BY_NAME[change.address.kind].model)
        for field in change.fields
    )
    yield "secrets", count, f"{count} passwords and secrets would be replaced"
