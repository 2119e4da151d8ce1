"""The CVE allowlists, of the system and of each project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harborconf.simulator.clock import ZERO_TIME
from harborconf.simulator.http import internal_error

if TYPE_CHECKING:
    from harborconf.simulator.http import Record
    from harborconf.simulator.state import State

# From here on each needs a name.
_NAMES_NEEDED = (2, 14)


def show(row: Record | None) -> Record:
    """An allowlist; one of a project has no times, a system's only once it was stored."""
    found: Record = {"creation_time": ZERO_TIME, "items": [], "update_time": ZERO_TIME}
    if row is None:
        return found
    items = [item if item["cve_id"] else {} for item in row["items"]]
    found |= {"id": row["id"], "items": items}
    if row["project_id"]:
        found["project_id"] = row["project_id"]
    else:
        found |= {"creation_time": row["stored"], "update_time": row["stored"]}
    if row["expires_at"] is not None:
        found["expires_at"] = row["expires_at"]
    return found


def store(state: State, project: int, body: Record) -> None:
    """Replace an allowlist. The same CVE twice is an error of the server, 500; so is no name."""
    items = [{"cve_id": item.get("cve_id", "")} for item in body.get("items") or []]
    names = [item["cve_id"] for item in items]
    nameless = state.release >= _NAMES_NEEDED and not all(name.strip() for name in names)
    if len(set(names)) < len(names) or nameless:
        raise internal_error()
    values = {"items": items, "expires_at": body.get("expires_at"), "stored": state.now()}
    row = state.allowlists.find(project)
    if row is None:
        state.allowlists.add({"project_id": project, **values})
    else:
        state.allowlists.change(row, **values)
