"""Registries elsewhere: what is replicated from and to, and what proxy caches stand before."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import Enum
from typing import Annotated, Any, ClassVar

from harborconf.errors import (
    ConflictError,
    InvalidError,
    NotPermittedError,
    RefusedError,
    ServerError,
)
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
    word_codec,
)
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
from harborconf.spec.reference import SecretReference
from harborconf.spec.url import url_type
from harborconf.spec.value import Flag, Text, ValueType, read_text, words

_MAX_NAME, _MAX_URL, _MAX_USERNAME = 64, 256, 255
NONE = "none"


class RegistryType(Enum):
    """What speaks there: Harbor's adapters, the same from 2.13 to 2.15."""

    ALI_ACR = "ali-acr"
    AWS_ECR = "aws-ecr"
    AZURE_ACR = "azure-acr"
    DOCKER_HUB = "docker-hub"
    DOCKER_REGISTRY = "docker-registry"
    DTR = "dtr"
    GITHUB_GHCR = "github-ghcr"
    GITLAB = "gitlab"
    GOOGLE_GCR = "google-gcr"
    HARBOR = "harbor"
    HUAWEI_SWR = "huawei-SWR"
    JFROG_ARTIFACTORY = "jfrog-artifactory"
    QUAY = "quay"
    TENCENT_TCR = "tencent-tcr"
    VOLCENGINE_CR = "volcengine-cr"


class CredentialType(Enum):
    """How the credential is sent."""

    BASIC = "basic"
    OAUTH = "oauth"


# Their adapters count as unhealthy whatever has no credential (2.13 to 2.15).
_NEVER_ANONYMOUS = frozenset({RegistryType.GOOGLE_GCR, RegistryType.TENCENT_TCR})

REGISTRY_TYPE = words("registry type", RegistryType)
CREDENTIAL_TYPE = words("credential type", CredentialType)


# ---- values --------------------------------------------------------------------------


def check_name(name: str) -> str | None:
    """Harbor 2.13 to 2.15: 1 to 64 bytes."""
    if not 0 < len(name.encode()) <= _MAX_NAME:
        return f"a registry's name has 1 to {_MAX_NAME} bytes"
    return None


def _read_registry_name(raw: object) -> str:
    name = read_text(raw)
    if problem := check_name(name):
        raise ValueError(problem)
    return name


REGISTRY_NAME = ValueType(
    "registry", _read_registry_name, lambda name: name, {"type": ["string", "number", "boolean"]}
)
RegistryName = Annotated[str, REGISTRY_NAME]


_BASE = url_type(_MAX_URL, base=True)


def _read_url(raw: object) -> str:
    """As Harbor stores it (2.13 to 2.15): without a slash at the end, and decoded."""
    url: str = _BASE.read(raw)
    if "%" in url:
        message = f"Harbor decodes `%` in a registry's URL, and then finds another: `{url}`"
        raise ValueError(message)
    return url


URL = ValueType("URL", _read_url, str, _BASE.schema)


def _read_username(raw: object) -> str:
    text = read_text(raw)
    if len(text) > _MAX_USERNAME:
        message = f"a registry's user name has at most {_MAX_USERNAME} characters"
        raise ValueError(message)
    return text


USERNAME = ValueType("user name", _read_username, str, {"type": ["string", "number", "boolean"]})

_PEM = re.compile(r"-----BEGIN CERTIFICATE-----\n(.+?)\n-----END CERTIFICATE-----", re.DOTALL)
_DER_SEQUENCE = 0x30


def _lines(text: object) -> str:
    """A certificate in one spelling of its line ends."""
    return str(text).replace("\r\n", "\n").replace("\r", "\n").strip()


def _read_certificate(raw: object) -> str:
    text = _lines(read_text(raw))
    found = [_decoded(block) for block in _PEM.findall(text)]
    if text and (not found or any(der[:1] != bytes([_DER_SEQUENCE]) for der in found)):
        message = "expected certificates in PEM: -----BEGIN CERTIFICATE----- and so on"
        raise ValueError(message)
    return text


def _decoded(block: str) -> bytes:
    try:
        return base64.b64decode("".join(block.split()), validate=True)
    except binascii.Error:
        return b""


CERTIFICATE = ValueType("certificate", _read_certificate, str, {"type": "string"})


# ---- the fields ----------------------------------------------------------------------


class Credential(Section):
    """Who Harbor is there. `none` alone is short for nobody."""

    username: Annotated[str, USERNAME] = field(
        "credential.access_key",
        default="",
        doc="The user name or access key; empty is nobody.",
    )
    password: SecretReference = field(
        "credential.access_secret",
        write_only=True,
        doc="Where the password, token or secret key lives. Harbor never tells it: it is sent"
        " when the registry is made, and again when its URL, user name or credential type changes.",
    )
    type: Annotated[CredentialType, CREDENTIAL_TYPE] = field(
        "credential.type",
        codec=word_codec({one: one.value for one in CredentialType}),
        default=CredentialType.BASIC,
        doc="How the credential is sent.",
    )

    @classmethod
    def expand(cls, node: Node) -> Node:
        """`none` is `{username: ""}`."""
        if not (isinstance(node, Scalar) and node.text == NONE):
            return node
        at = node.position
        return Map({"username": Entry(Scalar("", plain=False, position=at), at)}, at)

    @classmethod
    def collapse(cls, written: Mapping[str, Any]) -> Any:
        """Nobody has neither password nor type."""
        return NONE if written.get("username") == "" else written

    @classmethod
    def short_schema(cls) -> Mapping[str, Any]:
        """The word."""
        return {"const": NONE}


class RegistryFields(Section):
    """One registry."""

    type: Annotated[RegistryType, REGISTRY_TYPE] = field(
        "type",
        codec=word_codec({one: one.value for one in RegistryType}),
        required=True,
        doc="What kind of registry it is. Fixed when it is made.",
    )
    url: Annotated[str, URL] = field(
        "url", required=True, doc="Where it is. Harbor tries it before it stores any change."
    )
    credential: Credential = section(doc="Who Harbor is there, or `none`.")
    insecure: Flag = field(
        "insecure", default=False, doc="Do not verify the registry's certificate."
    )
    ca_certificate: Annotated[str, CERTIFICATE] = field(
        "ca_certificate",
        codec=Codec(lambda text: text, _lines),
        default="",
        since="2.15",
        doc="Certificates (PEM) that its certificate is verified with, instead of the system's.",
    )
    description: Text = field("description", default="", doc="What the registry is.")
    previously: Text = former_name()


_USERNAME, _PASSWORD, _TYPE = "credential.username", "credential.password", "credential.type"
# Whatever moves the credential elsewhere, or is of no use without it.
_SENT_WITH_PASSWORD = frozenset({"url", _USERNAME, _TYPE})
# PUT takes the credential flat.
_FLAT = {"type": "credential_type", "access_key": "access_key", "access_secret": "access_secret"}


class Registry(Kind):
    """A registry elsewhere."""

    name = "registry"
    doc = "A registry elsewhere, for replication and proxy caches."
    model = RegistryFields
    untold = (_PASSWORD,)
    in_system: ClassVar[tuple[At, ...]] = (At(("registries",)),)

    def check_name(self, name: str) -> str | None:
        """Harbor 2.13 to 2.15: 1 to 64 bytes."""
        return check_name(name)

    def check(self, desired: Desired) -> Iterable[tuple[str, str]]:
        """A password without a user is dropped by Harbor without a word."""
        fields = desired.fields
        if fields.get(_USERNAME) == "":
            if _PASSWORD in fields:
                yield _PASSWORD, "Harbor drops a password that has no `username`"
            if (kind := fields.get("type")) in _NEVER_ANONYMOUS:
                yield _USERNAME, f"Harbor refuses {kind.value} without a credential"

    def missing(self, fields: Mapping[str, Any]) -> Sequence[str]:
        """A credential is whole or not there."""
        found = [*super().missing(fields)]
        if fields.get(_USERNAME) and _PASSWORD not in fields:
            found.append(f"`{_PASSWORD}`")
        needs_user = _PASSWORD in fields or fields.get("type") in _NEVER_ANONYMOUS
        if needs_user and _USERNAME not in fields:
            found.append(f"`{_USERNAME}`")
        return found

    def has_secret(self, live: Live) -> bool:
        """Where Harbor is somebody."""
        return bool(live.fields[_USERNAME])

    async def read(self, bench: Workbench, place: Place) -> Sequence[Live]:
        """GET /registries. Harbor tries each of them every few minutes."""
        del place
        return [_live(reply) for reply in await _registries(bench)]

    async def observe(
        self, bench: Workbench, desired: Desired, live: Live | None
    ) -> Mapping[str, Comparison]:
        """The type cannot change; the password goes along with what it belongs to."""
        found: dict[str, Comparison] = {}
        kind = desired.fields.get("type")
        if live is not None and kind is not None and kind != live.fields["type"]:
            reason = "a registry's type is fixed when it is made: give the new one another name"
            found["type"] = Comparison(Verdict.BLOCKED, reason)
        reference = desired.fields.get(_PASSWORD)
        if reference is None:
            if live is not None and not live.fields[_USERNAME] and desired.fields.get(_USERNAME):
                reason = f"Harbor has no password for it: write `{_PASSWORD}` too"
                found[_USERNAME] = Comparison(Verdict.BLOCKED, reason)
            return found
        if await bench.stores.peek(reference) is None:
            found[_PASSWORD] = Comparison(Verdict.BLOCKED, f"{reference} is empty")
        elif live is not None:
            moved = any(
                desired.fields[path] != live.fields[path]
                for path in _SENT_WITH_PASSWORD & desired.fields.keys()
            )
            found[_PASSWORD] = (
                Comparison(Verdict.DIFFERENT, "Harbor never tells it: sent along")
                if moved
                else Comparison(Verdict.UNKNOWN, await _pinged(bench, live))
            )
        return found

    async def create(self, bench: WriteBench, step: Step) -> None:
        """POST. Without a credential, be it empty, some adapters crash (2.13 to 2.15)."""
        assert step.desired is not None
        fields = step.desired.fields
        body = {
            "name": step.address.name,
            "credential": {},
            **await _body(bench, fields, fields.keys()),
        }
        with _explained(fields["url"]):
            await bench.api.post("/registries", body)

    async def update(self, bench: WriteBench, step: Step) -> None:
        """PUT changes what it names.

        Without a user name Harbor would try the old password alone, so that goes too.
        """
        assert step.desired is not None
        assert step.live is not None
        body = await _body(bench, step.desired.fields, step.changed)
        credential = body.pop("credential", {})
        if credential.get("access_key") == "":
            credential["access_secret"] = ""
        body |= {_FLAT[key]: value for key, value in credential.items()} | new_name(step)
        with _explained(step.desired.fields.get("url", step.live.fields["url"])):
            await bench.api.put(f"/registries/{step.live.raw['id']}", body)

    def risks(self, desired: Desired | None, live: Live, changed: frozenset[str]) -> Iterable[Risk]:
        """Talking to it without knowing who it is, or so that everybody can listen."""
        if desired is None or desired.absent:
            return
        if "insecure" in changed and desired.fields["insecure"]:
            yield Risk("security", "its certificate would not be verified")
        was_secret = str(live.fields["url"]).startswith("https:")
        if "url" in changed and was_secret and not desired.fields["url"].startswith("https:"):
            yield Risk("security", "it would be talked to without encryption")

    async def delete(self, bench: WriteBench, step: Step) -> None:
        """Harbor answers 412 while a replication or a proxy cache uses it, and names its number."""
        assert step.live is not None
        number = int(step.live.raw["id"])
        try:
            await bench.api.delete(f"/registries/{number}")
        except ConflictError as error:
            message = f"it is used by {', '.join(await _users(bench, number))}"
            raise ConflictError(
                message,
                status=error.status,
                method=error.method,
                path=error.path,
                advice="change or delete those first, then run again",
            ) from error


async def _pinged(bench: Workbench, live: Live) -> str:
    """What can be said of a password that Harbor never tells; asked for, of the one it has."""
    if not bench.verify_secrets:
        return "Harbor never tells it"
    match await bench.api.pings(int(live.raw["id"])):
        case True:
            return "Harbor never tells it; the one it has works there"
        case False:
            return (
                "Harbor never tells it; with the one it has it is refused there, or cannot"
                " reach it: --refresh-secrets sends yours"
            )
        case None:
            return "Harbor never tells it, nor whether it works there"


def _live(reply: Mapping[str, Any]) -> Live:
    note = (
        "Harbor cannot reach it, or is refused there" if reply.get("status") == "unhealthy" else ""
    )
    return Live(
        Address("registry", str(reply["name"])), from_reply(RegistryFields, reply), reply, note
    )


async def _body(
    bench: WriteBench, fields: Mapping[str, Any], chosen: Iterable[str]
) -> dict[str, Any]:
    """The request body that says the chosen fields, the password revealed."""
    plain = {path: fields[path] for path in chosen}
    if _PASSWORD in plain:
        password = await bench.stores.peek(plain[_PASSWORD])
        if password is None:
            message = f"{plain[_PASSWORD]} became empty while harborconf ran"
            raise RefusedError(message, advice="put the password there, then run again")
        plain[_PASSWORD] = password.reveal()
    return payload(RegistryFields, plain)


@contextmanager
def _explained(url: str) -> Iterator[None]:
    """Say what Harbor's words leave open: it logs in at the registry before it stores anything.

    Most adapters then answer 400 "the registry is unhealthy"; some, Harbor's own among them,
    500 (2.13 to 2.15).
    """
    advice = "check url, credential and certificate, as Harbor sees them; then run again"
    try:
        yield
    except InvalidError as error:
        if "unhealthy" not in error.message:
            raise
        message = f"{error.message}: Harbor cannot reach {url}, or is refused there"
        raise InvalidError(
            message, status=error.status, method=error.method, path=error.path, advice=advice
        ) from error
    except ServerError as error:
        message = f"{error.message}: perhaps Harbor cannot reach {url}, or is refused there"
        raise ServerError(
            message, status=error.status, method=error.method, path=error.path, advice=advice
        ) from error


async def _users(bench: Workbench, number: int) -> Sequence[str]:
    """What uses a registry, by address."""
    policies = await bench.api.get("/replication/policies", {"page_size": 100})
    projects = await bench.api.get("/projects", {"page_size": 100})
    found = [
        Address("replication", str(policy["name"]))
        for policy in policies
        if number in (policy["src_registry"]["id"], policy["dest_registry"]["id"])
    ]
    found += [
        Address("project", str(project["name"]))
        for project in projects
        if project.get("registry_id") == number
    ]
    return sorted(map(str, found))


# ---- for the kinds that name registries -----------------------------------------------


async def _registries(bench: Workbench) -> Sequence[Mapping[str, Any]]:
    replies: Sequence[Mapping[str, Any]] = await bench.api.get("/registries", {"page_size": 100})
    return replies


async def registry_names(bench: Workbench) -> Mapping[int, str]:
    """The names of registries by Harbor's numbers; none for who may not list them."""
    try:
        replies = await _registries(bench)
    except NotPermittedError:
        return {}
    return {int(reply["id"]): str(reply["name"]) for reply in replies}


async def registry_number(bench: Workbench, name: str) -> int:
    """Harbor's number of a registry.

    Raises:
        RefusedError: there is none of that name.
    """
    for reply in await _registries(bench):
        if reply["name"] == name:
            return int(reply["id"])
    message = f"Harbor has no registry `{name}`"
    raise RefusedError(message, advice="make it first, then run again")
