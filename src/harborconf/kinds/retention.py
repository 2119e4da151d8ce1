"""Which images a project keeps."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar

from harborconf.errors import InvalidError, ServerError
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
from harborconf.kinds.selectors import read_selectors, selectors
from harborconf.kinds.standing import Standing
from harborconf.spec.address import Address
from harborconf.spec.patterns import EVERYTHING, PatternList
from harborconf.spec.records import (
    Foreign,
    Record,
    ValueProblemError,
    readable,
    records,
    unknown_key,
)
from harborconf.spec.value import Cron, Flag, ValueType, read_count, read_days

MAX_RULES = 15
_COUNTS = {"most_recently_pushed": "latestPushedK", "most_recently_pulled": "latestPulledN"}
_SPANS = {"pushed_within": "nDaysSinceLastPush", "pulled_within": "nDaysSinceLastPull"}
_TEMPLATES = {**_COUNTS, **_SPANS, "always": "always"}
_WORDS = {template: word for word, template in _TEMPLATES.items()}
ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Keep:
    """What a rule keeps: a word, and a count or a number of days."""

    word: str
    amount: int = 0


def _read_keep(raw: object) -> Keep:
    if raw == ALWAYS:
        return Keep(ALWAYS)
    if not isinstance(raw, Mapping) or len(raw) != 1:
        message = f"expected `always`, or one of {', '.join([*_COUNTS, *_SPANS])} with its amount"
        raise ValueProblemError(message, ())
    ((word, amount),) = raw.items()
    if word in _COUNTS:
        count = _amount(read_count, word, amount)
        if count < 1:
            message = "keeping none would delete every image: expected 1 or more"
            raise ValueProblemError(message, (word,))
        return Keep(str(word), count)
    if word in _SPANS:
        days = _amount(read_days, word, amount)
        if days < 1:
            message = "expected a number of days like 30d; to keep everything, write `always`"
            raise ValueProblemError(message, (word,))
        return Keep(str(word), days)
    raise ValueProblemError("; ".join(unknown_key(word, _TEMPLATES)), (word,), at_key=True)


def _amount(read: Callable[[object], int], word: str, raw: object) -> int:
    try:
        return read(raw)
    except ValueError as error:
        raise ValueProblemError(str(error), (word,)) from error


def _write_keep(value: Keep) -> Any:
    if value.word == ALWAYS:
        return ALWAYS
    return {value.word: value.amount if value.word in _COUNTS else f"{value.amount}d"}


KEEP = ValueType(
    "keep",
    _read_keep,
    _write_keep,
    {
        "anyOf": [
            {"const": ALWAYS},
            *(
                {
                    "type": "object",
                    "properties": {word: schema},
                    "required": [word],
                    "additionalProperties": False,
                }
                for words, schema in (
                    (_COUNTS, {"type": "integer", "minimum": 1}),
                    (_SPANS, {"type": "string", "pattern": "^[0-9]+d$"}),
                )
                for word in words
            ),
        ]
    },
)


class Rule(Record):
    """One rule: an image is kept if any rule keeps it, else it is deleted."""

    keep: Annotated[Keep, KEEP]
    repositories: PatternList = EVERYTHING
    tags: PatternList = EVERYTHING
    untagged: Flag = True
    disabled: Flag = False


def _to_api(rules: frozenset[Rule]) -> list[dict[str, Any]]:
    return [_rule_to_api(rule) for rule in sorted(rules, key=repr)]


def _rule_to_api(rule: Rule) -> dict[str, Any]:
    template = _TEMPLATES[rule.keep.word]
    # Beside excluded tags Harbor takes `untagged` for one more thing that is excluded.
    untagged = rule.untagged != rule.tags.excluding
    extras = json.dumps({"untagged": untagged}, separators=(",", ":"))
    return {
        "action": "retain",
        "template": template,
        "params": {} if rule.keep.word == ALWAYS else {template: rule.keep.amount},
        "disabled": rule.disabled,
        **selectors(rule.repositories, rule.tags, extras),
    }


def _from_api(rules: Sequence[Mapping[str, Any]]) -> frozenset[Rule | Foreign]:
    return frozenset(_rule_from_api(rule) for rule in rules)


def _rule_from_api(raw: Mapping[str, Any]) -> Rule | Foreign:
    """Untagged images are selected where the rule says nothing of them (Harbor 2.13 to 2.15).

    PUT takes any template, and any amount of it, even none or words.
    """
    template = str(raw.get("template"))
    found = read_selectors(raw)
    amount = (raw.get("params") or {}).get(template, 0)
    untagged = None if found is None else _untagged(found[2], excluding=found[1].excluding)
    if template not in _WORDS or found is None or untagged is None or type(amount) is not int:
        return Foreign(json.dumps(raw, sort_keys=True))
    return Rule.model_construct(
        keep=Keep(_WORDS[template], amount),
        repositories=found[0],
        tags=found[1],
        untagged=untagged,
        disabled=bool(raw.get("disabled", False)),
    )


def _untagged(extras: str, *, excluding: bool) -> bool | None:
    """Whether a tag selector takes untagged images in; None where it is not told."""
    if not extras:
        return True
    try:
        told = json.loads(extras).get("untagged", False)
    except (ValueError, AttributeError):
        return None
    return told != excluding if isinstance(told, bool) else None


class RetentionFields(Section):
    """A project's retention policy."""

    schedule: Cron = field(
        "trigger.settings.cron",
        default="",
        doc="When it runs: hourly, daily, weekly, never, or a cron of six fields in UTC.",
    )
    rules: Annotated[frozenset[Rule], records("rules", Rule, MAX_RULES)] = field(
        "rules",
        codec=Codec(_to_api, _from_api),
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
        """GET /retentions/{id}, whose number stands in the project's metadata.

        A deleted policy leaves its number behind: GET answers 500 and its executions 400
        (2.13 to 2.15); that pair proves that there is none.
        """
        number = (place.raw.get("metadata") or {}).get("retention_id")
        address = Address(self.name, None, place.project)
        if number is None:
            return [Live(address, dict(_NONE))]
        try:
            reply = await bench.api.get(f"/retentions/{number}")
        except ServerError:
            if not await _is_gone(bench, number):
                raise
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
            "rules": _to_api(wanted["rules"]),
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
        "rules": _from_api(reply.get("rules") or []),
    }


async def _is_gone(bench: Workbench, number: object) -> bool:
    try:
        await bench.api.get(f"/retentions/{number}/executions")
    except InvalidError:
        return True
    return False
