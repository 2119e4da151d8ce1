"""Users of Harbor's own database."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, ClassVar

from harborconf.errors import NotPermittedError, RefusedError
from harborconf.kinds.api import Api
from harborconf.kinds.auth_mode import coming_mode
from harborconf.kinds.base import At, Kind, Section, field, from_reply, payload
from harborconf.kinds.credentials import is_strong, too_weak, try_secret
from harborconf.kinds.resource import (
    Comparison,
    Desired,
    Live,
    Place,
    Step,
    Verdict,
    Who,
    Workbench,
    WriteBench,
)
from harborconf.kinds.setting_values import AuthMode
from harborconf.spec.address import Address
from harborconf.spec.reference import Reference, SecretReference
from harborconf.spec.secret import Secret
from harborconf.spec.value import SCALAR_SCHEMA, Flag, ValueType, read_text, shown

_ILLEGAL = set(',"~#%$')
_MAX_NAME, _MAX_COMMENT = 255, 30
_EMAIL = re.compile(
    r"[^<>()\[\]\\.,;:\s@\"]+(\.[^<>()\[\]\\.,;:\s@\"]+)*@([a-zA-Z0-9-]+\.)+[a-zA-Z]{2,}"
)


def _read_email(raw: object) -> str:
    text = read_text(raw)
    if not _EMAIL.fullmatch(text):
        message = f"Harbor refuses {shown(text)} as an email address"
        raise ValueError(message)
    return text


def _read_real_name(raw: object) -> str:
    text = read_text(raw)
    if not text or len(text) > _MAX_NAME or _ILLEGAL & set(text):
        message = f'Harbor refuses {shown(text)} as a name: 1 to 255 characters without , " ~ # % $'
        raise ValueError(message)
    return text


def _read_comment(raw: object) -> str:
    text = read_text(raw)
    if len(text.encode()) > _MAX_COMMENT:
        message = f"a user's comment has at most {_MAX_COMMENT} bytes in Harbor"
        raise ValueError(message)
    return text


EMAIL = ValueType("email", _read_email, str, {"type": "string"})
REAL_NAME = ValueType("name", _read_real_name, str, SCALAR_SCHEMA)
COMMENT = ValueType("comment", _read_comment, str, SCALAR_SCHEMA)


class UserFields(Section):
    """One user."""

    email: Annotated[str, EMAIL] = field(
        "email", default="", required=True, doc="The user's address; unique in Harbor."
    )
    name: Annotated[str, REAL_NAME] = field(
        "realname", default="", doc="The user's real name; the user name where it is not written."
    )
    comment: Annotated[str, COMMENT] = field("comment", default="", doc="Anything, 30 bytes.")
    admin: Flag = field(
        "sysadmin_flag", default=False, doc="Whether the user administers the whole of Harbor."
    )
    password: SecretReference = field(
        "password",
        write_only=True,
        required=True,
        doc="Where the password lives. Needed to create the user; not written, it is not managed.",
    )


_PROFILE = ("email", "name", "comment")


class User(Kind):
    """A user of Harbor's own database."""

    name = "user"
    doc = "A user of Harbor's own database (authentication mode db_auth)."
    model = UserFields
    audited = frozenset({"create", "update", "delete"})
    in_system: ClassVar[tuple[At, ...]] = (At(("users",)),)

    def check_name(self, name: str) -> str | None:
        """Harbor 2.13 to 2.15: 1 to 255 characters, some refused."""
        if not name or len(name) > _MAX_NAME or _ILLEGAL & set(name):
            return f'{shown(name)} is no user name: 1 to 255 characters without , " ~ # % $'
        return None

    def check(self, desired: Desired) -> Iterable[tuple[str, str]]:
        """Harbor's own administrator is neither made, changed nor deleted here."""
        if desired.address.name == "admin":
            yield "", "Harbor's own `admin` is managed in Harbor, not here"

    async def read(self, bench: Workbench, place: Place) -> Sequence[Live]:
        """GET /users, for system administrators. Harbor's own `admin` is left out."""
        del place
        replies = await bench.api.get("/users", {"page_size": 100})
        return [
            Live(Address(self.name, str(reply["username"])), from_reply(UserFields, reply), reply)
            for reply in replies
            if reply["user_id"] != 1
        ]

    async def observe(
        self, bench: Workbench, desired: Desired, live: Live | None
    ) -> Mapping[str, Comparison]:
        """Try the password, once a run: a wrong one locks the user for 1.5 s.

        Only with the database's authentication does Harbor make users (2.13 to 2.15).
        """
        mode = "" if live or desired.absent else await coming_mode(bench)
        if mode not in ("", AuthMode.DB.value):
            reason = f"with {mode} Harbor makes no users of its own"
            return {"": Comparison(Verdict.BLOCKED, reason)}
        reference = desired.fields.get("password")
        if reference is None:
            return {}
        password = await bench.stores.peek(reference)
        if password is None:
            return {"password": Comparison(Verdict.BLOCKED, f"{reference} is empty")}
        if not is_strong(password):
            return {"password": too_weak(reference)}
        if live is None:
            return {}
        return {"password": await try_secret(bench, str(desired.address.name), password)}

    def locks_out(
        self, desired: Desired | None, live: Live, changed: frozenset[str], who: Who
    ) -> str:
        """Nobody deletes or demotes themselves, so that an administrator is always left."""
        del changed
        keeps = desired is not None and desired.fields.get("admin", True) and not desired.absent
        if live.address.name == who.username and not keeps:
            return "it is the user whose credential is in use"
        return ""

    async def create(self, bench: WriteBench, step: Step) -> None:
        """POST, then the administrator's flag, which POST does not take."""
        assert step.desired is not None
        fields = {"name": step.address.name, **step.desired.fields}
        body = payload(UserFields, {path: fields[path] for path in _PROFILE if path in fields})
        password = await bench.stores.peek(fields["password"])
        assert password is not None
        reply = await bench.api.post(
            "/users",
            {"username": step.address.name, **body, "password": password.reveal()},
        )
        if fields.get("admin"):
            number = reply.headers["Location"].rsplit("/", 1)[-1]
            await bench.api.put(f"/users/{number}/sysadmin", {"sysadmin_flag": True})

    async def update(self, bench: WriteBench, step: Step) -> None:
        """PUT the profile whole (an omitted field becomes empty), the flag, the password."""
        assert step.desired is not None
        assert step.live is not None
        path = f"/users/{step.live.raw['user_id']}"
        wanted: dict[str, Any] = {**step.live.fields, **step.desired.fields}
        if step.changed & set(_PROFILE):
            await bench.api.put(path, payload(UserFields, {key: wanted[key] for key in _PROFILE}))
        if "admin" in step.changed:
            await bench.api.put(f"{path}/sysadmin", {"sysadmin_flag": wanted["admin"]})
        if "password" in step.changed:
            password = await bench.stores.peek(wanted["password"])
            assert password is not None
            await bench.api.put(f"{path}/password", {"new_password": password.reveal()})

    async def delete(self, bench: WriteBench, step: Step) -> None:
        """DELETE /users/{id}."""
        assert step.live is not None
        await bench.api.delete(f"/users/{step.live.raw['user_id']}")


async def renew_password(api: Api, who: Who, old: Secret, new: Secret, place: Reference) -> None:
    """Give the user who asks a new password, and prove it with a login of its own.

    Harbor 2.13 to 2.15 wants the old one too, refuses the same one again, and keeps the session.

    Raises:
        RefusedError: nothing was sent: Harbor would not take it; or Harbor refuses it afterwards.
        HarborError: Harbor refuses to set it, or fails.
    """
    if new == old:
        message = f"{place} holds the password that is in use: Harbor refuses the same one again"
        raise RefusedError(message, advice="put another one there")
    if not is_strong(new):
        raise RefusedError(too_weak(place).reason, advice="put another one there")
    number = (await api.get("/users/current"))["user_id"]
    try:
        await api.put(
            f"/users/{number}/password",
            {"old_password": old.reveal(), "new_password": new.reveal()},
        )
    except NotPermittedError as error:
        error.advice = "only users of Harbor's own database, and admin, have a password to change"
        raise
    if await api.accepts(who.username, new) is not True:
        message = f"Harbor took the new password of {who.username}, and a login with it fails"
        raise RefusedError(message, advice=f"try both: HARBOR_PASSWORD, and what {place} holds")
