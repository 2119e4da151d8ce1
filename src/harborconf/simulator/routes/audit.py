"""The audit log of events, as far as projects, robots, users and settings go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harborconf.simulator.paging import in_order, keywords, matching, page
from harborconf.simulator.router import Route

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from harborconf.simulator.call import Call
    from harborconf.simulator.http import Json, Record, Reply


def _key(name: str) -> Callable[[Record], Json]:
    return lambda row: row[name]


_KEYS: Mapping[str, Callable[[Record], Json]] = {
    name: _key(name) for name in ("operation", "resource", "resource_type", "username", "op_time")
}


def _list(call: Call) -> Reply:
    """All of it for system administrators, to others that of their projects; the newest first."""
    call.require_somebody()
    rows = call.state.audit
    if not call.who.may("audit-log", "list"):
        rows = [row for row in rows if _is_of_theirs(call, row["project_id"])]
    rows = matching(rows, keywords(call.request), _KEYS)
    rows = in_order(rows, call.request.query.get("sort", ""), _KEYS, "-op_time")
    return page(call.request, rows, _show)


def _is_of_theirs(call: Call, project: int) -> bool:
    row = call.state.projects.rows.get(project)
    return row is not None and call.who.may_in(call.state, row, "log", "list")


def _show(row: Record) -> Record:
    return {name: value for name, value in row.items() if name != "project_id"}


ROUTES = (Route("GET", "/auditlog-exts", _list),)
