"""Which images a project sends ahead of their use, and where to."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import Annotated, Any, ClassVar

from harborconf.errors import NotPermittedError, RefusedError
from harborconf.kinds.base import At, Codec, Kind, Section, field, from_reply
from harborconf.kinds.preheat_instance import PreheatInstance, check_name
from harborconf.kinds.resource import Desired, Live, Place, Step, Workbench, WriteBench
from harborconf.kinds.triggers import EVENT, MANUAL, trigger_type
from harborconf.spec.address import Address
from harborconf.spec.patterns import EVERYTHING, PATTERNS, Patterns, from_pattern
from harborconf.spec.records import (
    Foreign,
    Record,
    ValueProblemError,
    read_record,
    record_schema,
    set_of,
    write_record,
)
from harborconf.spec.value import (
    COUNT,
    SCALAR_SCHEMA,
    Flag,
    ValueType,
    read_text,
    text_type,
    words,
)

_MAX_DESCRIPTION, _MAX_FILTERS = 1024, 1024


# ---- filters -------------------------------------------------------------------------


def _read_patterns(raw: object) -> Patterns:
    if isinstance(raw, Mapping):
        message = "expected a list of patterns; preheating knows no `except`"
        raise ValueProblemError(message, ())
    patterns: Patterns = PATTERNS.read(raw)
    return patterns


def _read_label(raw: object) -> str:
    text = read_text(raw)
    if not text or "," in text:
        message = f"Harbor takes a comma for two labels, got `{text}`"
        raise ValueError(message)
    return text


_PATTERNS = ValueType(
    "patterns", _read_patterns, PATTERNS.write, {"type": "array", "items": SCALAR_SCHEMA}
)
_LABELS = set_of("labels", ValueType("label", _read_label, str, SCALAR_SCHEMA))


class Filters(Record):
    """Which images are sent: all these must hold."""

    repositories: Annotated[Patterns, _PATTERNS] = EVERYTHING
    tags: Annotated[Patterns, _PATTERNS] = EVERYTHING
    labels: Annotated[frozenset[str], _LABELS] = frozenset()


def _filters_to_api(filters: Filters) -> str:
    found: list[dict[str, str]] = [
        {"type": "repository", "value": filters.repositories.pattern},
        {"type": "tag", "value": filters.tags.pattern},
    ]
    if filters.labels:
        found.append({"type": "label", "value": ",".join(sorted(filters.labels))})
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"))


def _filters_from_api(text: str) -> Filters | Foreign:
    """What they do, which for a policy without filters is to fail when it runs.

    Filters by signature and vulnerability do nothing: the project's own settings take their
    place (2.13 to 2.15, overrideSecuritySettings in enforcer.go).
    """
    found = {
        str(one.get("type")): one.get("value")
        for one in json.loads(text) or []
        if one.get("type") not in ("signature", "vulnerability")
    }
    if not found or not found.keys() <= {"repository", "tag", "label"}:
        return Foreign(text)
    if not all(isinstance(value, str) for value in found.values()):
        return Foreign(text)
    labels = str(found.get("label") or "")
    return Filters.model_construct(
        repositories=from_pattern(str(found.get("repository", "**")), excluding=False),
        tags=from_pattern(str(found.get("tag", "**")), excluding=False),
        labels=frozenset(labels.split(",")) if labels else frozenset(),
    )


FILTERS = ValueType(
    "filters", lambda raw: read_record(Filters, raw), write_record, record_schema(Filters)
)


# ---- triggers ------------------------------------------------------------------------


TRIGGER = trigger_type("policy")


def _trigger_to_api(trigger: str) -> str:
    is_word = trigger in (MANUAL, EVENT)
    body = {
        "type": trigger if is_word else "scheduled",
        "trigger_setting": {"cron": "" if is_word else trigger},
    }
    return json.dumps(body, separators=(",", ":"))


def _trigger_from_api(text: str) -> str:
    """Harbor keeps a cron beside any type, and heeds it only where the type is `scheduled`."""
    trigger = json.loads(text)
    kind = str(trigger.get("type"))
    if kind != "scheduled":
        return kind
    cron = str((trigger.get("trigger_setting") or {}).get("cron") or "")
    return " ".join(cron.split()) or MANUAL


# ---- what is for Dragonfly -----------------------------------------------------------


class Scope(Enum):
    """Which peers are sent an image."""

    DEFAULT = "default"
    SINGLE_SEED_PEER = "single_seed_peer"
    ALL_SEED_PEERS = "all_seed_peers"
    ALL_PEERS = "all_peers"


_SCOPES = {scope.value: scope for scope in Scope}


def _extra(text: object) -> dict[str, Any]:
    found = json.loads(str(text)) if text else {}
    return found if isinstance(found, dict) else {}


def _scope_from_api(text: str) -> Scope | str:
    scope = str(_extra(text).get("scope") or Scope.DEFAULT.value)
    return _SCOPES.get(scope, scope)


def _clusters_from_api(text: str) -> frozenset[Any]:
    return frozenset(_extra(text).get("cluster_ids") or ())


def _extra_to_api(raw: object, fields: Mapping[str, Any]) -> str:
    """What is for Dragonfly as it is wanted; what else is live stays."""
    extra = _extra(raw)
    if "scope" in fields:
        extra["scope"] = "" if fields["scope"] is Scope.DEFAULT else fields["scope"].value
    if "clusters" in fields:
        extra["cluster_ids"] = sorted(fields["clusters"])
    kept = {key: value for key, value in extra.items() if value not in ("", [])}
    return json.dumps(kept, separators=(",", ":")) if kept else ""


# ---- the fields ----------------------------------------------------------------------


def _read_instance(raw: object) -> str:
    name = read_text(raw)
    if problem := check_name(name, "an instance"):
        raise ValueError(problem)
    return name


INSTANCE = ValueType("preheat instance", _read_instance, str, SCALAR_SCHEMA)


class PreheatFields(Section):
    """One preheat policy."""

    instance: Annotated[str, INSTANCE] = field(
        "provider_name", required=True, doc="The preheat instance that images are sent to."
    )
    description: Annotated[str, text_type(_MAX_DESCRIPTION)] = field(
        "description", default="", doc="What the policy is for."
    )
    enabled: Flag = field(
        "enabled", doc="Whether it ever runs. A new one does, unless this says false."
    )
    filters: Annotated[Filters | Foreign, FILTERS] = field(
        "filters",
        codec=Codec(_filters_to_api, _filters_from_api),
        doc="Which images are sent: {repositories: [...], tags: [...], labels: [...]}, all of"
        " which must hold. A new policy sends everything, unless this says what.",
    )
    trigger: Annotated[str, TRIGGER] = field(
        "trigger",
        codec=Codec(_trigger_to_api, _trigger_from_api),
        doc="When it runs: manual, which a new one does unless this says otherwise, event_based"
        " (when an image is pushed, scanned or labelled), or hourly, daily, weekly or a cron of"
        " six fields in UTC.",
    )
    scope: Annotated[Scope | str, words("scope", Scope)] = field(
        "extra_attrs",
        codec=Codec(str, _scope_from_api),
        default=Scope.DEFAULT,
        doc="Which peers of Dragonfly get it: single_seed_peer, all_seed_peers, all_peers, or"
        " default for whatever Dragonfly does.",
    )
    clusters: Annotated[frozenset[int], set_of("numbers of clusters", COUNT)] = field(
        "extra_attrs",
        codec=Codec(str, _clusters_from_api),
        default=frozenset(),
        doc="Which clusters of Dragonfly get it, by number; all where there are none.",
    )


_NEW: Mapping[str, Any] = {
    "description": "",
    "enabled": True,
    "filters": Filters.model_construct(),
    "trigger": MANUAL,
}


class Preheat(Kind):
    """A preheat policy of a project."""

    name = "preheat"
    doc = "A policy that sends images to peers ahead of their use."
    model = PreheatFields
    in_project: ClassVar[tuple[At, ...]] = (At(("preheat",)),)
    depends_on = ("preheat_instance",)
    can_prune = True
    permission = "preheat-policy"

    def check_name(self, name: str) -> str | None:
        """Harbor 2.13 to 2.15 answers 500 to all others."""
        return check_name(name, "a preheat policy")

    def check(self, desired: Desired) -> Iterable[tuple[str, str]]:
        """Harbor answers 500 to filters that it cannot keep."""
        filters = desired.fields.get("filters")
        if isinstance(filters, Filters) and len(_filters_to_api(filters)) > _MAX_FILTERS:
            yield "filters", f"the filters are longer than the {_MAX_FILTERS} that Harbor keeps"

    def mentions(self, fields: Mapping[str, Any]) -> Mapping[str, Address]:
        """The instance, which must be there first."""
        name = fields.get("instance")
        return {"instance": Address(PreheatInstance.name, name)} if name else {}

    async def read(self, bench: Workbench, place: Place) -> Sequence[Live]:
        """GET /projects/{name}/preheat/policies; the path takes no number."""
        replies = await bench.api.get(
            f"/projects/{place.project}/preheat/policies", {"page_size": 100}
        )
        return [
            Live(
                Address(self.name, str(reply["name"]), place.project),
                from_reply(PreheatFields, reply),
                reply,
            )
            for reply in replies
        ]

    async def create(self, bench: WriteBench, step: Step) -> None:
        """POST; what it omits is switched off, or refused."""
        assert step.desired is not None
        fields = {**_NEW, **step.desired.fields}
        body = await _body(bench, step, fields)
        path = f"/projects/{step.address.project}/preheat/policies"
        await bench.api.post(path, {**body, "extra_attrs": _extra_to_api("", fields)})

    async def update(self, bench: WriteBench, step: Step) -> None:
        """PUT replaces the policy that the body numbers: what is live is sent back."""
        assert step.desired is not None
        assert step.live is not None
        raw = step.live.raw
        fields = {path: step.desired.fields[path] for path in step.changed}
        body = {**raw, **await _body(bench, step, fields)}
        if step.changed & {"scope", "clusters"}:
            body["extra_attrs"] = _extra_to_api(raw.get("extra_attrs"), fields)
        await bench.api.put(_path(step), body)

    async def delete(self, bench: WriteBench, step: Step) -> None:
        """DELETE. Harbor answers 412 while it runs."""
        await bench.api.delete(_path(step))


def _path(step: Step) -> str:
    return f"/projects/{step.address.project}/preheat/policies/{step.address.name}"


async def _body(bench: WriteBench, step: Step, fields: Mapping[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = {"name": step.address.name}
    body |= {key: fields[key] for key in ("description", "enabled") if key in fields}
    if "filters" in fields:
        body["filters"] = _filters_to_api(fields["filters"])
    if "trigger" in fields:
        body["trigger"] = _trigger_to_api(fields["trigger"])
    if "instance" in fields:
        project = str(step.address.project)
        body["provider_id"] = await _number_of(bench, project, fields["instance"])
    return body


async def _number_of(bench: WriteBench, project: str, name: str) -> int:
    """Harbor's number of an instance, also for a project's administrator.

    To whom may not read instances a project tells each as `VENDOR NAME-URL`.
    """
    try:
        return int((await bench.api.get(f"/p2p/preheat/instances/{name}"))["id"])
    except NotPermittedError:
        found = await bench.api.get(f"/projects/{project}/preheat/providers")
    shape = re.compile(rf"\S* {re.escape(name)}-(https?://.*|[^:]*(:[0-9]+)?)")
    for one in found:
        if shape.fullmatch(str(one["provider"])):
            return int(one["id"])
    message = f"Harbor has no preheat instance `{name}`"
    raise RefusedError(message, advice="a system administrator can register it")
