"""A project as the API shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harborconf.simulator import allowlist
from harborconf.simulator.clock import ZERO_TIME
from harborconf.simulator.permissions import ROLE_ORDER

if TYPE_CHECKING:
    from harborconf.simulator.http import Record
    from harborconf.simulator.identity import Identity
    from harborconf.simulator.state import State

# CVSS 3's words. Whatever else is stored reads back as unknown, but for the metadata's own path.
_SEVERITIES = frozenset({"none", "low", "medium", "high", "critical"})
_NO_DETAIL_ALLOWLIST = {"creation_time": ZERO_TIME, "items": None, "update_time": ZERO_TIME}


def show(state: State, who: Identity, row: Record, *, detail: bool = True) -> Record:
    """A project. Without detail metadata, owner and allowlist are missing."""
    number = row["project_id"]
    found: Record = {
        "creation_time": row["creation_time"],
        "cve_allowlist": _NO_DETAIL_ALLOWLIST,
        "name": row["name"],
        "owner_id": row["owner_id"],
        "project_id": number,
        "repo_count": state.repositories.count(number),
        "update_time": row["update_time"],
    }
    found |= _roles(state, who, number)
    if row["registry_id"]:
        found["registry_id"] = row["registry_id"]
    if detail:
        owner = state.users.rows.get(row["owner_id"])
        found["owner_name"] = owner["username"] if owner else ""
        found["cve_allowlist"] = allowlist.show(state.allowlists.find(number))
        found["metadata"] = _metadata(row["metadata"])
    return found


def _metadata(stored: dict[str, str]) -> dict[str, str]:
    """Without the number of the chosen scanner, which only the metadata's own path tells."""
    found = {name: value for name, value in stored.items() if name != "projectScanner"}
    if "severity" in found:
        word = found["severity"].lower()
        found["severity"] = word if word in _SEVERITIES else "unknown"
    return found


def _roles(state: State, who: Identity, project: int) -> Record:
    """The roles by membership; a system administrator who is no member has none."""
    roles = state.roles(who.user_id, project)
    if not roles:
        return {"current_user_role_ids": None}
    strongest = next((role for role in ROLE_ORDER if role in roles), 0)
    named = {"current_user_role_id": strongest} if strongest else {}
    return {"current_user_role_ids": roles, **named}
