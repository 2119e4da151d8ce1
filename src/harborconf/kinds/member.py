"""Who works in a project: users and groups with a role."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Annotated, Any, ClassVar

from harborconf.errors import NotPermittedError
from harborconf.kinds.auth_mode import (
    GROUP_TYPE,
    GROUP_TYPES,
    GROUPS_OF,
    GroupType,
    coming_mode,
    current_mode,
    looks_up,
    wrong_type,
)
from harborconf.kinds.base import At, Kind, Section, field, word_codec
from harborconf.kinds.group import TYPE_CODEC, canonical_group, group_key, kept_type
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
from harborconf.kinds.setting_values import AuthMode
from harborconf.spec.address import Address
from harborconf.spec.nodes import Entry, Map, Node, Scalar
from harborconf.spec.value import words

USER, GROUP = "user:", "group:"
# The administrator that Harbor has from the beginning; no list of users has it.
_ADMIN = "admin"


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


ROLE = words("role", Role)


class MemberFields(Section):
    """One member. A role alone is short."""

    role: Annotated[Role, ROLE] = field(
        "role_id", codec=word_codec(_ROLES), required=True, doc="What the member may do."
    )
    type: Annotated[GroupType, GROUP_TYPE] = field(
        "group_type",
        codec=TYPE_CODEC,
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
    depends_on = ("user", "group")
    can_prune = True

    def check(self, desired: Desired) -> Sequence[tuple[str, str]]:
        """A user has no group type."""
        if "type" in desired.fields and str(desired.address.name).startswith(USER):
            return [("type", "a user has no `type`; it belongs to groups")]
        return []

    def canonical(self, name: str) -> str:
        """A group's DN is the same however it is written."""
        if name.startswith(GROUP):
            return GROUP + canonical_group(name.removeprefix(GROUP))
        return name

    def references(self, address: Address, fields: Mapping[str, Any]) -> Sequence[Address]:
        """A user or group that is made here must exist before it can be a member."""
        del fields
        prefix, colon, name = str(address.name).partition(":")
        return [Address({USER: "user", GROUP: "group"}[prefix + colon], name)]

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
        """Whether there is such a user or group, or will be; a group keeps its type for life."""
        name = str(desired.address.name)
        if desired.absent:
            return {}
        if name.startswith(GROUP):
            return await _observe_group(bench, desired, live)
        if live is not None or await _is_known(bench, name.removeprefix(USER)):
            return {}
        mode = await coming_mode(bench)
        if mode == AuthMode.DB.value:
            reason = "Harbor has no such user, and this run makes none"
            return {"role": Comparison(Verdict.BLOCKED, reason)}
        if await looks_up(bench, mode):
            return {}
        reason = f"Harbor does not know this user yet: with {mode} users have to log in once"
        return {"role": Comparison(Verdict.PENDING, reason)}

    async def create(self, bench: WriteBench, step: Step) -> None:
        """POST: a user by name; a group by number where Harbor knows it, else by name."""
        assert step.desired is not None
        project = await bench.project_id(str(step.address.project))
        name = str(step.address.name)
        body: dict[str, Any] = {"role_id": _ROLES[step.desired.fields["role"]]}
        if name.startswith(USER):
            body["member_user"] = {"username": name.removeprefix(USER)}
        else:
            spelled = step.desired.spelled or name.removeprefix(GROUP)
            kind = step.desired.fields.get("type")
            body["member_group"] = await _group_body(bench, spelled, kind)
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


async def _observe_group(
    bench: Workbench, desired: Desired, live: Live | None
) -> Mapping[str, Comparison]:
    wanted = desired.fields.get("type")
    name = str(desired.address.name).removeprefix(GROUP)
    known = live.fields.get("type") if live else None
    if live is None:
        group = await _find_group(bench, name)
        known = TYPE_CODEC.from_api(group.get("group_type", 0)) if group else None
    if live is not None or known is not None:
        reason = "" if known is None else kept_type(wanted, known)
        return {"type": Comparison(Verdict.BLOCKED, reason)} if reason else {}
    made = bench.desired.get(Address("group", name))
    if made is not None and not made.absent:
        return {}
    mode = await coming_mode(bench)
    reason = wrong_type(wanted, mode)
    if not reason and mode != AuthMode.OIDC.value and not await looks_up(bench, mode):
        reason = f"with {mode} Harbor looks for no groups: make it under `groups`"
    return {"role": Comparison(Verdict.BLOCKED, reason)} if reason else {}


async def _is_known(bench: Workbench, name: str) -> bool:
    """Whether Harbor has this user, or this run makes it."""
    made = bench.desired.get(Address("user", name))
    if name == _ADMIN or (made is not None and not made.absent):
        return True
    try:
        users = await bench.api.get("/users", {"page_size": 100})
    except NotPermittedError:
        users = await bench.api.get("/users/search", {"username": name, "page_size": 100})
    return any(user["username"] == name for user in users)


def _live(place: Place, reply: Mapping[str, Any], groups: Mapping[int, Mapping[str, Any]]) -> Live:
    fields: dict[str, Any] = {"role": word_codec(_ROLES).from_api(reply["role_id"])}
    name = str(reply["entity_name"])
    if reply["entity_type"] == "u":
        return Live(Address("member", USER + name, place.project), fields, reply)
    group = groups.get(int(reply["entity_id"]), {"group_name": name})
    if "group_type" in group:
        fields["type"] = TYPE_CODEC.from_api(group["group_type"])
    key = group_key(group)
    address = Address("member", GROUP + canonical_group(key), place.project)
    return Live(address, fields, reply, spelled=key)


async def _groups(bench: Workbench) -> Mapping[int, Mapping[str, Any]]:
    return bench.once(_by_number, await bench.api.get("/usergroups", {"page_size": 100}))


def _by_number(groups: Sequence[Mapping[str, Any]]) -> Mapping[int, Mapping[str, Any]]:
    return {int(group["id"]): group for group in groups}


async def _find_group(bench: Workbench, name: str) -> Mapping[str, Any] | None:
    """The group of this name or DN. Who may not list groups may search them, by name only."""
    try:
        groups = list((await _groups(bench)).values())
    except NotPermittedError:
        query: dict[str, str | int] = {"groupname": name, "page_size": 100}
        groups = await bench.api.get("/usergroups/search", query)
    wanted = canonical_group(name)
    return next((one for one in groups if canonical_group(group_key(one)) == wanted), None)


async def _group_body(bench: WriteBench, name: str, kind: GroupType | None) -> dict[str, Any]:
    """By number where Harbor knows it. LDAP's by DN: Harbor takes its name from there."""
    group = await _find_group(bench, name)
    if group is not None:
        return {"id": group["id"]}
    kind = kind or GROUPS_OF.get(await current_mode(bench))
    if kind is GroupType.LDAP:
        return {"ldap_group_dn": canonical_group(name)}
    return {"group_name": name, "group_type": GROUP_TYPES[kind] if kind else 0}
