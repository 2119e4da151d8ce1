"""Servers of a peer-to-peer network that images are sent to ahead of their use."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Annotated, Any, ClassVar

from harborconf.kinds.base import At, Codec, Section, field, from_reply, payload, word_codec
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
from harborconf.kinds.services import Service, compare_credentials, explained
from harborconf.spec.address import Address
from harborconf.spec.reference import SecretReference
from harborconf.spec.secret import Secret
from harborconf.spec.url import url_type, without_user
from harborconf.spec.value import Flag, shown, text_type, words

_NAME = re.compile(r"[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*")
_MAX_NAME, _MAX_DESCRIPTION, _MAX_URL = 255, 255, 255


def check_name(name: str, what: str) -> str | None:
    """What is wrong with the name of an instance or a preheat policy (Harbor 2.13 to 2.15)."""
    if len(name) <= _MAX_NAME and _NAME.fullmatch(name):
        return None
    return (
        f"{shown(name)} is no name of {what}: letters and digits, with single `.`, `_` or `-`"
        f" between, at most {_MAX_NAME} characters"
    )


class Vendor(Enum):
    """What runs there: Harbor's drivers, GET /p2p/preheat/providers (2.13 to 2.15)."""

    DRAGONFLY = "dragonfly"
    KRAKEN = "kraken"


class Auth(Enum):
    """How Harbor says who it is."""

    NONE = "none"
    BASIC = "basic"
    OAUTH = "oauth"
    CUSTOM = "custom"


class PreheatInstanceFields(Section):
    """One instance."""

    vendor: Annotated[Vendor, words("vendor", Vendor)] = field(
        "vendor",
        codec=word_codec({vendor: vendor.value for vendor in Vendor}),
        default="",
        required=True,
        doc="What runs there: dragonfly or kraken. It can never change.",
    )
    url: Annotated[str, url_type(_MAX_URL)] = field(
        "endpoint",
        codec=Codec(str, without_user),
        default="",
        required=True,
        doc="Where it answers, as Harbor reaches it.",
    )
    description: Annotated[str, text_type(_MAX_DESCRIPTION)] = field(
        "description", default="", doc="What the instance is for."
    )
    auth: Annotated[Auth, words("auth", Auth)] = field(
        "auth_mode",
        codec=word_codec({auth: auth.value.upper() for auth in Auth}),
        default="",
        doc="How Harbor says who it is: none, basic, oauth, or custom (a header).",
    )
    credential: SecretReference = field(
        "auth_info",
        write_only=True,
        doc="Where what it then says lives: `user:password` for basic, a token for oauth,"
        " `Header: value` for custom. Harbor 2.14.4, 2.15.1 and later never tell it.",
    )
    enabled: Flag = field(
        "enabled", doc="Whether it is used. A new one is, unless this says false."
    )
    default: Flag = field(
        "default",
        default=False,
        doc="Whether new policies are offered it first. At most one instance is.",
    )
    insecure: Flag = field("insecure", default=False, doc="Do not verify its certificate.")


class PreheatInstance(Service):
    """A server that images are sent to ahead of their use."""

    name = "preheat_instance"
    doc = "A server of a peer-to-peer network that images are sent to ahead of their use."
    model = PreheatInstanceFields
    auth = Auth
    in_system: ClassVar[tuple[At, ...]] = (At(("preheat_instances",)),)
    outlives = ("project",)
    can_prune = True

    def check_name(self, name: str) -> str | None:
        """Harbor 2.13 to 2.15 answers 500 to all others."""
        return check_name(name, "an instance")

    def must_be_unused(self, fields: Mapping[str, Any]) -> bool:
        """PUT of one that is disabled gets 412 while a policy uses it (2.13 to 2.15)."""
        return fields.get("enabled") is False

    async def read(self, bench: Workbench, place: Place) -> Sequence[Live]:
        """GET /p2p/preheat/instances, for system administrators; it has no order by itself."""
        del place
        replies = await bench.api.get(_PATH, {"page_size": 100, "sort": "id"})
        return [_live(reply) for reply in replies]

    async def observe(
        self, bench: Workbench, desired: Desired, live: Live | None
    ) -> Mapping[str, Comparison]:
        """A vendor is for life; the credential is compared where this Harbor tells it."""
        found = {}
        vendor = desired.fields.get("vendor")
        if live is not None and vendor not in (None, live.fields["vendor"]):
            found["vendor"] = Comparison(Verdict.BLOCKED, _FOR_LIFE)
        reference = desired.fields.get("credential")
        if reference is None:
            return found
        secret = await bench.stores.peek(reference)
        if secret is None:
            found["credential"] = Comparison(Verdict.BLOCKED, f"{reference} is empty")
            return found
        auth = desired.fields["auth"]
        info = _info(secret, auth)
        if not info:
            reason = f"for {auth.value} authentication it must be {_SHAPES[auth]}"
            found["credential"] = Comparison(Verdict.BLOCKED, reason)
        elif live is not None:
            found["credential"] = compare_credentials(
                bench.server,
                same=live.fields.get("credential") == _sealed(info),
                same_auth=auth is live.fields["auth"],
            )
        return found

    async def create(self, bench: WriteBench, step: Step) -> None:
        """POST, which leaves the default of others alone, so that it is put afterwards.

        Harbor takes what does not answer, and refuses a second instance with one URL, unless
        both come at once (2.13 to 2.15): so they come one after another.
        """
        assert step.desired is not None
        fields = {"auth": Auth.NONE, "enabled": True, **step.desired.fields}
        body = {"name": step.address.name, **await _body(bench, {**fields, "default": False})}
        async with bench.turns[self.name]:
            with explained("Harbor takes no two instances with one URL"):
                await bench.api.post(_PATH, body)
        if fields.get("default"):
            await _put(bench, str(step.address.name), {"default": True})

    async def update(self, bench: WriteBench, step: Step) -> None:
        """PUT replaces the instance, so what is live is sent back with what changes."""
        assert step.desired is not None
        fields = {path: step.desired.fields[path] for path in step.changed}
        if step.changed & {"auth", "url"} and "credential" in step.desired.fields:
            fields["credential"] = step.desired.fields["credential"]
        changed = await _body(bench, {"auth": step.desired.fields.get("auth"), **fields})
        await _put(bench, str(step.address.name), changed)

    async def delete(self, bench: WriteBench, step: Step) -> None:
        """DELETE. Harbor answers 412 while a policy uses it."""
        await bench.api.delete(f"{_PATH}/{step.address.name}")


_PATH = "/p2p/preheat/instances"
_FOR_LIFE = "Harbor never changes a vendor: delete the instance, then make it anew"
_SHAPES = {
    Auth.BASIC: "`user:password`",
    Auth.OAUTH: "a token",
    Auth.CUSTOM: "`Header: value`",
}


def _info(secret: Secret, auth: Auth) -> dict[str, str]:
    """What Harbor keeps of a credential, or nothing where it has not the shape for this.

    For basic and custom Harbor takes the one key for the user or the header, and its value for
    the password or the header's (2.13 to 2.15, whatever its API description says).
    """
    if auth is Auth.OAUTH:
        return {"token": secret.reveal()}
    name, mark, value = secret.reveal().partition(":")
    if not mark or not name:
        return {}
    return {name: value} if auth is Auth.BASIC else {name.strip(): value.strip()}


def _live(reply: Mapping[str, Any]) -> Live:
    fields = from_reply(PreheatInstanceFields, reply)
    if told := reply.get("auth_info"):
        fields["credential"] = _sealed(told)
    return Live(Address(PreheatInstance.name, str(reply["name"])), fields, reply)


def _sealed(info: Mapping[str, str]) -> Secret:
    """To be compared, and never to be seen."""
    return Secret(json.dumps(dict(info), sort_keys=True))


async def _body(bench: WriteBench, fields: Mapping[str, Any]) -> dict[str, Any]:
    """What these fields are to Harbor."""
    plain = {path: value for path, value in fields.items() if value is not None}
    reference = plain.pop("credential", None)
    body = payload(PreheatInstanceFields, plain)
    if reference is not None:
        secret = await bench.stores.peek(reference)
        assert secret is not None
        body["auth_info"] = _info(secret, plain["auth"])
    elif plain.get("auth") is Auth.NONE:
        body["auth_info"] = {}
    return body


async def _put(bench: WriteBench, name: str, changed: Mapping[str, Any]) -> None:
    """PUT what is live with what changes.

    One after another, each as it is by then: whatever is sent as the default takes that away
    from all others.
    """
    async with bench.turns[PreheatInstance.name]:
        live = await bench.api.get(f"{_PATH}/{name}")
        await bench.api.put(f"{_PATH}/{name}", {**live, **changed})
