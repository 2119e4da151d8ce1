"""A plan lowered to the steps that apply runs, and that `plan --explain` shows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from harborconf.engine.plan import Action, Change, Plan
from harborconf.kinds.registry import BY_NAME
from harborconf.kinds.resource import Step

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harborconf.spec.address import Address

_VERBS = {Action.CREATE: "create", Action.UPDATE: "update", Action.DELETE: "delete"}


def lower(plan: Plan) -> tuple[Step, ...]:
    """Every step of the plan's changes with what it needs to be done first.

    A resource needs its project; what it references is made before it and deleted after it.
    """
    chains = {change.address: _chain(change) for change in plan.changes if change.action in _VERBS}
    users = _users(chains)
    steps: list[Step] = []
    for address, chain in chains.items():
        before = _before(address, chain, chains, users)
        for index, step in enumerate(chain):
            previous = {chain[index - 1].key} if index else set()
            steps.append(replace(step, needs=frozenset(before | previous)))
    return tuple(steps)


def _chain(change: Change) -> tuple[Step, ...]:
    step = Step(
        _VERBS[change.action],
        change.address,
        change.desired,
        change.live,
        frozenset(field.path for field in change.fields),
    )
    actions = BY_NAME[change.address.kind].actions(step)
    return tuple(replace(step, action=action) for action in actions)


def _references(address: Address) -> Iterable[Address]:
    owner = address.owner
    return [*BY_NAME[address.kind].references(address), *([] if owner is None else [owner])]


def _users(chains: dict[Address, tuple[Step, ...]]) -> dict[Address, list[Address]]:
    """Who references whom, the other way round."""
    users: dict[Address, list[Address]] = {}
    for address in chains:
        for referenced in _references(address):
            users.setdefault(referenced, []).append(address)
    return users


def _before(
    address: Address,
    chain: tuple[Step, ...],
    chains: dict[Address, tuple[Step, ...]],
    users: dict[Address, list[Address]],
) -> set[tuple[Address, str]]:
    if chain[-1].action == "delete":
        return {
            chains[user][-1].key
            for user in users.get(address, [])
            if chains[user][-1].action == "delete"
        } | _makers(address, chains)
    return _makers(address, chains)


def _makers(address: Address, chains: dict[Address, tuple[Step, ...]]) -> set[tuple[Address, str]]:
    return {
        chains[referenced][-1].key
        for referenced in _references(address)
        if referenced in chains and chains[referenced][-1].action != "delete"
    }
