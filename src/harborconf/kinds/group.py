"""Groups of users that come from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, ClassVar

from harborconf.kinds.auth_mode import (
    GROUP_TYPE,
    GROUP_TYPES,
    GROUPS_OF,
    GroupType,
    coming_mode,
    current_mode,
    wrong_type,
)
from harborconf.kinds.base import At, Kind, Section, field, word_codec
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
from harborconf.spec.dn import canonical_dn, first_value, is_dn
from harborconf.spec.value import ValueType, read_text, shown

_LONGEST_NAME, _LONGEST_DN = 255, 512
TYPE_CODEC = word_codec(GROUP_TYPES)


def _read_name(raw: object) -> str:
    text = read_text(raw)
    if not text or len(text) > _LONGEST_NAME:
        message = f"a group's name has 1 to {_LONGEST_NAME} characters, got {shown(raw)}"
        raise ValueError(message)
    return text


NAME = ValueType("name", _read_name, str, {"type": ["string", "number", "boolean"]})


class GroupFields(Section):
    """One group."""

    type: Annotated[GroupType, GROUP_TYPE] = field(
        "group_type",
        codec=TYPE_CODEC,
        doc="Where the group comes from: ldap, http or oidc. The authentication mode implies it.",
    )
    name: Annotated[str, NAME] = field(
        "group_name",
        doc="What Harbor's pages call a group of LDAP, whose key is its DN; the DN's first value"
        " where it is not written. Other groups are called by their key.",
    )


class Group(Kind):
    """A group that Harbor knows before anybody of it logs in."""

    name = "group"
    doc = "A group of users that comes from LDAP, HTTP or OIDC."
    model = GroupFields
    in_system: ClassVar[tuple[At, ...]] = (At(("groups",)),)

    def check_name(self, name: str) -> str | None:
        """Harbor 2.13 to 2.15: 1 to 255 characters, a DN up to 512."""
        longest = _LONGEST_DN if is_dn(name) else _LONGEST_NAME
        if len(name) > longest:
            return f"a group's name has at most {longest} characters, here are {len(name)}"
        return None

    def canonical(self, name: str) -> str:
        """A DN is the same however it is written."""
        return canonical_group(name)

    def check(self, desired: Desired) -> Iterable[tuple[str, str]]:
        """Only groups of LDAP have a name beside their key, which is a DN."""
        is_key_dn = is_dn(str(desired.address.name))
        kind = desired.fields.get("type")
        if "name" in desired.fields and (not is_key_dn or kind not in (None, GroupType.LDAP)):
            yield "name", "only a group of LDAP, whose key is its DN, has a name beside its key"
        if kind is GroupType.LDAP and not is_key_dn:
            yield "type", "the key of a group of LDAP is its DN, like cn=devs,dc=example,dc=com"

    async def read(self, bench: Workbench, place: Place) -> Sequence[Live]:
        """GET /usergroups; with LDAP and HTTP it lists the groups of that type only."""
        del place
        replies = await bench.api.get("/usergroups", {"page_size": 100})
        return [_live(reply) for reply in replies]

    async def observe(
        self, bench: Workbench, desired: Desired, live: Live | None
    ) -> Mapping[str, Comparison]:
        """A group keeps its type for life, and a new one has that of the authentication mode."""
        if desired.absent:
            return {}
        wanted = desired.fields.get("type")
        if live is not None:
            reason = kept_type(wanted, live.fields["type"])
            return {"type": Comparison(Verdict.BLOCKED, reason)} if reason else {}
        mode = await coming_mode(bench)
        reason = wrong_type(wanted, mode)
        if GROUPS_OF.get(mode) is GroupType.LDAP and not is_dn(str(desired.address.name)):
            reason = "the key of a group of LDAP is its DN, like cn=devs,dc=example,dc=com"
        return {"": Comparison(Verdict.BLOCKED, reason)} if reason else {}

    async def create(self, bench: WriteBench, step: Step) -> None:
        """POST /usergroups. Of LDAP's, Harbor looks the DN up there."""
        assert step.desired is not None
        fields = step.desired.fields
        kind = fields.get("type") or GROUPS_OF[await current_mode(bench)]
        name = step.desired.spelled or str(step.address.name)
        body: dict[str, Any] = {"group_name": name, "group_type": GROUP_TYPES[kind]}
        if kind is GroupType.LDAP:
            dn = canonical_dn(name)
            body |= {"group_name": fields.get("name", first_value(name)), "ldap_group_dn": dn}
        await bench.api.post("/usergroups", body)

    async def update(self, bench: WriteBench, step: Step) -> None:
        """PUT the name; nothing else of a group changes."""
        assert step.desired is not None
        assert step.live is not None
        body = {"group_name": step.desired.fields["name"]}
        await bench.api.put(f"/usergroups/{step.live.raw['id']}", body)

    async def delete(self, bench: WriteBench, step: Step) -> None:
        """DELETE; its memberships go with it."""
        assert step.live is not None
        await bench.api.delete(f"/usergroups/{step.live.raw['id']}")


def canonical_group(name: str) -> str:
    """A group's name as it stands in addresses: a DN in one form, any other as it is."""
    return canonical_dn(name) if is_dn(name) else name


def group_key(reply: Mapping[str, Any]) -> str:
    """What a group is called here: LDAP's by their DN."""
    return str(reply.get("ldap_group_dn") or reply["group_name"])


def kept_type(wanted: GroupType | None, live: object) -> str:
    """Why a live group cannot get this type, or nothing."""
    if wanted is None or wanted == live:
        return ""
    named = live.value if isinstance(live, GroupType) else live
    return f"Harbor has this group with type {named}, and a group keeps its type for life"


def _live(reply: Mapping[str, Any]) -> Live:
    kind = TYPE_CODEC.from_api(reply.get("group_type", 0))
    fields: dict[str, Any] = {"type": kind}
    if kind is GroupType.LDAP:
        fields["name"] = str(reply["group_name"])
    key = group_key(reply)
    return Live(Address(Group.name, canonical_group(key)), fields, reply, spelled=key)
