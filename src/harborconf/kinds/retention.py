"""Which images a project keeps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, ClassVar

from harborconf.kinds.base import At, Codec, Section, field
from harborconf.kinds.immutable import immutable_rules, written_rules
from harborconf.kinds.lint import of_retention
from harborconf.kinds.resource import (
    Comparison,
    Desired,
    Live,
    Place,
    Remark,
    Step,
    Workbench,
    WriteBench,
)
from harborconf.kinds.retained import artifacts_of, more_deleted
from harborconf.kinds.retention_rules import (
    MAX_RULES,
    Keep,
    Rule,
    policy,
    retention_number,
    rules_from_api,
    rules_to_api,
)
from harborconf.kinds.standing import Standing
from harborconf.spec.address import Address
from harborconf.spec.records import readable, records
from harborconf.spec.value import Cron


class RetentionFields(Section):
    """A project's retention policy."""

    schedule: Cron = field(
        "trigger.settings.cron",
        default="",
        doc="When it runs: hourly, daily, weekly, never, or a cron of six fields in UTC.",
    )
    rules: Annotated[frozenset[Rule], records("rules", Rule, MAX_RULES)] = field(
        "rules",
        codec=Codec(rules_to_api, rules_from_api),
        default=frozenset(),
        doc="What is kept; everything else is deleted. `[]` deletes nothing.",
    )


class Retention(Standing):
    """A project's retention policy. Having none equals having one without rules.

    It is never deleted: on 2.13.2 that leaves its project unable to get another.
    """

    name = "retention"
    doc = "Which images a project keeps; the others are deleted when it runs."
    model = RetentionFields
    permission = "tag-retention"
    in_project: ClassVar[tuple[At, ...]] = (At(("retention",)),)

    def lint(self, desired: Desired, known: Mapping[Address, Desired]) -> Iterable[Remark]:
        """Rules that cannot do what they seem to, beside the immutable tags that are written."""
        project = desired.address.project
        rules = sorted(desired.fields.get("rules", ()), key=repr)
        return of_retention(rules, written_rules(known, project) or (), str(project))

    async def read(self, bench: Workbench, place: Place) -> Sequence[Live]:
        """GET /retentions/{id}, whose number stands in the project's metadata."""
        number = retention_number(place)
        address = Address(self.name, None, place.project)
        if number is None:
            return [Live(address, dict(_NONE))]
        reply = await policy(bench.api, number)
        if reply is None:
            note = (
                f"its policy {number} was deleted and is still registered; a change makes a new one"
            )
            return [Live(address, dict(_NONE), {"dangling": number}, note)]
        return [Live(address, _fields(reply), reply)]

    async def observe(
        self, bench: Workbench, desired: Desired, live: Live | None
    ) -> Mapping[str, Comparison]:
        """What changed rules would delete that the live ones keep."""
        wanted = desired.fields.get("rules")
        if not wanted or live is None or live.fields["rules"] == wanted:
            return {}
        project = str(desired.address.project)
        artifacts = await artifacts_of(bench.api, project)
        immutable = await immutable_rules(bench.api, project) if artifacts else ()
        coming = written_rules(bench.desired, project)
        before = (readable(live.fields["rules"]), immutable)
        after = (wanted, immutable if coming is None else coming)
        return more_deleted(artifacts, bench.now, before, after)

    def born(self, desired_project: Desired, bench: Workbench) -> Sequence[Live]:
        """A new project has no policy, and a proxy cache one of Harbor's making (2.13 to 2.15)."""
        del bench
        address = Address(self.name, None, desired_project.address.name)
        if not desired_project.fields.get("proxy_cache.registry"):
            return [Live(address, dict(_NONE))]
        note = "Harbor lets a proxy cache forget images that nobody pulls for 7 days"
        return [Live(address, dict(_OF_PROXIES), note=f"{note}; write `retention` to change that")]

    async def create(self, bench: WriteBench, step: Step) -> None:
        """POST /retentions, but a new proxy cache has its policy already."""
        project = await bench.project(str(step.address.project))
        found = await self.read(bench, Place(step.address.project, project))
        await self.update(bench, replace(step, live=found[0]))

    async def update(self, bench: WriteBench, step: Step) -> None:
        """PUT the policy whole, or POST the project's first one."""
        assert step.desired is not None
        live = step.live
        raw = live.raw if live else {}
        project = await bench.project_id(str(step.address.project))
        wanted = {**_NONE, **(live.fields if live else {}), **step.desired.fields}
        body = {
            "algorithm": "or",
            "rules": rules_to_api(wanted["rules"]),
            "trigger": {"kind": "Schedule", "settings": {"cron": wanted["schedule"]}},
            "scope": {"level": "project", "ref": project},
        }
        if "id" in raw:
            await bench.api.put(f"/retentions/{raw['id']}", {"id": raw["id"], **body})
            return
        if "dangling" in raw:
            await bench.api.delete(f"/projects/{project}/metadatas/retention_id")
        await bench.api.post("/retentions", body)


_NONE: Mapping[str, Any] = {"schedule": "", "rules": frozenset()}
_OF_PROXIES: Mapping[str, Any] = {
    "schedule": "0 0 0 * * *",
    "rules": frozenset({Rule.model_construct(keep=Keep("pulled_within", 7))}),
}


def _fields(reply: Mapping[str, Any]) -> dict[str, Any]:
    settings = (reply.get("trigger") or {}).get("settings") or {}
    return {
        "schedule": " ".join(str(settings.get("cron") or "").split()),
        "rules": rules_from_api(reply.get("rules") or []),
    }
