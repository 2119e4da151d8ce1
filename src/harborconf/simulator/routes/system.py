"""Health, system information, and the CVE allowlist of the system."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harborconf.simulator import allowlist
from harborconf.simulator.http import RefusedError, Reply, empty, ok
from harborconf.simulator.router import Route
from harborconf.simulator.settings import HOST

if TYPE_CHECKING:
    from harborconf.simulator.call import Call

_COMPONENTS = (
    "core",
    "database",
    "jobservice",
    "portal",
    "redis",
    "registry",
    "registryctl",
    "trivy",
)
# What `/systeminfo` copies from the settings, for everybody and for those who are logged in.
_OPEN = (
    "auth_mode",
    "banner_message",
    "primary_auth_mode",
    "self_registration",
)
_PROTECTED = ("notification_enable", "project_creation_restriction", "read_only")


def _ping(_: Call) -> Reply:
    return Reply(200, b"Pong", {"content-type": "text/plain"})


def _health(_: Call) -> Reply:
    """Harbor remembers the last good check: with the database or Redis down it says healthy."""
    components = [{"name": name, "status": "healthy"} for name in _COMPONENTS]
    return ok({"components": components, "status": "healthy"})


def _info(call: Call) -> Reply:
    """Answered from memory, so even with the database down; nobody sees no version."""
    settings = call.state.settings
    found = {name: settings[name] for name in _OPEN}
    found["oidc_provider_name"] = settings["oidc_name"]
    if call.who.authenticated:
        found |= {name: settings[name] for name in _PROTECTED}
        found |= {
            "current_time": call.state.now(),
            "external_url": f"http://{HOST}",
            "harbor_version": f"v{call.state.version}-simulated",
            "has_ca_root": False,
            "registry_storage_provider_name": "filesystem",
            "registry_url": HOST,
        }
    return ok(found)


def _statistics(call: Call) -> Reply:
    """Totals are for administrators; private projects for their members, and none for robots."""
    call.require_somebody()
    state, user = call.state, call.who.user_id
    open_to_all = [row["project_id"] for row in state.projects if state.is_public(row)]
    private = [
        row["project_id"]
        for row in state.projects
        if not state.is_public(row) and (call.who.is_admin or state.roles(user, row["project_id"]))
    ]
    found = {
        "public_project_count": len(open_to_all),
        "public_repo_count": sum(map(state.repositories.count, open_to_all)),
        "private_project_count": len(private),
        "private_repo_count": sum(map(state.repositories.count, private)),
        "total_project_count": 0,
        "total_repo_count": 0,
        "total_storage_consumption": 0,
    }
    if call.who.is_admin:
        found["total_project_count"] = len(state.projects)
        found["total_repo_count"] = len(state.repositories)
        found["total_storage_consumption"] = sum(row["used"] for row in state.quotas)
    return ok(found)


def _internal(_: Call) -> Reply:
    raise RefusedError(401, "only internal service is allowed to call this API")


def _show_allowlist(call: Call) -> Reply:
    call.require_somebody()
    return ok(allowlist.show(call.state.allowlists.find(0)))


def _store_allowlist(call: Call) -> Reply:
    call.require("configuration", "update")
    body = call.body("allowlist", "CVEAllowlist", {"items": list, "expires_at": int})
    allowlist.store(call.state, 0, body)
    return empty()


ROUTES = (
    Route("GET", "/ping", _ping),
    Route("GET", "/health", _health),
    Route("GET", "/systeminfo", _info),
    Route("GET", "/statistics", _statistics),
    Route("GET", "/internalconfig", _internal),
    Route("GET", "/system/CVEAllowlist", _show_allowlist),
    Route("PUT", "/system/CVEAllowlist", _store_allowlist),
)
