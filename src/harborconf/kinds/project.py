"""Projects and their own settings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import Annotated, Any, ClassVar

from harborconf.kinds.allowlist import (
    ALLOWLIST,
    Allowlist,
    allowlist_from_api,
    allowlist_to_api,
    list_as_of,
    read_allowlist,
    same_lists,
    write_allowlist,
)
from harborconf.kinds.api import NAMED
from harborconf.kinds.base import (
    BOOL_TEXT,
    UNSET,
    At,
    Codec,
    Kind,
    Section,
    field,
    from_reply,
    payload,
    section,
    word_codec,
)
from harborconf.kinds.proxy_cache import (
    NOTATION,
    OF_PROXIES,
    REGISTRY,
    ProxyCache,
    dropped,
    reserved,
)
from harborconf.kinds.readback import confirm
from harborconf.kinds.registry import registry_names, registry_number
from harborconf.kinds.repositories import repositories_of
from harborconf.kinds.resource import (
    Comparison,
    Desired,
    Live,
    Place,
    Risk,
    Step,
    Verdict,
    Workbench,
    WriteBench,
)
from harborconf.spec.address import Address
from harborconf.spec.nodes import Entry, Map, Node, Scalar
from harborconf.spec.records import ValueProblemError
from harborconf.spec.value import Flag, ValueType, shown, words, write_size

_NAME = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")
_MAX_NAME = 255


class Severity(Enum):
    """How bad a vulnerability is."""

    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


SEVERITY = words("severity", Severity)


# ---- the CVE allowlist ---------------------------------------------------------------

INHERIT = "inherit"


def _read_allowlist(raw: object) -> Allowlist | str:
    if raw == INHERIT:
        return INHERIT
    if not isinstance(raw, list):
        message = (
            f"expected `{INHERIT}`, or a list of CVEs like {{id: CVE-2024-3094}}, got {shown(raw)}"
        )
        raise ValueProblemError(message, ())
    return read_allowlist(raw)


def _write_allowlist(value: Allowlist | str) -> Any:
    return value if isinstance(value, str) else write_allowlist(value)


_ALLOWLIST = ValueType(
    "CVE allowlist",
    _read_allowlist,
    _write_allowlist,
    {"anyOf": [{"const": INHERIT}, dict(ALLOWLIST.schema)]},
)


# ---- the fields ----------------------------------------------------------------------


class Block(Section):
    """Whether images with known vulnerabilities can be pulled. `high` alone is short."""

    enabled: Flag = field(
        "metadata.prevent_vul",
        codec=BOOL_TEXT,
        default=False,
        doc="Refuse to hand out images that have vulnerabilities of the severity or above.",
    )
    severity: Annotated[Severity, SEVERITY] = field(
        "metadata.severity",
        codec=word_codec({severity: severity.value for severity in Severity}),
        default=Severity.LOW,
        doc="The lowest severity that is refused.",
    )

    @classmethod
    def expand(cls, node: Node) -> Node:
        """`high` is `{enabled: true, severity: high}`, `false` is `{enabled: false}`."""
        if not isinstance(node, Scalar):
            return node
        at = node.position
        if node.plain and node.text.lower() == "false":
            return Map({"enabled": Entry(node, at)}, at)
        enabled = Scalar("true", plain=True, position=at)
        return Map({"enabled": Entry(enabled, at), "severity": Entry(node, at)}, at)

    @classmethod
    def collapse(cls, written: Mapping[str, Any]) -> Any:
        """Just the severity, where blocking is on."""
        severity = written.get("severity")
        if written.get("enabled") is True and severity in SEVERITY.schema["enum"]:
            return severity
        return written

    @classmethod
    def short_schema(cls) -> Mapping[str, Any]:
        """A severity, or false."""
        return {"enum": [*SEVERITY.schema["enum"], False]}


class Scanning(Section):
    """Scanning for vulnerabilities and what follows from it."""

    on_push: Flag = field(
        "metadata.auto_scan",
        codec=BOOL_TEXT,
        default=False,
        doc="Scan each artifact when it is pushed.",
    )
    sbom: Flag = field(
        "metadata.auto_sbom_generation",
        codec=BOOL_TEXT,
        default=False,
        doc="Generate a software bill of materials when an artifact is pushed.",
    )
    block: Block = section(doc="Refuse to hand out vulnerable images.")


class Signing(Section):
    """Which signatures an image needs to be pulled."""

    cosign: Flag = field(
        "metadata.enable_content_trust_cosign",
        codec=BOOL_TEXT,
        default=False,
        doc="Hand out only images signed with cosign.",
    )
    notation: Flag = field(
        "metadata.enable_content_trust",
        codec=BOOL_TEXT,
        default=False,
        doc="Hand out only images signed with notation.",
    )


class ProjectFields(Section):
    """A project's own settings."""

    public: Flag = field(
        "metadata.public",
        codec=BOOL_TEXT,
        default=False,
        doc="Everyone may pull, without logging in.",
    )
    scanning: Scanning = section(doc="Scanning for vulnerabilities.")
    signing: Signing = section(doc="Signatures an image needs.")
    proxy_cache: ProxyCache = section(doc="Makes the project a proxy cache of a registry.")
    cve_allowlist: Annotated[Allowlist | str, _ALLOWLIST] = field(
        "cve_allowlist",
        codec=Codec(allowlist_to_api, lambda raw: raw),
        doc="Vulnerabilities that may pass: `inherit` for the system's list, or a list of its own.",
    )


class Project(Kind):
    """A project: a namespace of repositories."""

    name = "project"
    doc = "A namespace of repositories with its own members, limits and rules."
    model = ProjectFields
    audited = frozenset({"create", "delete"})
    permission = "."
    in_system: ClassVar[tuple[At, ...]] = (At(("projects",)),)
    depends_on = ("registry",)

    def check_name(self, name: str) -> str | None:
        """Harbor 2.13 to 2.15: lower case, digits, single `.`, `_` or `-` between them."""
        if len(name) > _MAX_NAME or not _NAME.fullmatch(name):
            return (
                f"{shown(name)} is no project name: lower-case letters and digits,"
                f" with single `.`, `_` or `-` between, at most {_MAX_NAME} characters"
            )
        return None

    def check(self, desired: Desired) -> Iterable[tuple[str, str]]:
        """A severity alone says nothing while blocking is off."""
        fields = desired.fields
        if fields.get("scanning.block.enabled") is True and not fields.get(
            "scanning.block.severity"
        ):
            yield "scanning.block.enabled", "blocking needs a severity, for example `block: high`"
        if fields.get(REGISTRY) and fields.get(NOTATION):
            message = f"Harbor drops it on a proxy cache: in {desired.address}, write"
            yield NOTATION, f"{message} `signing: {{notation: null}}`"

    def missing(self, fields: Mapping[str, Any]) -> Sequence[str]:
        """What only a proxy cache has needs its registry."""
        return [f"`{REGISTRY}`"] if OF_PROXIES & fields.keys() and REGISTRY not in fields else []

    def mentions(self, fields: Mapping[str, Any]) -> Mapping[str, Address]:
        """The registry of a proxy cache."""
        registry = fields.get(REGISTRY)
        return {REGISTRY: Address("registry", registry)} if registry else {}

    def as_of(self, desired: Desired, now: float) -> Desired:
        """Vulnerabilities leave the list when their date has passed."""
        return list_as_of(desired, "cve_allowlist", now)

    def same(self, path: str, desired: Any, live: Any) -> bool:
        """Lists of vulnerabilities are compared by what they do."""
        del path
        if isinstance(desired, Allowlist) and isinstance(live, Allowlist):
            return same_lists(desired, live)
        return bool(desired == live)

    async def read(self, bench: Workbench, place: Place) -> Sequence[Live]:
        """All projects, with their settings; registries, where one is a proxy cache."""
        del place
        replies = await bench.api.get("/projects", {"page_size": 100, "with_detail": "true"})
        has_proxies = any(reply.get("registry_id") for reply in replies)
        registries = await registry_names(bench) if has_proxies else {}
        return [project_live(reply, bench.now, registries) for reply in replies]

    async def observe(
        self, bench: Workbench, desired: Desired, live: Live | None
    ) -> Mapping[str, Comparison]:
        """What goes with contents that are to be deleted; what Harbor would drop without a word."""
        if live is None:
            return reserved(desired.fields, bench.who)
        if not _goes_with_contents(desired, live):
            return dropped(desired.fields, live)
        repositories = await repositories_of(bench.api, str(live.address.name))
        summary = await bench.api.get(f"/projects/{live.raw['project_id']}/summary")
        used = int(((summary.get("quota") or {}).get("used") or {}).get("storage") or 0)
        artifacts = sum(int(one.raw.get("artifact_count") or 0) for one in repositories)
        goes = f"{len(repositories)} repositories, {artifacts} artifacts and {write_size(used)}"
        if rules := await bench.api.get(_rules(live), {"page_size": 100}):
            goes += f"; its immutable tag rules ({len(rules)}) are cleared first"
        return {"contents": Comparison(Verdict.DIFFERENT, goes)}

    def keeps(self, desired: Desired | None, live: Live) -> str:
        """Harbor answers 412 while the project holds repositories (2.13 to 2.15)."""
        count = int(live.raw.get("repo_count") or 0)
        if not count or (desired and _goes_with_contents(desired, live)):
            return ""
        advice = "empty it, or write {absent: true, with_contents: true}"
        return f"it holds {count} repositories; {advice}"

    def risks(self, desired: Desired | None, live: Live, changed: frozenset[str]) -> Iterable[Risk]:
        """Deleting content, and everything that lets more in or out."""
        if desired is None or desired.absent:
            if int(live.raw.get("repo_count") or 0):
                yield Risk("content", f"{live.raw['repo_count']} repositories would be deleted")
            return
        loosened = [path for path in sorted(changed) if _is_looser(path, desired, live)]
        if loosened:
            yield Risk("security", f"{', '.join(loosened)} would be less strict")

    def actions(self, step: Step) -> tuple[str, ...]:
        """What holds content is emptied first; immutable tags keep it from being deleted."""
        if step.action == "delete" and step.live and int(step.live.raw.get("repo_count") or 0):
            return (_CLEAR, _EMPTY, "delete")
        return (step.action,)

    async def run(self, bench: WriteBench, step: Step) -> None:
        """Beside the usual steps: clear immutable tag rules, delete repositories."""
        match step.action:
            case "clear immutable rules":
                path = _rules(_of(step.live))
                for rule in await bench.api.get(path, {"page_size": 100}):
                    await bench.api.delete(f"{path}/{rule['id']}")
            case "delete repositories":
                for repository in await repositories_of(bench.api, str(step.address.name)):
                    await bench.api.delete(repository.path, NAMED)
            case _:
                await super().run(bench, step)

    async def create(self, bench: WriteBench, step: Step) -> None:
        """POST, then the allowlist, which POST ignores; then read back.

        A system administrator's POST sets the quota too, which is then in force from the first
        moment. Harbor takes 0 for its default, and nobody else's word (2.13 to 2.15).
        """
        desired = _of(step.desired)
        name = str(desired.address.name)
        body = _body(desired.fields)
        allowlist = body.pop("cve_allowlist", None)
        body.setdefault("metadata", {}).setdefault("public", "false")
        quota = step.along.get("quota")
        if bench.who.is_system_admin and quota and quota.fields.get("storage"):
            body["storage_limit"] = quota.fields["storage"]
        registries = {}
        if registry := desired.fields.get(REGISTRY):
            body["registry_id"] = await registry_number(bench, registry)
            registries = {body["registry_id"]: registry}
        made = await bench.api.post("/projects", {"project_name": name, **body})
        if allowlist is not None:
            number = made.headers["Location"].rsplit("/", 1)[-1]
            await bench.api.put(f"/projects/{number}", {"cve_allowlist": allowlist})
        reply = await bench.project(name)
        confirm(self, desired, desired.fields, project_live(reply, bench.now, registries))

    async def update(self, bench: WriteBench, step: Step) -> None:
        """PUT what changes (Harbor merges metadata), then read back: Harbor stores nonsense."""
        desired, live = _of(step.desired), _of(step.live)
        changed = {path: desired.fields[path] for path in step.changed}
        path = f"/projects/{live.raw['project_id']}"
        await bench.api.put(path, _body(changed))
        found = project_live(await bench.api.get(path), bench.now, {})
        confirm(self, desired, step.changed, found)

    async def delete(self, bench: WriteBench, step: Step) -> None:
        """Harbor answers 412 while the project holds repositories."""
        await bench.api.delete(f"/projects/{_of(step.live).raw['project_id']}")


_CLEAR, _EMPTY = "clear immutable rules", "delete repositories"
_STRICT = (
    "scanning.on_push",
    "scanning.block.enabled",
    "signing.cosign",
    "signing.notation",
)


def _rules(live: Live) -> str:
    return f"/projects/{live.raw['project_id']}/immutabletagrules"


def _goes_with_contents(desired: Desired, live: Live) -> bool:
    asked = desired.absent is not None and desired.absent.with_contents
    return asked and int(live.raw.get("repo_count") or 0) > 0


def _is_looser(path: str, desired: Desired, live: Live) -> bool:
    """Whether a changed field lets more in or out than before."""
    before, after = live.fields.get(path), desired.fields[path]
    if path == "scanning.block.severity":
        order = list(Severity)
        return before in order and order.index(after) > order.index(before)
    return {"public": True, **dict.fromkeys(_STRICT, False)}.get(path) is after


def _of(value: Any) -> Any:
    assert value is not None
    return value


def _body(fields: Mapping[str, Any]) -> dict[str, Any]:
    plain = {path: value for path, value in fields.items() if path != REGISTRY}
    allowlist = plain.get("cve_allowlist", UNSET)
    if allowlist is UNSET:
        return payload(ProjectFields, plain)
    if allowlist == INHERIT:
        del plain["cve_allowlist"]
    body = payload(ProjectFields, plain)
    body.setdefault("metadata", {})["reuse_sys_cve_allowlist"] = BOOL_TEXT.to_api(
        allowlist == INHERIT
    )
    return body


def project_live(reply: Mapping[str, Any], now: float, registries: Mapping[int, str]) -> Live:
    """A live project from Harbor's reply.

    A project without `reuse_sys_cve_allowlist` uses the system's list (2.13 to 2.15). A
    registry without a name here is not told; what only proxy caches have means nothing for
    other projects.
    """
    fields = from_reply(ProjectFields, reply)
    reuse = (reply.get("metadata") or {}).get("reuse_sys_cve_allowlist", "true")
    if BOOL_TEXT.from_api(reuse) is not False:
        fields["cve_allowlist"] = INHERIT
    elif "cve_allowlist" in fields:
        fields["cve_allowlist"] = allowlist_from_api(fields["cve_allowlist"], now)
    number = reply.get("registry_id")
    if not number:
        fields = {path: value for path, value in fields.items() if path not in OF_PROXIES}
    elif number in registries:
        fields[REGISTRY] = registries[number]
    else:
        del fields[REGISTRY]
    return Live(Address("project", str(reply["name"])), fields, reply)
