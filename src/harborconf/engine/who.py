"""Who made live what it is: as far as Harbor's audit log tells."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote

from harborconf.engine.plan import Action
from harborconf.kinds.catalog import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from harborconf.engine.plan import Plan
    from harborconf.engine.read import LiveState
    from harborconf.kinds.resource import Server, Workbench
    from harborconf.spec.address import Address

AUDIT_LOG = "/auditlog-exts"
_MOST_UNRECORDED = 10
_DONE = {"create": "created", "update": "changed", "delete": "deleted"}


class Newest(Protocol):
    """Reads the beginning of a list."""

    async def get(self, path: str, params: Mapping[str, str | int], *, limit: int) -> Any:
        """The first `limit` items."""


async def who(plan: Plan, live: LiveState, bench: Workbench, api: Newest) -> tuple[str, ...]:
    """Lines for people: who did what the plan would change, and when.

    Harbor 2.13 to 2.15 record that projects, robots and users are created and deleted, that
    users are changed, and that settings are. Who is no system administrator is told of their
    own projects.

    Raises:
        HarborError: the audit log cannot be read.
    """
    asked = list(_asked(plan))
    found = await asyncio.gather(*(_newest(one, live, bench.server, api) for one in asked))
    told = [
        f"{address}: {_DONE[operation]} by {entry['username']}, {entry['op_time']}"
        for (address, operation), entry in zip(asked, found, strict=True)
        if entry is not None
    ]
    unknown = [str(one[0]) for one, entry in zip(asked, found, strict=True) if entry is None]
    if unknown:
        more = len(unknown) - _MOST_UNRECORDED
        names = ", ".join(unknown[:_MOST_UNRECORDED]) + (f" and {more} more" if more > 0 else "")
        hidden = "" if bench.who.is_system_admin else ", or not told to you"
        told.append(f"who did it is not recorded by Harbor{hidden}: {names}")
    return tuple(told)


def _asked(plan: Plan) -> Iterator[tuple[Address, str]]:
    """What must have happened in Harbor, that this is to be changed."""
    before = {Action.CREATE: "delete", Action.UPDATE: "update", Action.DELETE: "create"}
    for change in plan.changes:
        action = change.wanted or change.action
        if action in before:
            yield change.address, before[action]
    for address in plan.extras:
        yield address, "create"


async def _newest(
    asked: tuple[Address, str], live: LiveState, server: Server, api: Newest
) -> Mapping[str, Any] | None:
    address, operation = asked
    kind = BY_NAME[address.kind]
    if operation not in kind.audited:
        return None
    name = kind.audit_name(address, live.resources.get(address), server)
    query = {"operation": operation, "resource_type": kind.audited_as or kind.name}
    # Harbor decodes `q` twice.
    q = ",".join(
        f"{key}={quote(value, safe='')}" for key, value in {**query, "resource": name}.items()
    )
    entries = await api.get(AUDIT_LOG, {"q": q, "page_size": 1, "sort": "-op_time"}, limit=1)
    return next((entry for entry in entries if entry["resource"] == name), None)
