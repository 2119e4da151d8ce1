"""Who may what: what is known of it before the first write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harborconf.engine.plan import Action
from harborconf.kinds.catalog import BY_NAME, PROJECT

if TYPE_CHECKING:
    from harborconf.engine.read import LiveState
    from harborconf.kinds.resource import Workbench
    from harborconf.spec.address import Address


def forbidden(address: Address, action: Action, live: LiveState, bench: Workbench) -> str:
    """Why who asks may not do this, or nothing where they may or it cannot be told.

    Of robots it cannot be told: Harbor gives them an empty list (2.13.2, 2.15.2).
    """
    kind, who = BY_NAME[address.kind], bench.who
    if who.is_system_admin or who.is_robot:
        return ""
    if kind is PROJECT and action is Action.CREATE:
        may = bench.server.users_may_create_projects
        return "" if may else "only a system administrator may create projects here"
    if not kind.permission:
        return "only a system administrator may change this"
    granted = live.may.get(str(address.name if kind is PROJECT else address.project))
    resource, _, verb = kind.permission.partition(":")
    if granted is None or (resource, verb or action.value) in granted:
        return ""
    return f"{who.username} may not {action.value} this in the project"
