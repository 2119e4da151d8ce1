"""The one scanner of an installation, Trivy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harborconf.simulator.clock import timestamp
from harborconf.simulator.http import Reply, empty, invalid, ok
from harborconf.simulator.paging import page
from harborconf.simulator.router import Route

if TYPE_CHECKING:
    from harborconf.simulator.call import Call
    from harborconf.simulator.http import Record

_INSTALLED = timestamp(1_700_000_000)
_TRIVY: Record = {
    "access_credential": "",
    "auth": "",
    "capabilities": {"support_sbom": True, "support_vulnerability": True},
    "create_time": _INSTALLED,
    "description": "The Trivy scanner adapter",
    "disabled": False,
    "is_default": True,
    "name": "Trivy",
    "skip_certVerify": False,
    "update_time": _INSTALLED,
    "url": "http://trivy-adapter:8080",
    "use_internal_addr": True,
    "uuid": "5a1b0000-0000-11f1-8000-000000000001",
}
_METADATA: Record = {
    "adapter": "Trivy",
    "health": "healthy",
    "vendor": "Aqua Security",
    "version": "v0.61.0",
}


def _scanners(call: Call) -> Reply:
    call.require("scanner", "list")
    return page(call.request, (_TRIVY,), dict)


def _of_project(call: Call) -> Reply:
    call.require_somebody()
    call.project("scanner", "read")
    return ok(_TRIVY | _METADATA)


def _choose(call: Call) -> Reply:
    """Any text is taken for a scanner, and changes nothing if it is none."""
    call.require_somebody()
    call.project("scanner", "create")
    body = call.body("payload", "ProjectScanner", {"uuid": str})
    if "uuid" not in body:
        # The list of failures is nested in the recordings too.
        problem = "validation failure list:\nuuid in body is required"
        raise invalid(problem)
    return empty()


ROUTES = (
    Route("GET", "/scanners", _scanners),
    Route("GET", "/projects/{project}/scanner", _of_project),
    Route("PUT", "/projects/{project}/scanner", _choose),
)
