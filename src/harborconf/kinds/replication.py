"""Replications: what is copied between this Harbor and a registry elsewhere, and when."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Annotated, Any, ClassVar, Self

from pydantic import model_validator

from harborconf.kinds.base import (
    At,
    Codec,
    Kind,
    Section,
    field,
    former_name,
    from_reply,
    new_name,
    payload,
    section,
)
from harborconf.kinds.registry import REGISTRY_NAME, registry_number
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
from harborconf.kinds.triggers import EVENT, MANUAL, trigger_type
from harborconf.spec.address import Address
from harborconf.spec.bandwidth import BANDWIDTH, bandwidth_from_api
from harborconf.spec.nodes import Entry, Map, Node, Scalar
from harborconf.spec.patterns import PATTERNS, Patterns, from_pattern
from harborconf.spec.records import Foreign, Record, records
from harborconf.spec.value import (
    UNLIMITED,
    Flag,
    Plain,
    Text,
    ValueType,
    read_text,
    shown,
    words,
)

_MAX_NAME, _MAX_NAMESPACE = 256, 256
# Columns of Harbor's database: what is longer is answered with 500 (2.13 to 2.15).
_MAX_TRIGGER, _MAX_FILTERS = 256, 1024
_SCALAR = {"type": ["string", "number", "boolean"]}


# ---- filters -------------------------------------------------------------------------


class Resource(Enum):
    """What sort of artifact."""

    IMAGE = "image"
    ARTIFACT = "artifact"


@dataclass(frozen=True, slots=True)
class Labels:
    """Labels that an artifact has, all of them; with `excluding`, that it has not all of."""

    names: tuple[str, ...]
    excluding: bool = False


def _read_repositories(raw: object) -> Patterns:
    patterns: Patterns = PATTERNS.read(raw)
    if patterns.excluding:
        message = "Harbor's filter of names cannot exclude"
        raise ValueError(message)
    return patterns


def _read_labels(raw: object) -> Labels:
    excluding = isinstance(raw, Mapping) and set(raw) == {"except"}
    names = raw["except"] if excluding and isinstance(raw, Mapping) else raw
    if not isinstance(names, list) or not names or not all(isinstance(one, str) for one in names):
        message = "expected labels as [a, b] or {except: [a, b]}, at least one"
        raise ValueError(message)
    return Labels(tuple(sorted({str(name) for name in names})), excluding)


def _write_labels(labels: Labels) -> Any:
    return {"except": list(labels.names)} if labels.excluding else list(labels.names)


REPOSITORIES = ValueType(
    "patterns", _read_repositories, PATTERNS.write, PATTERNS.schema["anyOf"][0]
)
LABELS = ValueType("labels", _read_labels, _write_labels, PATTERNS.schema)
RESOURCE = words("sort of artifact", Resource)


class Filter(Record):
    """One filter; what is copied passes all of them."""

    repositories: Annotated[Patterns | None, REPOSITORIES] = None
    tags: Annotated[Patterns | None, PATTERNS] = None
    labels: Annotated[Labels | None, LABELS] = None
    resource: Annotated[Resource | None, RESOURCE] = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if len(self.model_fields_set) != 1:
            message = (
                f"a filter has one of {', '.join(type(self).model_fields)}; write an item each"
            )
            raise ValueError(message)
        return self


def _filter_to_api(item: Filter) -> dict[str, Any]:
    if item.repositories is not None:
        return {"type": "name", "value": item.repositories.pattern}
    if item.tags is not None:
        return _decorated("tag", item.tags.pattern, excluding=item.tags.excluding)
    if item.labels is not None:
        return _decorated("label", list(item.labels.names), excluding=item.labels.excluding)
    assert item.resource is not None
    return {"type": "resource", "value": item.resource.value}


def _decorated(kind: str, value: Any, *, excluding: bool) -> dict[str, Any]:
    return {"type": kind, "value": value, "decoration": "excludes" if excluding else "matches"}


def _filter_from_api(raw: Mapping[str, Any]) -> Filter | Foreign:
    kind, value = raw.get("type"), raw.get("value")
    excluding = raw.get("decoration") == "excludes"
    match kind, value:
        case "name", str():
            return Filter.model_construct({"repositories"}, repositories=_patterns(value))
        case "tag", str():
            tags = _patterns(value, excluding=excluding)
            return Filter.model_construct({"tags"}, tags=tags)
        case "label", list():
            labels = Labels(tuple(sorted(map(str, value))), excluding)
            return Filter.model_construct({"labels"}, labels=labels)
        case "resource", ("image" | "artifact") as word:
            return Filter.model_construct({"resource"}, resource=Resource(word))
        case _:
            return Foreign(json.dumps(raw, sort_keys=True))


def _patterns(pattern: str, *, excluding: bool = False) -> Patterns:
    return from_pattern(pattern, excluding=excluding)


def _filters_to_api(filters: frozenset[Filter]) -> list[dict[str, Any]]:
    return sorted(map(_filter_to_api, filters), key=repr)


def _filters_from_api(raw: Sequence[Mapping[str, Any]]) -> frozenset[Filter | Foreign]:
    """One without a value filters nothing (2.13 to 2.15), and is the same as none."""
    return frozenset(_filter_from_api(item) for item in raw if item.get("value"))


# ---- triggers and the other values ----------------------------------------------------

_TRIGGER = trigger_type("replication")


def _read_trigger(raw: object) -> str:
    trigger: str = _TRIGGER.read(raw)
    if trigger not in (MANUAL, EVENT) and trigger.split()[1] == "*":
        message = (
            f"Harbor refuses every minute (`*`) in the cron of a replication, got {shown(raw)}"
        )
        raise ValueError(message)
    return trigger


def _trigger_to_api(trigger: str) -> dict[str, Any]:
    if trigger in (MANUAL, EVENT):
        return {"type": trigger}
    return {"type": "scheduled", "trigger_settings": {"cron": trigger}}


def _trigger_from_api(raw: Mapping[str, Any]) -> str:
    """Harbor keeps a cron beside any type, and heeds it only where the type is `scheduled`."""
    kind = str(raw.get("type"))
    if kind != "scheduled":
        return kind
    return " ".join(str((raw.get("trigger_settings") or {}).get("cron") or "").split())


TRIGGER = replace(_TRIGGER, read=_read_trigger)

_COMPONENT = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_NAMESPACE = re.compile(rf"{_COMPONENT}(?:/{_COMPONENT})*")


def _read_namespace(raw: object) -> str:
    text = read_text(raw)
    if text and (len(text) > _MAX_NAMESPACE or not _NAMESPACE.fullmatch(text)):
        message = (
            f"`{text}` is no namespace: lower-case letters and digits, with `.`, `_` or `-`"
            f" between, parts divided by `/`, at most {_MAX_NAMESPACE} characters"
        )
        raise ValueError(message)
    return text


NAMESPACE = ValueType("namespace", _read_namespace, str, _SCALAR)

ALL = -1
_MAX_LEVELS = 127


def _read_flatten(raw: object) -> int:
    if raw == "all":
        return ALL
    if not (isinstance(raw, Plain) and re.fullmatch("[0-9]{1,3}", raw) and int(raw) <= _MAX_LEVELS):
        message = f"expected `all`, or how many levels: 0 to {_MAX_LEVELS}, got {shown(raw)}"
        raise ValueError(message)
    return int(raw)


FLATTEN = ValueType(
    "number of levels",
    _read_flatten,
    lambda count: "all" if count == ALL else count,
    {"anyOf": [{"const": "all"}, {"type": "integer", "minimum": 0, "maximum": _MAX_LEVELS}]},
)


# ---- the fields ----------------------------------------------------------------------


class Destination(Section):
    """Where copies go. A namespace alone is short."""

    namespace: Annotated[str, NAMESPACE] = field(
        "dest_namespace",
        default="",
        doc="What takes the place of the first parts of a repository's name; empty keeps them."
        " Pulled to this Harbor, its first part is the project.",
    )
    flatten: Annotated[int, FLATTEN] = field(
        "dest_namespace_replace_count",
        codec=Codec(lambda count: count, lambda count: max(int(count), ALL)),
        default=ALL,
        doc="How many parts the namespace takes the place of: of a/b/c, `1` makes namespace/b/c,"
        " `0` namespace/a/b/c, and `all`, which a new one has unless written, namespace/c.",
    )

    @classmethod
    def expand(cls, node: Node) -> Node:
        """`mirror` is `{namespace: mirror}`."""
        if isinstance(node, Scalar):
            return Map({"namespace": Entry(node, node.position)}, node.position)
        return node

    @classmethod
    def collapse(cls, written: Mapping[str, Any]) -> Any:
        """Just the namespace, where nothing else is written."""
        return written["namespace"] if set(written) == {"namespace"} else written

    @classmethod
    def short_schema(cls) -> Mapping[str, Any]:
        """A namespace."""
        return NAMESPACE.schema


class ReplicationFields(Section):
    """One replication."""

    description: Text = field("description", default="", doc="What the replication is for.")
    pull_from: Annotated[str, REGISTRY_NAME] = field(
        "src_registry.id",
        default=None,
        doc="The registry that is copied from, by name. A replication has this or `push_to`.",
    )
    push_to: Annotated[str, REGISTRY_NAME] = field(
        "dest_registry.id",
        default=None,
        doc="The registry that is copied to, by name.",
    )
    filters: Annotated[frozenset[Filter], records("filters", Filter)] = field(
        "filters",
        codec=Codec(_filters_to_api, _filters_from_api),
        default=frozenset(),
        doc="What is copied: what passes every item. An item is one of {repositories: [...]}"
        " (with the project), {tags: [...]}, {labels: [...]} (all of them), {resource: image};"
        " tags and labels may be {except: [...]}. `[]` is everything.",
    )
    destination: Destination = section(doc="Where copies go.")
    trigger: Annotated[str, TRIGGER] = field(
        "trigger",
        codec=Codec(_trigger_to_api, _trigger_from_api),
        default=MANUAL,
        doc="When it runs: manual, event_based (a push, as things change here), hourly, daily,"
        " weekly, or a cron of six fields in UTC.",
    )
    enabled: Flag = field("enabled", doc="Whether it runs. A new one does unless written.")
    override: Flag = field(
        "override", default=False, doc="Replace what is there under the same name and differs."
    )
    replicate_deletion: Flag = field(
        "deletion",
        default=False,
        doc="Delete there what is deleted here. Only where the trigger is event_based.",
    )
    speed: Annotated[int, BANDWIDTH] = field(
        "speed",
        codec=Codec(lambda speed: speed, bandwidth_from_api),
        default=UNLIMITED,
        doc="How fast each of its tasks copies, like 512Kbps or 10Mbps, or unlimited.",
    )
    copy_by_chunk: Flag = field(
        "copy_by_chunk",
        default=False,
        doc="Copy layers in chunks. Only between Harbors.",
    )
    single_active_replication: Flag = field(
        "single_active_replication",
        default=False,
        since="2.14",
        doc="Skip a run while the one before is not done. Not where the trigger is event_based.",
    )
    previously: Text = former_name()


_PULL, _PUSH = "pull_from", "push_to"
_SIDES = {_PULL: "src_registry", _PUSH: "dest_registry"}
# What PUT sets and a reply tells under the same name.
_KEPT = (
    "name",
    "description",
    "filters",
    "trigger",
    "dest_namespace",
    "dest_namespace_replace_count",
    "deletion",
    "override",
    "enabled",
    "speed",
    "copy_by_chunk",
    "single_active_replication",
)


class Replication(Kind):
    """A replication."""

    name = "replication"
    doc = "What is copied from or to another registry, and when."
    model = ReplicationFields
    in_system: ClassVar[tuple[At, ...]] = (At(("replications",)),)
    depends_on = ("registry",)
    can_prune = True

    def check_name(self, name: str) -> str | None:
        """Harbor 2.13 to 2.15: 1 to 256 characters."""
        if not 0 < len(name) <= _MAX_NAME:
            return f"a replication's name has 1 to {_MAX_NAME} characters"
        return None

    def check(self, desired: Desired) -> Iterable[tuple[str, str]]:
        """What Harbor refuses with 500, or takes and never heeds."""
        fields = desired.fields
        for paths, message in _contradictions(fields):
            yield next(path for path in paths if path in fields), message
        if _length(_trigger_to_api(fields.get("trigger", MANUAL))) > _MAX_TRIGGER:
            yield "trigger", "the cron is longer than Harbor can keep"
        if _length(_filters_to_api(fields.get("filters", frozenset()))) > _MAX_FILTERS:
            message = f"Harbor keeps filters of together {_MAX_FILTERS} characters, as JSON"
            yield "filters", f"{message}: split the replication"

    def missing(self, fields: Mapping[str, Any]) -> Sequence[str]:
        """One of the two directions."""
        return [] if _SIDES.keys() & fields.keys() else [f"`{_PULL}` or `{_PUSH}`"]

    def mentions(self, fields: Mapping[str, Any]) -> Mapping[str, Address]:
        """The registry at the other end."""
        return {path: Address("registry", fields[path]) for path in _SIDES if fields.get(path)}

    async def read(self, bench: Workbench, place: Place) -> Sequence[Live]:
        """GET /replication/policies, which hold their registries."""
        del place
        replies = await bench.api.get("/replication/policies", {"page_size": 100})
        return [_live(reply) for reply in replies]

    async def observe(
        self, bench: Workbench, desired: Desired, live: Live | None
    ) -> Mapping[str, Comparison]:
        """What is written may contradict what is live and not written."""
        del bench
        if live is None:
            return {}
        blocked: dict[str, Comparison] = {}
        for paths, message in _contradictions(_wanted(live, desired)):
            path = next((path for path in paths if path in desired.fields), None)
            if path is not None and desired.fields[path] != live.fields.get(path):
                unwritten = [f"`{one}`" for one in paths if one not in desired.fields]
                hint = (
                    f"; live it has {' and '.join(unwritten)}: write that too" if unwritten else ""
                )
                blocked.setdefault(path, Comparison(Verdict.BLOCKED, message + hint))
        return blocked

    async def create(self, bench: WriteBench, step: Step) -> None:
        """POST. Harbor's own pages enable a new one; its API does not unless told."""
        assert step.desired is not None
        fields = {"enabled": True, **step.desired.fields}
        body = {**await _body(bench, fields), "name": step.address.name}
        await bench.api.post("/replication/policies", body)

    async def update(self, bench: WriteBench, step: Step) -> None:
        """PUT replaces the replication: what the YAML does not say is sent back as it is."""
        assert step.desired is not None
        assert step.live is not None
        raw = step.live.raw
        changed = {path: step.desired.fields[path] for path in step.changed}
        body = {key: raw[key] for key in _KEPT if key in raw}
        if not _SIDES.keys() & changed.keys():
            body |= {key: {"id": raw[key]["id"]} for key in _SIDES.values()}
        body |= {**await _body(bench, changed), **new_name(step)}
        await bench.api.put(f"/replication/policies/{raw['id']}", body)

    async def delete(self, bench: WriteBench, step: Step) -> None:
        """DELETE; its past runs go with it."""
        assert step.live is not None
        await bench.api.delete(f"/replication/policies/{step.live.raw['id']}")


def _live(reply: Mapping[str, Any]) -> Live:
    """The end that is this Harbor has the number 0. What is not enabled does not say so."""
    fields = {"enabled": False, **from_reply(ReplicationFields, reply)}
    for path, side in _SIDES.items():
        registry = reply.get(side) or {}
        fields[path] = str(registry["name"]) if registry.get("id") else None
    return Live(Address("replication", str(reply["name"])), fields, reply)


async def _body(bench: WriteBench, fields: Mapping[str, Any]) -> dict[str, Any]:
    numbered = dict(fields)
    for path in _SIDES.keys() & fields.keys():
        numbered[path] = await registry_number(bench, fields[path])
    return payload(ReplicationFields, numbered)


def _wanted(live: Live, desired: Desired) -> dict[str, Any]:
    """What it will be; a written direction takes the other's place."""
    wanted = {**live.fields, **desired.fields}
    if _SIDES.keys() & desired.fields.keys():
        wanted |= {path: desired.fields.get(path) for path in _SIDES}
    return wanted


def _contradictions(fields: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], str]]:
    """What cannot go together: the fields, the one to blame first, and why."""
    trigger = fields.get("trigger")
    if fields.get(_PULL) and fields.get(_PUSH):
        yield (_PUSH,), f"a replication has `{_PULL}` or `{_PUSH}`, not both"
    if trigger == EVENT and fields.get(_PULL):
        message = "Harbor takes event_based here and never runs it: nobody tells it what happens"
        yield ("trigger", _PULL), f"{message} in the other registry"
    if trigger == EVENT and fields.get("single_active_replication"):
        message = "Harbor refuses it where the trigger is event_based"
        yield ("single_active_replication", "trigger"), message
    if trigger not in (None, EVENT) and fields.get("replicate_deletion"):
        message = "only event_based replications delete: Harbor takes this and never heeds it"
        yield ("replicate_deletion", "trigger"), message


def _length(value: Any) -> int:
    """The length as Harbor stores it: Go writes `<`, `>` and `&` with six characters."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return len(text) + 5 * len(re.findall("[<>&\u2028\u2029]", text))
