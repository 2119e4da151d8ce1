"""When Harbor deletes old entries of its audit log."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, ClassVar

from harborconf.kinds.audit_events import ROTATED_EVENTS
from harborconf.kinds.base import At, Codec, Section, field, from_reply, payload
from harborconf.kinds.readback import confirm
from harborconf.kinds.resource import (
    Comparison,
    Desired,
    Live,
    Place,
    Step,
    Verdict,
    Workbench,
    WriteBench,
)
from harborconf.kinds.schedules import NEVER, job_from_api, schedule_to_api, without_schedule
from harborconf.kinds.standing import Standing
from harborconf.spec.address import Address
from harborconf.spec.lists import Words, words_from_api, words_to_api
from harborconf.spec.value import Cron, Flag, ValueType, shown

_PATH = "/system/purgeaudit/schedule"
_NEEDED = ("retention", "event_types")
_DAY = 24
# Harbor's own limit. What is less than an hour it takes, and deletes nothing, or everything.
_LONGEST = 240_000
_AGE = re.compile(r"([0-9]{1,6})([hd])")


def _read_age(raw: object) -> int:
    match = _AGE.fullmatch(raw) if isinstance(raw, str) else None
    hours = int(match[1]) * (_DAY if match[2] == "d" else 1) if match else 0
    if not 1 <= hours <= _LONGEST:
        message = f"expected 1h to {_LONGEST}h, or days like 90d, got {shown(raw)}"
        raise ValueError(message)
    return hours


def _write_age(hours: int) -> str:
    return f"{hours // _DAY}d" if hours % _DAY == 0 else f"{hours}h"


AGE = ValueType("age", _read_age, _write_age, {"type": "string", "pattern": "^[0-9]{1,6}[hd]$"})


class AuditRotationFields(Section):
    """Audit log rotation."""

    schedule: Cron = field(
        "schedule.cron",
        default=NEVER,
        doc="When it runs: hourly, daily, weekly, never, or a cron of six fields in UTC. The"
        " other fields are kept only with a schedule.",
    )
    retention: Annotated[int, AGE] = field(
        "parameters.audit_retention_hour",
        doc="How long entries are kept, in hours or days: 48h, 90d.",
    )
    event_types: Annotated[Words, ROTATED_EVENTS] = field(
        "parameters.include_event_types",
        codec=Codec(words_to_api, words_from_api),
        doc="Which entries are deleted; `other` stands for all but those of artifacts.",
    )
    dry_run: Flag = field(
        "parameters.dry_run",
        default=False,
        doc="Only log how many entries would be deleted, at every run.",
    )


class AuditRotation(Standing):
    """The schedule of audit log rotation."""

    name = "audit_rotation"
    doc = "When Harbor deletes old entries of its audit log."
    model = AuditRotationFields
    in_system: ClassVar[tuple[At, ...]] = (At(("system", "audit_rotation")),)

    def check(self, desired: Desired) -> Iterable[tuple[str, str]]:
        """Harbor takes a schedule that deletes nothing."""
        if desired.fields.get("event_types") == frozenset():
            yield "event_types", "without event types nothing is deleted; write `schedule: never`"

    async def read(self, bench: Workbench, place: Place) -> Sequence[Live]:
        """GET /system/purgeaudit/schedule; never set, it answers 200 without a body."""
        del place
        job = job_from_api(await bench.api.get(_PATH))
        if job["schedule"]["cron"] == NEVER:
            return [Live(Address(self.name), {"schedule": NEVER})]
        return [Live(Address(self.name), from_reply(AuditRotationFields, job), job)]

    async def observe(
        self, bench: Workbench, desired: Desired, live: Live | None
    ) -> Mapping[str, Comparison]:
        """Without a schedule Harbor has no parameters, and it makes none without them."""
        del bench
        missing = [f"`{path}`" for path in _NEEDED if path not in desired.fields]
        is_first = live is None or live.fields["schedule"] == NEVER
        if is_first and missing and desired.fields.get("schedule", NEVER) != NEVER:
            reason = f"a first schedule needs {' and '.join(missing)} too"
            return dict.fromkeys(desired.fields, Comparison(Verdict.BLOCKED, reason))
        return without_schedule(desired, live)

    async def update(self, bench: WriteBench, step: Step) -> None:
        """PUT replaces schedule and parameters, and is safe to repeat.

        It wants parameters even where it takes the schedule away (2.13 to 2.15).
        """
        assert step.desired is not None
        live = step.live.fields if step.live else {}
        wanted: dict[str, Any] = {**live, **step.desired.fields}
        parameters = payload(AuditRotationFields, wanted).get("parameters", {})
        body = {
            "schedule": schedule_to_api(wanted["schedule"]),
            "parameters": {
                "audit_retention_hour": 1,
                "include_event_types": "",
                "dry_run": False,
                **parameters,
            },
        }
        await bench.api.put(_PATH, body)
        (found,) = await self.read(bench, Place())
        confirm(self, step.desired, step.changed, found)
