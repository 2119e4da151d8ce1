"""When Harbor scans every artifact it has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from harborconf.errors import ConflictError
from harborconf.kinds.base import At, Section, field, from_reply
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
from harborconf.kinds.schedules import NEVER, job_from_api, schedule_to_api
from harborconf.kinds.standing import Standing
from harborconf.spec.address import Address
from harborconf.spec.value import Cron

_PATH = "/system/scanAll/schedule"


class ScanAllFields(Section):
    """Scanning of everything."""

    schedule: Cron = field(
        "schedule.cron",
        default=NEVER,
        doc="When it runs: hourly, daily, weekly, never, or a cron of six fields in UTC.",
    )


class ScanAll(Standing):
    """The schedule of scanning everything."""

    name = "scan_all"
    doc = "When Harbor scans every artifact it has."
    model = ScanAllFields
    in_system: ClassVar[tuple[At, ...]] = (At(("system", "scan_all")),)
    follows = ("scanner", "default_scanner")

    async def read(self, bench: Workbench, place: Place) -> Sequence[Live]:
        """GET /system/scanAll/schedule; never set, it answers 200 without a body.

        Without a default scanner it answers 412, whatever the schedule is (2.13 to 2.15).
        """
        del place
        try:
            job = job_from_api(await bench.api.get(_PATH))
        except ConflictError:
            return []
        return [Live(Address(self.name), from_reply(ScanAllFields, job), job)]

    async def observe(
        self, bench: Workbench, desired: Desired, live: Live | None
    ) -> Mapping[str, Comparison]:
        """Without a scanner there is no schedule, unless this run makes one."""
        if live is not None or any(address.kind == "scanner" for address in bench.desired):
            return {}
        if desired.fields.get("schedule") == NEVER:
            return {"schedule": Comparison(Verdict.EQUAL)}
        reason = "Harbor has no default scanner, and keeps no schedule without one"
        return {"schedule": Comparison(Verdict.PENDING, reason)}

    async def update(self, bench: WriteBench, step: Step) -> None:
        """PUT also makes the first schedule, and is safe to repeat; POST is not."""
        assert step.desired is not None
        await bench.api.put(_PATH, {"schedule": schedule_to_api(step.desired.fields["schedule"])})
        (found,) = await self.read(bench, Place())
        confirm(self, step.desired, step.changed, found)
