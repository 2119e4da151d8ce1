"""A plan lowered to the steps that apply runs, and that `plan --explain` shows."""

from __future__ import annotations

from dataclasses import replace
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from harborconf.errors import RefusedError
from harborconf.kinds.catalog import BY_NAME, references
from harborconf.kinds.resource import Step

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harborconf.engine.plan import Change, Plan
    from harborconf.spec.address import Address

    StepKey = tuple[Address, str]


def lower(plan: Plan) -> tuple[Step, ...]:
    """Every step of the plan's changes with what it needs to be done first.

    A resource needs its project and what it references, as it is and as it will be: those are
    made before it, and deleted after it has gone or no longer references them. Some settings
    are changed before everything else, or after it.

    Raises:
        RefusedError: changes wait for one another, so that none could begin.
    """
    chains = _chains(plan)
    needed = _required(chains)
    last: dict[str, set[StepKey]] = {}
    for address, chain in chains.items():
        last.setdefault(address.kind, set()).add(chain[-1].key)
    openings, closings = _gates(chains)
    steps: list[Step] = []
    for address, chain in chains.items():
        before = {chains[one][-1].key for one in needed[address]}
        for kind in BY_NAME[address.kind].follows:
            before |= last.get(kind, set())
        if chain[-1].action == "delete":
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

    Those are its project and what it references, and for a deletion what references it.
    """
    return _required(_chains(plan))


def _chains(plan: Plan) -> dict[Address, tuple[Step, ...]]:
    return {change.address: _chain(change) for change in plan.changes if change.is_write}


def _required(chains: Mapping[Address, tuple[Step, ...]]) -> dict[Address, set[Address]]:
    users: dict[Address, set[Address]] = {}
    for address, chain in chains.items():
        for referenced in references(address, chain[0].live):
            users.setdefault(referenced, set()).add(address)
    found: dict[Address, set[Address]] = {}
    for address, chain in chains.items():
        found[address] = {
            made
            for made in references(address, chain[0].desired or chain[0].live)
            if made in chains and chains[made][-1].action != "delete"
        }
        if chain[-1].action == "delete":
            found[address] |= users.get(address, set())
    return found


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


def _chain(change: Change) -> tuple[Step, ...]:
    step = Step(
        change.action.value,
        change.address,
        change.desired,
        change.live,
        frozenset(field.path for field in change.fields),
    )
    actions = BY_NAME[change.address.kind].actions(step)
    return tuple(replace(step, action=action) for action in actions)
