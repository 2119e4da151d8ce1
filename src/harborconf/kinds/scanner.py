"""Scanners that look into images for vulnerabilities, and which one does where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import Annotated, Any, ClassVar

from harborconf.errors import NotFoundError, NotPermittedError, RefusedError
from harborconf.kinds.base import At, Section, field, from_reply, payload, word_codec
from harborconf.kinds.resource import (
    Comparison,
    Desired,
    Live,
    Place,
    Server,
    Step,
    Verdict,
    Workbench,
    WriteBench,
)
from harborconf.kinds.services import Service, compare_credentials, explained, tells_credentials
from harborconf.kinds.standing import Standing
from harborconf.spec.address import Address
from harborconf.spec.nodes import Entry, Map, Node, Scalar
from harborconf.spec.reference import SecretReference
from harborconf.spec.secret import Secret
from harborconf.spec.url import url_type
from harborconf.spec.value import SCALAR_SCHEMA, Flag, ValueType, read_text, text_type, words

OWN = "Trivy"
"""Harbor's own scanner, which the installation registers and nobody can change."""
INHERIT = "inherit"
_MAX_NAME, _MAX_DESCRIPTION, _MAX_URL = 128, 1024, 512
# What fits into 512 characters; who does not tell the credential keeps it encrypted.
_MAX_CREDENTIAL, _MAX_ENCRYPTED = 512, 362


class Auth(Enum):
    """How Harbor says who it is."""

    NONE = "none"
    BASIC = "basic"
    BEARER = "bearer"
    API_KEY = "api_key"


_AUTH = {Auth.NONE: "", Auth.BASIC: "Basic", Auth.BEARER: "Bearer", Auth.API_KEY: "APIKey"}


class ScannerFields(Section):
    """One scanner."""

    url: Annotated[str, url_type(_MAX_URL, base=True)] = field(
        "url", default="", required=True, doc="Where its adapter answers, as Harbor reaches it."
    )
    description: Annotated[str, text_type(_MAX_DESCRIPTION)] = field(
        "description", default="", doc="What the scanner is for."
    )
    auth: Annotated[Auth, words("auth", Auth)] = field(
        "auth",
        codec=word_codec(_AUTH),
        default=Auth.NONE,
        doc="How Harbor says who it is: none, basic, bearer, or api_key (a header).",
    )
    credential: SecretReference = field(
        "access_credential",
        write_only=True,
        doc="Where what it then says lives: `user:password` for basic, else the token or key."
        " Harbor 2.14.4, 2.15.1 and later never tell it.",
    )
    insecure: Flag = field("skip_certVerify", default=False, doc="Do not verify its certificate.")
    internal_address: Flag = field(
        "use_internal_addr",
        default=False,
        doc="Whether it pulls images from Harbor's internal address.",
    )
    disabled: Flag = field("disabled", default=False, doc="Whether nobody can choose it.")


class Scanner(Service):
    """A scanner that somebody registered. Harbor's own is left to the installation."""

    name = "scanner"
    doc = "A scanner that looks into images for vulnerabilities."
    model = ScannerFields
    auth = Auth
    in_system: ClassVar[tuple[At, ...]] = (At(("scanners",)),)
    can_prune = True

    def check_name(self, name: str) -> str | None:
        """Harbor 2.13 to 2.15."""
        if name == OWN:
            return f"`{OWN}` is Harbor's own scanner, which cannot be changed"
        if len(name) > _MAX_NAME:
            return f"a scanner's name has at most {_MAX_NAME} characters"
        return None

    def references(self, address: Address, fields: Mapping[str, Any]) -> Sequence[Address]:
        """Harbor does not disable its default scanner: another one is made the default first."""
        del address
        return [Address(DefaultScanner.name)] if fields.get("disabled") else []

    async def read(self, bench: Workbench, place: Place) -> Sequence[Live]:
        """GET /scanners, for system administrators."""
        del place
        return [_live(reply) for reply in await _registrations(bench) if reply["name"] != OWN]

    async def observe(
        self, bench: Workbench, desired: Desired, live: Live | None
    ) -> Mapping[str, Comparison]:
        """Compare the credential where this Harbor tells it."""
        reference = desired.fields.get("credential")
        if reference is None:
            return {}
        secret = await bench.stores.peek(reference)
        if secret is None:
            return {"credential": Comparison(Verdict.BLOCKED, f"{reference} is empty")}
        auth = desired.fields["auth"]
        if problem := _problem(secret, auth, bench.server):
            return {"credential": Comparison(Verdict.BLOCKED, problem)}
        if live is None:
            return {}
        comparison = compare_credentials(
            bench.server,
            same=live.fields.get("credential") == secret,
            same_auth=auth is live.fields["auth"],
        )
        return {"credential": comparison}

    async def create(self, bench: WriteBench, step: Step) -> None:
        """POST. Harbor asks the scanner for its metadata first."""
        assert step.desired is not None
        with explained(_SILENT):
            await bench.api.post("/scanners", await _body(bench, step, step.desired.fields))

    async def update(self, bench: WriteBench, step: Step) -> None:
        """PUT replaces the registration, so what is live is sent back with what changes."""
        assert step.desired is not None
        assert step.live is not None
        raw, wanted = step.live.raw, {**step.live.fields, **step.desired.fields}
        if not step.changed & {"credential", "auth", "url"}:
            wanted["credential"] = step.live.fields.get("credential")
        if wanted["auth"] is Auth.NONE:
            wanted["credential"] = None
        body = await _body(bench, step, wanted)
        with explained(_STILL_DEFAULT if step.changed & {"disabled"} else ""):
            await bench.api.put(f"/scanners/{raw['uuid']}", body)

    async def delete(self, bench: WriteBench, step: Step) -> None:
        """DELETE; projects that chose it use the default one."""
        assert step.live is not None
        await bench.api.delete(f"/scanners/{step.live.raw['uuid']}")


_SILENT = "Harbor asks a new scanner for its metadata, and this one does not answer as one"
_STILL_DEFAULT = "Harbor does not disable its default scanner: see `system.default_scanner`"


async def _registrations(bench: Workbench) -> Sequence[Mapping[str, Any]]:
    found: Sequence[Mapping[str, Any]] = await bench.api.get("/scanners", {"page_size": 100})
    return found


def _problem(secret: Secret, auth: Auth, server: Server) -> str:
    """Why Harbor would not take it, or nothing."""
    most = _MAX_CREDENTIAL if tells_credentials(server) else _MAX_ENCRYPTED
    if len(secret.reveal()) > most:
        return f"Harbor keeps at most {most} characters of it"
    if auth is Auth.BASIC and ":" not in secret.reveal():
        return "for basic authentication it must be `user:password`"
    return ""


def _live(reply: Mapping[str, Any]) -> Live:
    fields = from_reply(ScannerFields, reply)
    if told := reply.get("access_credential"):
        fields["credential"] = Secret(str(told))
    return Live(Address(Scanner.name, str(reply["name"])), fields, reply)


async def _body(bench: WriteBench, step: Step, fields: Mapping[str, Any]) -> dict[str, Any]:
    """What Harbor is sent; the credential is where it lives, or what Harbor told."""
    plain = dict(fields)
    credential = plain.pop("credential", None)
    body = {"name": step.address.name, **payload(ScannerFields, plain)}
    if credential is not None and not isinstance(credential, Secret):
        credential = await bench.stores.peek(credential)
        assert credential is not None
    return body | ({"access_credential": credential.reveal()} if credential else {})


# ---- which one -----------------------------------------------------------------------


def _read_name(raw: object) -> str:
    text = read_text(raw)
    if not text:
        message = "expected the name of a scanner"
        raise ValueError(message)
    return text


_NAME = ValueType("scanner", _read_name, str, SCALAR_SCHEMA)


class ChosenScanner(Section):
    """A scanner, by name alone."""

    @classmethod
    def expand(cls, node: Node) -> Node:
        """`Trivy` is `{name: Trivy}`."""
        if isinstance(node, Scalar):
            return Map({"name": Entry(node, node.position)}, node.position)
        return node

    @classmethod
    def collapse(cls, written: Mapping[str, Any]) -> Any:
        """Just the name."""
        return written.get("name", written)

    @classmethod
    def short_schema(cls) -> Mapping[str, Any]:
        """A name."""
        return SCALAR_SCHEMA


class DefaultScannerFields(ChosenScanner):
    """The scanner of all projects that have chosen none."""

    name: Annotated[str, _NAME] = field(
        "name", default="", doc="The scanner of all projects that have chosen none, by name."
    )


class ProjectScannerFields(ChosenScanner):
    """The scanner of one project."""

    name: Annotated[str, _NAME] = field(
        "projectScanner",
        default=INHERIT,
        doc="The scanner of this project, by name; `inherit` for the default one.",
    )


class _Choice(Standing):
    """One scanner of those that there are."""

    depends_on = ("scanner",)

    def mentions(self, fields: Mapping[str, Any]) -> Mapping[str, Address]:
        """The scanner must be there. Harbor's own is looked for when it is observed."""
        name = fields.get("name") or OWN
        return {} if name in (OWN, INHERIT) else {"name": Address(Scanner.name, name)}


class DefaultScanner(_Choice):
    """Which scanner projects use that have chosen none. The first that is registered is it."""

    name = "default_scanner"
    doc = "The scanner of all projects that have chosen none."
    model = DefaultScannerFields
    in_system: ClassVar[tuple[At, ...]] = (At(("system", "default_scanner")),)

    async def read(self, bench: Workbench, place: Place) -> Sequence[Live]:
        """GET /scanners. There is none only where no scanner is."""
        del place
        found = [one for one in await _registrations(bench) if one["is_default"]]
        name = str(found[0]["name"]) if found else ""
        return [Live(Address(self.name), {"name": name}, found[0] if found else {})]

    async def observe(
        self, bench: Workbench, desired: Desired, live: Live | None
    ) -> Mapping[str, Comparison]:
        """Harbor's own scanner is there only where it was installed."""
        del live
        known = {str(one["name"]) for one in await _registrations(bench)}
        return _not_installed(desired, known)

    async def update(self, bench: WriteBench, step: Step) -> None:
        """PATCH /scanners/{id}; it ends what was the default before."""
        assert step.desired is not None
        name = step.desired.fields["name"]
        uuid = _number_of(name, await _registrations(bench))
        try:
            await bench.api.patch(f"/scanners/{uuid}", {"is_default": True})
        except NotFoundError as error:
            error.advice = "Harbor makes no scanner the default that is disabled"
            raise


class ProjectScanner(_Choice):
    """Which scanner a project uses."""

    name = "project_scanner"
    doc = "The scanner of the project, by name; `inherit` for the default one."
    model = ProjectScannerFields
    in_project: ClassVar[tuple[At, ...]] = (At(("scanning", "scanner")),)
    permission = "scanner:create"

    async def read(self, bench: Workbench, place: Place) -> Sequence[Live]:
        """GET /projects/{id}/metadatas/projectScanner, which holds a number or nothing.

        Of a scanner that was deleted the number stays; Harbor then uses the default one (2.13
        to 2.15). GET /projects/{id}/scanner tells that apart from none only by its ping.
        """
        address = Address(self.name, None, place.project)
        reply = await bench.api.get(f"/projects/{place.project_id}/metadatas/{_METADATA}")
        uuid = reply.get(_METADATA)
        if not uuid:
            return [Live(address, {"name": INHERIT}, reply)]
        for one in await _candidates(bench, place.project_id):
            if one["uuid"] == uuid:
                return [Live(address, {"name": str(one["name"])}, reply)]
        note = "the scanner it chose was deleted; Harbor uses the default one"
        return [Live(address, {"name": INHERIT}, reply, note)]

    async def observe(
        self, bench: Workbench, desired: Desired, live: Live | None
    ) -> Mapping[str, Comparison]:
        """Harbor's own scanner is there only where it was installed."""
        if desired.fields["name"] != OWN or (live and live.fields["name"] == OWN):
            return {}
        try:
            known = {str(one["name"]) for one in await _registrations(bench)}
        except NotPermittedError:
            return {}
        return _not_installed(desired, known)

    def born(self, desired_project: Desired, bench: Workbench) -> Sequence[Live]:
        """A new project uses the default one."""
        del bench
        address = Address(self.name, None, desired_project.address.name)
        return [Live(address, {"name": INHERIT})]

    async def update(self, bench: WriteBench, step: Step) -> None:
        """PUT the scanner's number; Harbor takes any. To inherit, the number is taken away."""
        assert step.desired is not None
        name = step.desired.fields["name"]
        project = await bench.project_id(str(step.address.project))
        if name == INHERIT:
            await bench.api.delete(f"/projects/{project}/metadatas/{_METADATA}")
        else:
            uuid = _number_of(name, await _candidates(bench, project))
            await bench.api.put(f"/projects/{project}/scanner", {"uuid": uuid})


_METADATA = "projectScanner"


async def _candidates(bench: Workbench, project: int) -> Sequence[Mapping[str, Any]]:
    """All scanners, also for a project's administrator."""
    try:
        return await _registrations(bench)
    except NotPermittedError:
        path = f"/projects/{project}/scanner/candidates"
        found: Sequence[Mapping[str, Any]] = await bench.api.get(path, {"page_size": 100})
        return found


def _not_installed(desired: Desired, known: Iterable[str]) -> Mapping[str, Comparison]:
    if desired.fields["name"] == OWN and OWN not in known:
        reason = f"this Harbor was installed without {OWN}"
        return {"name": Comparison(Verdict.BLOCKED, reason)}
    return {}


def _number_of(name: str, registrations: Iterable[Mapping[str, Any]]) -> str:
    for one in registrations:
        if one["name"] == name:
            return str(one["uuid"])
    message = f"Harbor has no scanner `{name}`"
    raise RefusedError(message, advice="register it under `scanners`, or correct the name")
