"""What a robot can be given, and what the sender may do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harborconf.simulator.http import RefusedError, Reply, ok
from harborconf.simulator.permissions import (
    FOR_PROJECT_ROBOTS,
    FOR_SYSTEM_ROBOTS,
    IN_A_PROJECT,
    SELF,
)
from harborconf.simulator.router import Route

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harborconf.simulator.call import Call
    from harborconf.simulator.http import Record
    from harborconf.simulator.permissions import Permission

_SCOPE = re.compile(r"/project/(\d+)")


def _show(permissions: Iterable[Permission]) -> list[Record]:
    return [{"resource": resource, "action": action} for resource, action in permissions]


def _grantable(call: Call) -> Reply:
    """For administrators of the system or of any project; these see no system permissions."""
    if not call.who.authenticated:
        raise RefusedError(401, "")
    call.touch_database()
    if not (call.who.is_admin or call.state.leads_a_project(call.who.user_id)):
        message = "forbidden: only admins(system and project) can access permissions"
        raise RefusedError(403, message)
    system = _show(FOR_SYSTEM_ROBOTS) if call.who.is_admin else None
    return ok({"project": _show(FOR_PROJECT_ROBOTS), "system": system})


def _own(call: Call) -> Reply:
    """Only a project's scope is known; an administrator may everything even in one that is not."""
    call.require_somebody()
    scope = call.request.query.get("scope", "")
    relative = call.request.query.get("relative", "").lower() in {"true", "1"}
    found = _SCOPE.fullmatch(scope)
    if found is None:
        return ok([])
    project = call.state.project(int(found[1]))
    allowed = [
        (resource if relative else _absolute(scope, resource), action)
        for resource, action in IN_A_PROJECT
        if call.who.may_in(call.state, project, resource, action)
    ]
    return ok(_show(allowed))


def _absolute(scope: str, resource: str) -> str:
    return scope if resource == SELF else f"{scope}/{resource}"


ROUTES = (
    Route("GET", "/permissions", _grantable),
    Route("GET", "/users/current/permissions", _own),
)
