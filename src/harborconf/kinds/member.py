"""Who works in a project: users and groups with a role."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Annotated, Any, ClassVar

from harborconf.errors import NotPermittedError
from harborconf.kinds.base import At, Kind, Section, field, word_codec
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
    one_of,
)
from harborconf.spec.address import Address
from harborconf.spec.nodes import Entry, Map, Node, Scalar
from harborconf.spec.value import words

USER, GROUP = "user:", "group:"


class Role(Enum):
    """What a member may do; Harbor's five."""

    ADMIN = "admin"
    MAINTAINER = "maintainer"
    DEVELOPER = "developer"
    GUEST = "guest"
    LIMITED_GUEST = "limited_guest"


_RANKS = list(Role)
_ROLES = {
    Role.ADMIN: 1,
    Role.DEVELOPER: 2,
    Role.GUEST: 3,
    Role.MAINTAINER: 4,
    Role.LIMITED_GUEST: 5,
}


class GroupType(Enum):
    """Where a group comes from."""

    LDAP = "ldap"
    HTTP = "http"
    OIDC = "oidc"


_GROUP_TYPES = {GroupType.LDAP: 1, GroupType.HTTP: 2, GroupType.OIDC: 3}
_IMPLIED_TYPES = {"ldap_auth": 1, "http_auth": 2, "oidc_auth": 3}

ROLE = words("role", Role)
GROUP_TYPE = words("group type", GroupType)


class MemberFields(Section):
    """One member. A role alone is short."""

    role: Annotated[Role, ROLE] = field(
        "role_id", codec=word_codec(_ROLES), required=True, doc="What the member may do."
    )
    type: Annotated[GroupType, GROUP_TYPE] = field(
        "group_type",
        codec=word_codec(_GROUP_TYPES),
        doc="Where a group comes from, where Harbor's authentication mode does not say it.",
    )

    @classmethod
    def expand(cls, node: Node) -> Node:
        """`developer` is `{role: developer}`."""
        if isinstance(node, Scalar):
            return Map({"role": Entry(node, node.position)}, node.position)
        return node

    @classmethod
    def collapse(cls, written: Mapping[str, Any]) -> Any:
        """Just the role, where nothing else is written."""
        return written["role"] if set(written) == {"role"} else written

    @classmethod
    def short_schema(cls) -> Mapping[str, Any]:
        """A role."""
        return dict(ROLE.schema)


class Member(Kind):
    """A user's or a group's membership of a project."""

    name = "member"
    doc = "A user or a group with a role in a project."
    model = MemberFields
    permission = "member"
    in_project: ClassVar[tuple[At, ...]] = (
        At(("members", "users"), USER),
        At(("members", "groups"), GROUP),
    )
    depends_on = ("user",)
    can_prune = True

    def check(self, desired: Desired) -> Sequence[tuple[str, str]]:
        """A user has no group type."""
        if "type" in desired.fields and str(desired.address.name).startswith(USER):
            return [("type", "a user has no `type`; it belongs to groups")]
        return []

    def references(self, address: Address, fields: Mapping[str, Any]) -> Sequence[Address]:
        """A user of the local database must exist before it can be a member."""
        del fields
        name = str(address.name)
        return [Address("user", name.removeprefix(USER))] if name.startswith(USER) else []

    async def read(self, bench: Workbench, place: Place) -> Sequence[Live]:
        """GET /projects/{id}/members; replies have neither a group's type nor its DN.

        A project's administrator may not list groups: their types are then not told. LDAP's are
        known by their DN, so that without the list no member can be told from another there.
        """
        replies = await bench.api.get(f"/projects/{place.project_id}/members", {"page_size": 100})
        groups: Mapping[int, Mapping[str, Any]] = {}
        if any(reply["entity_type"] == "g" for reply in replies):
            try:
                groups = await _groups(bench)
            except NotPermittedError:
                if bench.server.auth_mode == "ldap_auth":
                    raise
        return [_live(place, reply, groups) for reply in replies]

    def born(self, desired_project: Desired, bench: Workbench) -> Sequence[Live]:
        """Harbor makes the creator an administrator of the project.

        A system administrator needs no membership, so it is taken away again where users
        are managed and the creator is not one of them; anyone else keeps it. For a robot Harbor
        takes its first administrator, whoever that is.
        """
        if bench.who.is_robot:
            return []
        address = Address(self.name, USER + bench.who.username, desired_project.address.name)
        note = "Harbor makes the creator of a project its administrator"
        return [Live(address, {"role": Role.ADMIN}, note=note)]

    def grants(self, fields: Mapping[str, Any]) -> frozenset[Any]:
        """A role is worth those below it."""
        role = fields.get("role")
        return frozenset(_RANKS[_RANKS.index(role) :]) if role in _RANKS else frozenset()

    def locks_out(
        self, desired: Desired | None, live: Live, changed: frozenset[str], who: Who
    ) -> str:
        """Who is no system administrator needs to stay the project's."""
        del changed
        is_own = live.address.name == USER + who.username and not who.is_system_admin
        stays = desired is not None and desired.fields.get("role") is Role.ADMIN
        if is_own and not who.is_robot and live.fields.get("role") is Role.ADMIN and not stays:
            return "it would take your own right to administer the project"
        return ""

    async def observe(
        self, bench: Workbench, desired: Desired, live: Live | None
    ) -> Mapping[str, Comparison]:
        """A group keeps its type for life; the database's authentication brings no new group."""
        name = str(desired.address.name)
        if not name.startswith(GROUP):
            return {}
        if live is not None:
            return _wrong_type(desired, live.fields.get("type"))
        group = await _find_group(bench, name.removeprefix(GROUP))
        if group is not None:
            return _wrong_type(desired, word_codec(_GROUP_TYPES).from_api(group["group_type"]))
        if bench.server.auth_mode in _IMPLIED_TYPES:
            return {}
        reason = f"Harbor has no such group, and {bench.server.auth_mode} brings none"
        return {"role": Comparison(Verdict.BLOCKED, reason)}

    async def create(self, bench: WriteBench, step: Step) -> None:
        """POST: a user by name; a group by number where Harbor knows it, else by name."""
        assert step.desired is not None
        project = await bench.project_id(str(step.address.project))
        name = str(step.address.name)
        body: dict[str, Any] = {"role_id": _ROLES[step.desired.fields["role"]]}
        if name.startswith(USER):
            body["member_user"] = {"username": name.removeprefix(USER)}
        else:
            body["member_group"] = await _group_body(
                bench, name.removeprefix(GROUP), step.desired.fields.get("type")
            )
        await bench.api.post(f"/projects/{project}/members", body)

    async def update(self, bench: WriteBench, step: Step) -> None:
        """PUT the role. Harbor stores any number, so only its five are ever sent."""
        assert step.desired is not None
        path = await self._path(bench, step)
        await bench.api.put(path, {"role_id": _ROLES[step.desired.fields["role"]]})

    async def delete(self, bench: WriteBench, step: Step) -> None:
        """DELETE; a second one answers 200 as well."""
        await bench.api.delete(await self._path(bench, step))

    async def _path(self, bench: WriteBench, step: Step) -> str:
        assert step.live is not None
        raw = step.live.raw
        if not raw:
            place = Place(step.address.project, await bench.project(str(step.address.project)))
            found = await self.read(bench, place)
            raw = one_of(found, step.address).raw
        return f"/projects/{raw['project_id']}/members/{raw['id']}"


def _wrong_type(desired: Desired, live: Any) -> Mapping[str, Comparison]:
    wanted = desired.fields.get("type", live)
    if live is None or wanted == live:
        return {}
    named = live.value if isinstance(live, GroupType) else live
    reason = f"Harbor has this group with type {named}, and a group keeps its type for life"
    return {"type": Comparison(Verdict.BLOCKED, reason)}


def _live(place: Place, reply: Mapping[str, Any], groups: Mapping[int, Mapping[str, Any]]) -> Live:
    fields: dict[str, Any] = {"role": word_codec(_ROLES).from_api(reply["role_id"])}
    name, prefix = str(reply["entity_name"]), USER
    if reply["entity_type"] == "g":
        prefix = GROUP
        group = groups.get(int(reply["entity_id"]), {})
        if "group_type" in group:
            fields["type"] = word_codec(_GROUP_TYPES).from_api(group["group_type"])
        name = str(group.get("ldap_group_dn") or name)
    return Live(Address("member", prefix + name, place.project), fields, reply)


async def _groups(bench: Workbench) -> Mapping[int, Mapping[str, Any]]:
    replies = await bench.api.get("/usergroups", {"page_size": 100})
    return {int(reply["id"]): reply for reply in replies}


async def _find_group(bench: Workbench, name: str) -> Mapping[str, Any] | None:
    """The group of this name or DN. Who may not list groups may search them, by name only."""
    try:
        groups = list((await _groups(bench)).values())
    except NotPermittedError:
        query: dict[str, str | int] = {"groupname": name, "page_size": 100}
        groups = await bench.api.get("/usergroups/search", query)
    return next(
        (one for one in groups if name in (one.get("ldap_group_dn"), one["group_name"])), None
    )


async def _group_body(bench: WriteBench, name: str, kind: GroupType | None) -> dict[str, Any]:
    group = await _find_group(bench, name)
    if group is not None:
        return {"id": group["id"]}
    number = _GROUP_TYPES[kind] if kind else _IMPLIED_TYPES.get(bench.server.auth_mode, 0)
    body: dict[str, Any] = {"group_name": name, "group_type": number}
    if number == _GROUP_TYPES[GroupType.LDAP]:
        body["ldap_group_dn"] = name
    return body
