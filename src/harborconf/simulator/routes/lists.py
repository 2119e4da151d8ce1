"""What the simulator does not have: lists that are empty."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harborconf.simulator.paging import page
from harborconf.simulator.router import Route

if TYPE_CHECKING:
    from harborconf.simulator.call import Call
    from harborconf.simulator.http import Reply
    from harborconf.simulator.router import Handler


def _none(resource: str) -> Handler:
    def handler(call: Call) -> Reply:
        call.require(resource, "list")
        return page(call.request, (), list)

    return handler


def _none_in_project(resource: str) -> Handler:
    def handler(call: Call) -> Reply:
        call.project(resource, "list")
        return page(call.request, (), list)

    return handler


ROUTES = (
    Route("GET", "/p2p/preheat/instances", _none("preheat-instance")),
    Route("GET", "/projects/{project}/preheat/policies", _none_in_project("preheat-policy")),
)
