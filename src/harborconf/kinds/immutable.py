"""Tags that cannot be overwritten or deleted."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Annotated, Any, ClassVar

from harborconf.errors import NotPermittedError
from harborconf.kinds.api import NAMED, Reads
from harborconf.kinds.base import At, Codec, Section, field
from harborconf.kinds.lint import of_patterns
from harborconf.kinds.resource import (
    Comparison,
    Desired,
    Live,
    Place,
    Remark,
    Step,
    Verdict,
    Workbench,
    WriteBench,
)
from harborconf.kinds.retained import artifacts_of, more_deleted
from harborconf.kinds.retention_rules import Rule, policy, retention_number, rules_from_api
from harborconf.kinds.selectors import read_selectors, selectors
from harborconf.kinds.standing import Standing
from harborconf.spec.address import Address
from harborconf.spec.nodes import Entry, Map, Node
from harborconf.spec.nodes import Sequence as List
from harborconf.spec.patterns import EVERYTHING, PatternList
from harborconf.spec.records import Foreign, Record, readable, record_schema, records
from harborconf.spec.value import Flag

MAX_RULES = 15


class ImmutableRule(Record):
    """Which tags of which repositories cannot change."""

    repositories: PatternList = EVERYTHING
    tags: PatternList = EVERYTHING
    disabled: Flag = False


def _rule_to_api(rule: ImmutableRule) -> dict[str, Any]:
    return {
        "action": "immutable",
        "template": "immutable_template",
        "disabled": rule.disabled,
        **selectors(rule.repositories, rule.tags),
    }


def _rule_from_api(raw: Mapping[str, Any]) -> ImmutableRule | Foreign:
    found = read_selectors(raw)
    if found is None:
        return Foreign(json.dumps(raw, sort_keys=True))
    return ImmutableRule.model_construct(
        repositories=found[0], tags=found[1], disabled=bool(raw.get("disabled", False))
    )


class ImmutableFields(Section):
    """A project's immutable tags. The list alone is short."""

    rules: Annotated[frozenset[ImmutableRule], records("rules", ImmutableRule, MAX_RULES)] = field(
        "",
        codec=Codec(
            lambda rules: [_rule_to_api(rule) for rule in rules],
            lambda raw: frozenset(_rule_from_api(rule) for rule in raw),
        ),
        default=frozenset(),
        doc="The rules; a tag that any of them matches is immutable.",
    )

    @classmethod
    def expand(cls, node: Node) -> Node:
        """A list is `{rules: [...]}`."""
        if isinstance(node, List):
            return Map({"rules": Entry(node, node.position)}, node.position)
        return node

    @classmethod
    def collapse(cls, written: Mapping[str, Any]) -> Any:
        """Just the list."""
        return written.get("rules", written)

    @classmethod
    def short_schema(cls) -> Mapping[str, Any]:
        """A list of rules."""
        return {"type": "array", "maxItems": MAX_RULES, "items": record_schema(ImmutableRule)}


class ImmutableTags(Standing):
    """A project's immutable tag rules, together one value."""

    name = "immutable_tags"
    doc = "Tags that can be neither overwritten nor deleted."
    model = ImmutableFields
    permission = "immutable-tag"
    in_project: ClassVar[tuple[At, ...]] = (At(("immutable_tags",)),)

    def check(self, desired: Desired) -> Iterable[tuple[str, str]]:
        """Whether a rule is disabled does not make it another one (Harbor 2.13 to 2.15)."""
        rules = desired.fields.get("rules", frozenset())
        if any(_toggled(rule) in rules for rule in rules):
            yield "rules", "two rules differ in `disabled` alone, which Harbor refuses: keep one"

    def lint(self, desired: Desired, known: Mapping[Address, Desired]) -> Iterable[Remark]:
        """Patterns that no repository or tag can match."""
        del known
        for rule in sorted(desired.fields.get("rules", ()), key=repr):
            if not rule.disabled:
                yield from of_patterns(rule, str(desired.address.project))

    async def read(self, bench: Workbench, place: Place) -> Sequence[Live]:
        """GET /projects/{id}/immutabletagrules."""
        replies = await bench.api.get(
            f"/projects/{place.project_id}/immutabletagrules", {"page_size": 100}
        )
        rules = frozenset(_rule_from_api(reply) for reply in replies)
        address = Address(self.name, None, place.project)
        raw = {"rules": replies, "retention_id": retention_number(place)}
        return [Live(address, {"rules": rules}, raw)]

    async def observe(
        self, bench: Workbench, desired: Desired, live: Live | None
    ) -> Mapping[str, Comparison]:
        """What retention, as it is written or else live, would delete of what loses protection."""
        wanted = desired.fields.get("rules")
        if live is None or wanted is None or live.fields["rules"] <= wanted:
            return {}
        project = str(desired.address.project)
        retention = bench.desired.get(Address("retention", None, project))
        written = retention.fields.get("rules") if retention else None
        fixed = readable(live.fields["rules"])
        try:
            rules = await _live_retention(bench.api, live) if written is None else written
            artifacts = await artifacts_of(bench.api, project) if rules else ()
        except NotPermittedError:
            if written is not None:
                raise
            told = "whether retention would delete more then, this credential may not know"
            return {"rules": Comparison(Verdict.DIFFERENT, told)}
        return more_deleted(artifacts, bench.now, (rules, fixed), (rules, wanted))

    def born(self, desired_project: Desired, bench: Workbench) -> Sequence[Live]:
        """A new project has none."""
        del bench
        address = Address(self.name, None, desired_project.address.name)
        return [Live(address, {"rules": frozenset()}, {"rules": []})]

    async def update(self, bench: WriteBench, step: Step) -> None:
        """Toggle, add, then take away, so that no tag is unprotected in between.

        When `disabled` differs, PUT only toggles it (2.13 to 2.15); everything else of a
        rule is changed by making a new one.
        """
        assert step.desired is not None
        project = await bench.project_id(str(step.address.project))
        path = f"/projects/{project}/immutabletagrules"
        wanted = set(step.desired.fields["rules"])
        live = list(step.live.raw["rules"]) if step.live else []
        obsolete: list[Mapping[str, Any]] = []
        for reply in live:
            rule = _rule_from_api(reply)
            if rule in wanted:
                wanted.discard(rule)
            elif (other := _toggled(rule)) is not None and other in wanted:
                wanted.discard(other)
                await bench.api.put(f"{path}/{reply['id']}", {**reply, "disabled": other.disabled})
            else:
                obsolete.append(reply)
        for rule in sorted(wanted, key=repr):
            await _add(bench, path, rule)
        for reply in obsolete:
            await bench.api.delete(f"{path}/{reply['id']}")


def _toggled(rule: ImmutableRule | Foreign) -> ImmutableRule | None:
    if isinstance(rule, Foreign):
        return None
    return rule.model_copy(update={"disabled": not rule.disabled})


async def _live_retention(api: Reads, live: Live) -> Collection[Rule]:
    """The rules of the project's policy, those apart that YAML cannot say."""
    number = live.raw["retention_id"]
    reply = None if number is None else await policy(api, number)
    return readable(rules_from_api(reply.get("rules") or [])) if reply else ()


def written_rules(
    desired: Mapping[Address, Desired], project: str | None
) -> Collection[ImmutableRule] | None:
    """A project's rules as they are to be, if they are written."""
    found = desired.get(Address(ImmutableTags.name, None, project))
    return None if found is None else found.fields.get("rules")


async def immutable_rules(api: Reads, project: str) -> tuple[ImmutableRule, ...]:
    """A project's live rules, those apart that YAML cannot say."""
    path = f"/projects/{project}/immutabletagrules"
    replies = await api.get(path, {"page_size": 100}, NAMED)
    return readable(_rule_from_api(reply) for reply in replies)


async def _add(bench: WriteBench, path: str, rule: ImmutableRule) -> None:
    body = _rule_to_api(rule)
    reply = await bench.api.post(path, {**body, "disabled": False})
    if rule.disabled:
        number = reply.headers["Location"].rsplit("/", 1)[-1]
        await bench.api.put(f"{path}/{number}", {**body, "id": int(number), "disabled": True})
