"""A Harbor in memory behind the same REST API.

It behaves as recordings of Harbor 2.13.2 and 2.15.2 do, refusals and silent acceptances
included, and can pose as 2.14.4 as well. It knows nothing of harborconf.

A test seeds content through `Simulator.state`, and injects faults through `state.before`,
`state.after`, `state.latency`, `state.database_down` and `state.redis_down`.
"""

from __future__ import annotations

from harborconf.simulator.faults import drop, nth
from harborconf.simulator.http import DroppedError, RefusedError, Reply, Request
from harborconf.simulator.serve import Simulator
from harborconf.simulator.state import ADMIN_PASSWORD, State

__all__ = [
    "ADMIN_PASSWORD",
    "DroppedError",
    "RefusedError",
    "Reply",
    "Request",
    "Simulator",
    "State",
    "drop",
    "nth",
]
