"""Harbor's own jobs by schedule: garbage collection, audit log rotation, scanning of all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from harborconf.kinds.resource import Comparison, Desired, Live, Verdict

NEVER = ""
# What Harbor's pages call these crons. Harbor itself goes by the cron alone (2.13 to 2.15).
_TYPES = {NEVER: "None", "0 0 * * * *": "Hourly", "0 0 0 * * *": "Daily", "0 0 0 * * 0": "Weekly"}


def schedule_to_api(cron: str) -> dict[str, str]:
    """A schedule as Harbor wants it; `None` takes it away."""
    return {"type": _TYPES.get(cron, "Custom"), "cron": cron}


def job_from_api(reply: Mapping[str, Any] | str) -> dict[str, Any]:
    """Schedule and parameters of a job from the reply, which is empty where there is none.

    The API's own description has no parameters in the reply: they are JSON in
    `job_parameters` (2.13 to 2.15).
    """
    if isinstance(reply, str):
        return {"schedule": {"cron": NEVER}}
    cron = str((reply.get("schedule") or {}).get("cron") or NEVER)
    parameters = json.loads(reply.get("job_parameters") or "{}")
    return {"schedule": {"cron": " ".join(cron.split())}, "parameters": parameters}


def without_schedule(desired: Desired, live: Live | None) -> Mapping[str, Comparison]:
    """What becomes of a job's parameters where it has no schedule: Harbor does not keep them."""
    was = live.fields["schedule"] if live else NEVER
    if desired.fields.get("schedule", was) != NEVER:
        return {}
    asked = "schedule" in desired.fields
    reason = "" if asked else "Harbor keeps it only with a schedule"
    comparison = Comparison(Verdict.EQUAL if asked else Verdict.UNKNOWN, reason)
    return {path: comparison for path in desired.fields if path != "schedule"}
