"""When Harbor removes what no image needs any more from the storage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar

from harborconf.kinds.base import At, Codec, Section, field, from_reply, payload
from harborconf.kinds.readback import confirm
from harborconf.kinds.resource import (
    Comparison,
    Desired,
    Live,
    Place,
    Step,
    Workbench,
    WriteBench,
)
from harborconf.kinds.schedules import NEVER, job_from_api, schedule_to_api, without_schedule
from harborconf.kinds.standing import Standing
from harborconf.spec.address import Address
from harborconf.spec.value import Cron, Flag, ValueType, read_count

_PATH = "/system/gc/schedule"
_MOST_WORKERS = 10
_DELETE_TAG_SINCE = (2, 15)


def _read_workers(raw: object) -> int:
    count = read_count(raw)
    if not 1 <= count <= _MOST_WORKERS:
        message = f"Harbor takes 1 to {_MOST_WORKERS} workers, here are {count}"
        raise ValueError(message)
    return count


WORKERS = ValueType(
    "number of workers",
    _read_workers,
    int,
    {"type": "integer", "minimum": 1, "maximum": _MOST_WORKERS},
)


class GarbageCollectionFields(Section):
    """Garbage collection."""

    schedule: Cron = field(
        "schedule.cron",
        default=NEVER,
        doc="When it runs: hourly, daily, weekly, never, or a cron of six fields in UTC. The"
        " other fields are kept only with a schedule.",
    )
    delete_untagged: Flag = field(
        "parameters.delete_untagged",
        default=False,
        doc="Delete artifacts without a tag as well.",
    )
    delete_tag: Flag = field(
        "parameters.delete_tag",
        since="2.15",
        doc="Delete the tags of deleted artifacts from the registry's own storage as well.",
    )
    workers: Annotated[int, WORKERS] = field(
        "parameters.workers",
        codec=Codec(lambda value: value, lambda raw: raw or 1),  # Harbor runs 0 as 1
        default=1,
        doc="How many blobs are removed side by side, 1 to 10.",
    )


class GarbageCollection(Standing):
    """The schedule of garbage collection."""

    name = "garbage_collection"
    doc = "When Harbor removes what no image needs any more from the storage."
    model = GarbageCollectionFields
    in_system: ClassVar[tuple[At, ...]] = (At(("system", "garbage_collection")),)

    async def read(self, bench: Workbench, place: Place) -> Sequence[Live]:
        """GET /system/gc/schedule; never set, it answers 200 without a body."""
        del place
        job = job_from_api(await bench.api.get(_PATH))
        if job["schedule"]["cron"] == NEVER:
            return [Live(Address(self.name), {"schedule": NEVER})]
        fields = from_reply(GarbageCollectionFields, job)
        if bench.server.version >= _DELETE_TAG_SINCE:
            # A schedule from before the field existed does not name it.
            fields.setdefault("delete_tag", False)
        return [Live(Address(self.name), fields, job)]

    async def observe(
        self, bench: Workbench, desired: Desired, live: Live | None
    ) -> Mapping[str, Comparison]:
        """Without a schedule Harbor has no parameters, whatever is written."""
        del bench
        return without_schedule(desired, live)

    async def update(self, bench: WriteBench, step: Step) -> None:
        """PUT replaces schedule and parameters, and is safe to repeat."""
        assert step.desired is not None
        live = step.live.fields if step.live else {}
        wanted: dict[str, Any] = {**live, **step.desired.fields}
        body: dict[str, Any] = {"schedule": schedule_to_api(wanted["schedule"])}
        if wanted["schedule"] != NEVER:
            parameters = payload(GarbageCollectionFields, wanted).get("parameters", {})
            body["parameters"] = {**parameters, "dry_run": False}
        await bench.api.put(_PATH, body)
        (found,) = await self.read(bench, Place())
        confirm(self, step.desired, step.changed, found)
