"""Webhooks: where a project tells of what happens in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from enum import Enum
from typing import Annotated, Any, ClassVar, cast

from pydantic import Field

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
    word_codec,
)
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
from harborconf.spec.address import Address
from harborconf.spec.records import (
    Record,
    ValueProblemError,
    read_record,
    record_schema,
    set_of,
    write_record,
)
from harborconf.spec.reference import REFERENCE, Reference
from harborconf.spec.secret import Secret
from harborconf.spec.url import url_type, without_user
from harborconf.spec.value import Flag, Text, ValueType, words

_MAX_NAME = 256
_MAX_URL = 8192


class Event(Enum):
    """What can be told, as Harbor calls it: those of GET .../webhook/events (2.13 to 2.15)."""

    PUSH_ARTIFACT = "PUSH_ARTIFACT"
    PULL_ARTIFACT = "PULL_ARTIFACT"
    DELETE_ARTIFACT = "DELETE_ARTIFACT"
    QUOTA_EXCEED = "QUOTA_EXCEED"
    QUOTA_WARNING = "QUOTA_WARNING"
    SCANNING_COMPLETED = "SCANNING_COMPLETED"
    SCANNING_FAILED = "SCANNING_FAILED"
    SCANNING_STOPPED = "SCANNING_STOPPED"
    REPLICATION = "REPLICATION"
    TAG_RETENTION = "TAG_RETENTION"


class Receiver(Enum):
    """What kind of thing listens at a target."""

    HTTP = "http"
    SLACK = "slack"


class Format(Enum):
    """How an event is put into words."""

    DEFAULT = "default"
    CLOUD_EVENTS = "cloud_events"


_FORMATS = word_codec({Format.DEFAULT: "Default", Format.CLOUD_EVENTS: "CloudEvents"})
_EVENTS = {event.value: event for event in Event}
_RECEIVERS = {receiver.value: receiver for receiver in Receiver}
NO_HEADER = "none"


# ---- targets -------------------------------------------------------------------------


def _read_header(raw: object) -> Reference | str:
    if raw == NO_HEADER:
        return NO_HEADER
    reference: Reference = REFERENCE.read(raw)
    return reference


def _write_header(value: Reference | str) -> Any:
    return NO_HEADER if value == NO_HEADER else REFERENCE.write(value)


HEADER = ValueType(
    "auth header",
    _read_header,
    _write_header,
    {"anyOf": [{"const": NO_HEADER}, dict(REFERENCE.schema)]},
)


class TargetRecord(Record):
    """One place to tell, as it is written."""

    url: Annotated[str, url_type(_MAX_URL)] = Field(description="Where events are sent.")
    type: Annotated[Receiver, words("type", Receiver)] = Field(
        Receiver.HTTP, description="What listens there: http or slack."
    )
    format: Annotated[Format, words("format", Format)] = Field(
        Format.DEFAULT, description="How events look; only for http."
    )
    auth_header: Annotated[Reference | str | None, HEADER] = Field(
        None,
        description="Where the value of the Authorization header lives, or `none`. Not written,"
        " what Harbor sends to this URL stays. Only for http.",
    )
    insecure: Flag = Field(default=False, description="Do not verify the certificate.")


@dataclass(frozen=True, slots=True)
class Target:
    """One place to tell. Targets are equal whatever secrets they are sent.

    The header is a reference (or `none`, or unknown) where it is desired and a secret where it
    is live. Harbor takes two targets that are the same; `twin` keeps them apart.
    """

    url: str
    type: Receiver | str
    format: Format | str
    insecure: bool
    twin: int = 0
    auth_header: Reference | Secret | str | None = dataclass_field(default=None, compare=False)

    @property
    def place(self) -> tuple[str, object]:
        """What a secret is kept for: nothing else may ever be sent it."""
        return (self.url, self.type)


def _apart(targets: Iterable[Target]) -> frozenset[Target]:
    """The targets as a set, twins numbered."""
    seen: Counter[Target] = Counter()
    found = set()
    for target in targets:
        found.add(replace(target, twin=seen[target]))
        seen[target] += 1
    return frozenset(found)


def _read_targets(raw: object) -> frozenset[Target]:
    if not isinstance(raw, list) or not raw:
        message = "expected a list of at least one target like {url: https://example.com/hook}"
        raise ValueProblemError(message, ())
    return _apart([_read_target(item, index) for index, item in enumerate(raw)])


def _read_target(raw: Any, index: int) -> Target:
    """Harbor refuses a format for Slack; a header it takes and never sends."""
    record = read_record(TargetRecord, raw, (index,))
    if record.type is Receiver.SLACK:
        for key in ("format", "auth_header"):
            if key in raw:
                message = f"a target of type slack has no `{key}`"
                raise ValueProblemError(message, (index, key), at_key=True)
    return Target(
        record.url, record.type, record.format, record.insecure, auth_header=record.auth_header
    )


def _write_targets(targets: frozenset[Target]) -> list[dict[str, Any]]:
    """All that can be told: live headers are left out."""
    return [
        write_record(
            TargetRecord.model_construct(
                url=target.url,
                type=target.type,
                format=target.format,
                insecure=target.insecure,
                auth_header=None if isinstance(target.auth_header, Secret) else target.auth_header,
            )
        )
        for target in _in_order(targets)
    ]


def _in_order(targets: Iterable[Target]) -> list[Target]:
    return sorted(targets, key=lambda target: (target.url, str(target.type), str(target)))


TARGETS = ValueType(
    "targets",
    _read_targets,
    _write_targets,
    {"type": "array", "minItems": 1, "items": record_schema(TargetRecord)},
)


def _targets_from_api(raw: Iterable[Mapping[str, Any]]) -> frozenset[Target]:
    return _apart(_target_from_api(one) for one in raw)


def _target_from_api(raw: Mapping[str, Any]) -> Target:
    """The header reads back in clear (2.13 to 2.15): from here on it is a secret."""
    header = raw.get("auth_header")
    return Target(
        without_user(str(raw.get("address", ""))),
        _RECEIVERS.get(str(raw.get("type")), str(raw.get("type"))),
        _FORMATS.from_api(raw.get("payload_format") or "Default"),
        bool(raw.get("skip_cert_verify", False)),
        auth_header=Secret(str(header)) if header else None,
    )


def _target_to_api(target: Target, header: Secret | None) -> dict[str, Any]:
    body: dict[str, Any] = {
        "type": Receiver(target.type).value,
        "address": target.url,
        "skip_cert_verify": target.insecure,
    }
    if target.type is Receiver.HTTP:
        body["payload_format"] = _FORMATS.to_api(target.format)
    if header is not None:
        body["auth_header"] = header.reveal()
    return body


# ---- headers -------------------------------------------------------------------------


async def _headers(
    bench: Workbench, targets: Iterable[Target]
) -> list[tuple[Target, Secret | None]]:
    """What each target's written header is; None where it is to have none, or is not there."""
    return [
        (
            target,
            None if header == NO_HEADER else await bench.stores.peek(cast("Reference", header)),
        )
        for target in _in_order(targets)
        if (header := target.auth_header) is not None
    ]


def _taken(live: Iterable[Target]) -> dict[Target, list[Secret | None]]:
    """The live headers of targets that differ in nothing else."""
    found: dict[Target, list[Secret | None]] = {}
    for target in _in_order(live):
        header = target.auth_header
        assert header is None or isinstance(header, Secret)
        found.setdefault(replace(target, twin=0), []).append(header)
    return found


def _others(wanted: Iterable[tuple[Target, Secret | None]], live: Iterable[Target]) -> list[str]:
    """URLs that are sent another header than is wanted. What is new is no matter here."""
    taken = _taken(live)
    found = []
    for target, header in wanted:
        headers = taken.get(replace(target, twin=0))
        if headers is None:
            continue
        if header in headers:
            headers.remove(header)
        else:
            found.append(target.url)
    return found


async def _to_api(
    bench: Workbench, targets: frozenset[Target], live: Iterable[Target]
) -> list[dict[str, Any]]:
    """The targets with their headers; one that is not written is kept for its URL alone."""
    written = dict(await _headers(bench, targets))
    kept: dict[object, list[Secret]] = {}
    for target in _in_order(live):
        if isinstance(target.auth_header, Secret):
            kept.setdefault(target.place, []).append(target.auth_header)
    for target, header in written.items():
        if header is not None and header in kept.get(target.place, []):
            kept[target.place].remove(header)
    body = []
    for target in _in_order(targets):
        header = written.get(target)
        if target not in written and kept.get(target.place):
            header = kept[target.place].pop(0)
        body.append(_target_to_api(target, header))
    return body


# ---- the fields ----------------------------------------------------------------------


class WebhookFields(Section):
    """One webhook."""

    description: Text = field("description", default="", doc="What the webhook is for.")
    enabled: Flag = field(
        "enabled", doc="Whether it tells anything. A new one does, unless this says false."
    )
    events: Annotated[frozenset[Event | str], set_of("events", words("event", Event), least=1)] = (
        field(
            "event_types",
            codec=Codec(
                lambda events: sorted(event.value for event in events),
                lambda raw: frozenset(_EVENTS.get(str(one), str(one)) for one in raw),
            ),
            required=True,
            doc="What is told, in Harbor's own words like PUSH_ARTIFACT.",
        )
    )
    targets: Annotated[frozenset[Target], TARGETS] = field(
        "targets",
        codec=Codec(lambda _: [], _targets_from_api),
        required=True,
        doc="Who is told: a list of targets like {url: https://example.com/hook}.",
    )
    previously: Text = former_name()


class Webhook(Kind):
    """A webhook of a project."""

    name = "webhook"
    doc = "A webhook: where a project tells of what happens in it."
    model = WebhookFields
    permission = "notification-policy"
    in_project: ClassVar[tuple[At, ...]] = (At(("webhooks",)),)
    can_prune = True

    def check_name(self, name: str) -> str | None:
        """Harbor 2.13 to 2.15 answers 500 to a longer one."""
        if len(name) > _MAX_NAME:
            return f"a webhook's name has at most {_MAX_NAME} characters"
        return None

    async def read(self, bench: Workbench, place: Place) -> Sequence[Live]:
        """GET /projects/{id}/webhook/policies."""
        replies = await bench.api.get(
            f"/projects/{place.project_id}/webhook/policies", {"page_size": 100}
        )
        return [
            Live(
                Address(self.name, str(reply.get("name", "")), place.project),
                from_reply(WebhookFields, reply),
                reply,
            )
            for reply in replies
        ]

    async def observe(
        self, bench: Workbench, desired: Desired, live: Live | None
    ) -> Mapping[str, Comparison]:
        """Compare the written headers, which Harbor tells."""
        targets = desired.fields.get("targets")
        if targets is None:
            return {}
        wanted = await _headers(bench, targets)
        for target, header in wanted:
            if header is None and target.auth_header != NO_HEADER:
                reason = f"{target.auth_header} is empty"
                return {"targets": Comparison(Verdict.BLOCKED, reason)}
        others = _others(wanted, live.fields["targets"]) if live else []
        if not others:
            return {}
        reason = f"another auth header is sent to {', '.join(others)}"
        return {"targets": Comparison(Verdict.DIFFERENT, reason)}

    def secrets_within(self, live: Live, path: str) -> Sequence[tuple[str | int, ...]]:
        """The headers of the targets."""
        if path != "targets":
            return ()
        return [
            (index, "auth_header")
            for index, target in enumerate(_in_order(live.fields[path]))
            if target.auth_header and target.type is Receiver.HTTP
        ]

    async def create(self, bench: WriteBench, step: Step) -> None:
        """POST; what it omits is switched off."""
        assert step.desired is not None
        project = await bench.project_id(str(step.address.project))
        fields = {"enabled": True, **step.desired.fields}
        body = {
            "name": step.address.name,
            **payload(WebhookFields, fields),
            "targets": await _to_api(bench, fields["targets"], ()),
        }
        await bench.api.post(f"/projects/{project}/webhook/policies", body)

    async def update(self, bench: WriteBench, step: Step) -> None:
        """PUT replaces the webhook, so what is live is sent back with what changes."""
        assert step.desired is not None
        assert step.live is not None
        raw, desired = step.live.raw, step.desired.fields
        body = {**raw, **payload(WebhookFields, {path: desired[path] for path in step.changed})}
        body["targets"] = raw["targets"]
        if "targets" in step.changed:
            body["targets"] = await _to_api(bench, desired["targets"], step.live.fields["targets"])
        body |= new_name(step)
        await bench.api.put(f"/projects/{raw['project_id']}/webhook/policies/{raw['id']}", body)

    async def delete(self, bench: WriteBench, step: Step) -> None:
        """DELETE /projects/{id}/webhook/policies/{id}."""
        assert step.live is not None
        raw = step.live.raw
        await bench.api.delete(f"/projects/{raw['project_id']}/webhook/policies/{raw['id']}")
