"""Health, system information, and the CVE allowlist of the system."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harborconf.simulator import allowlist
from harborconf.simulator.http import RefusedError, Reply, empty, ok
from harborconf.simulator.router import Route

if TYPE_CHECKING:
    from harborconf.simulator.call import Call

_HOST = "harbor.example.com"
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
            "external_url": f"http://{_HOST}",
            "harbor_version": f"v{call.state.version}-simulated",
            "has_ca_root": False,
            "registry_storage_provider_name": "filesystem",
            "registry_url": _HOST,
        }
    return ok(found)


def _statistics(call: Call) -> Reply:
    call.require_somebody()
    state = call.state
    public = {row["project_id"] for row in state.projects if state.is_public(row)}
    repositories = [row["project_id"] in public for row in state.repositories]
    return ok(
        {
            "private_project_count": len(state.projects) - len(public),
            "private_repo_count": repositories.count(False),
            "public_project_count": len(public),
            "public_repo_count": repositories.count(True),
            "total_project_count": len(state.projects),
            "total_repo_count": len(repositories),
            "total_storage_consumption": sum(row["used"] for row in state.quotas),
        }
    )


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
