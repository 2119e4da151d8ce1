"""A plan lowered to the steps that apply runs, and that `plan --explain` shows."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from harborconf.engine.plan import Action
from harborconf.errors import RefusedError
from harborconf.kinds.catalog import BY_NAME, references
from harborconf.kinds.resource import Step

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harborconf.engine.plan import Change, Plan
    from harborconf.kinds.resource import Desired
    from harborconf.spec.address import Address

    StepKey = tuple[Address, str]


def lower(plan: Plan) -> tuple[Step, ...]:
    """Every step of the plan's changes with what it needs to be done first.

    A resource needs its project and what it references, as it is and as it will be: those are
    made before it, and deleted, or made of no use, after it has gone or no longer references
    them. Some settings are changed before everything else, or after it.

    Raises:
        RefusedError: changes wait for one another, so that none could begin.
    """
    changes = _by_address(plan)
    along = _along(plan)
    chains = {
        address: _chain(change, completes=_completes(change, changes), along=along.get(address, {}))
        for address, change in changes.items()
    }
    needed = required(plan)
    last: dict[str, set[StepKey]] = {}
    for address, chain in chains.items():
        last.setdefault(address.kind, set()).add(chain[-1].key)
    openings, closings = _gates(chains)
    steps: list[Step] = []
    for address, chain in chains.items():
        before = {chains[one][-1].key for one in needed[address]}
        for kind in BY_NAME[address.kind].follows:
            before |= last.get(kind, set())
        if needs_unused(changes[address]):
            for kind in BY_NAME[address.kind].outlives:
                before |= {key for key in last.get(kind, ()) if key[1] == "delete"}
        before |= {key for key in openings if key[0] != address}
        for index, step in enumerate(chain):
            previous = {chain[index - 1].key} if index else set()
            if step.key in closings:
                previous |= {one[-1].key for other, one in chains.items() if other != address}
            steps.append(replace(step, needs=frozenset(before | previous)))
    _refuse_circles(steps)
    return tuple(steps)


def required(plan: Plan) -> Mapping[Address, set[Address]]:
    """The resources whose changes each one's change cannot do without, if they are planned.

    Those are its project and what it references, and what references it where that has to let
    go of it first.
    """
    changes = _by_address(plan)
    users: defaultdict[Address, set[Address]] = defaultdict(set)
    for address, change in changes.items():
        for referenced in references(address, change.live):
            users[referenced].add(address)
    made = {
        address: {
            one
            for one in references(address, _lasting(change))
            if one in changes and changes[one].action is not Action.DELETE
        }
        for address, change in changes.items()
    }
    return {
        address: made[address]
        | {user for user in users[address] if needs_unused(change) and address not in made[user]}
        for address, change in changes.items()
    }


def needs_unused(change: Change) -> bool:
    """Whether Harbor makes this change only once nothing references the resource."""
    if change.action is Action.UPDATE and change.live and change.desired:
        fields = {**change.live.fields, **change.desired.fields}
        return BY_NAME[change.address.kind].must_be_unused(fields)
    return change.action is Action.DELETE


def _lasting(change: Change) -> Desired | None:
    return None if change.action is Action.DELETE else change.desired


def _by_address(plan: Plan) -> dict[Address, Change]:
    return {change.address: change for change in plan.writes}


def _gates(chains: Mapping[Address, tuple[Step, ...]]) -> tuple[set[StepKey], set[StepKey]]:
    """The steps that everything else waits for, and those that wait for everything else."""
    openings = {(one, BY_NAME[one.kind].opening(chain[0])) for one, chain in chains.items()}
    closings = {(one, BY_NAME[one.kind].closing(chain[0])) for one, chain in chains.items()}
    return {key for key in openings if key[1]}, {key for key in closings if key[1]}


def _refuse_circles(steps: Sequence[Step]) -> None:
    """Nothing is begun where changes wait for one another: each would wait for ever."""
    try:
        TopologicalSorter({step.key: step.needs for step in steps}).prepare()
    except CycleError as error:
        circle = ", ".join(dict.fromkeys(str(address) for address, _ in error.args[1]))
        message = f"these changes wait for one another: {circle}"
        raise RefusedError(message, advice="they contradict each other: correct one") from error


def _completes(change: Change, changes: Mapping[Address, Change]) -> bool:
    """Whether it takes away what Harbor makes along with its project, which is made here."""
    owner = changes.get(change.address.owner) if change.address.owner else None
    is_new = owner is not None and owner.action is Action.CREATE
    return is_new and change.action is Action.DELETE


def _along(plan: Plan) -> Mapping[Address, Mapping[str, Desired]]:
    """What is planned of that of which each project has one, by project and kind."""
    found: defaultdict[Address, dict[str, Desired]] = defaultdict(dict)
    for change in plan.writes:
        owner, desired = change.address.owner, change.desired
        if owner and desired and change.address.name is None:
            found[owner][change.address.kind] = desired
    return found


def _chain(change: Change, *, completes: bool, along: Mapping[str, Desired]) -> tuple[Step, ...]:
    step = Step(
        change.action.value,
        change.address,
        change.desired,
        change.live,
        frozenset(field.path for field in change.fields),
        completes=completes,
        along=along,
    )
    actions = BY_NAME[change.address.kind].actions(step)
    return tuple(replace(step, action=action) for action in actions)
