"""Members: users and groups as Harbor tells them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from harborconf.errors import HarborError, NotPermittedError
from harborconf.kinds.auth_mode import GroupType
from harborconf.kinds.catalog import BY_NAME
from harborconf.kinds.member import Role
from harborconf.kinds.resource import Desired, Live, Place, Step, Verdict, Who
from harborconf.spec.address import Address
from unit.kinds.workbench import HERE, Api, workbench

MEMBER = BY_NAME["member"]
FORBIDDEN = NotPermittedError("no", status=403, method="GET", path="/usergroups")
PLACE = Place("team", {"project_id": 1})
GROUPS = [
    {"id": 7, "group_name": "devs", "group_type": 3},
    {"id": 8, "group_name": "ops", "group_type": 1, "ldap_group_dn": "cn=ops,dc=x"},
]


def member(name: str, role: int, entity: str = "u", number: int = 3) -> dict[str, Any]:
    return {
        "id": 9,
        "project_id": 1,
        "entity_name": name,
        "entity_type": entity,
        "entity_id": number,
        "role_id": role,
    }


def read(*members: dict[str, Any], groups: Any = GROUPS, mode: str = "db_auth") -> list[Live]:
    bench, _ = workbench({"/projects/1/members": list(members), "/usergroups": groups})
    bench = replace(bench, server=replace(bench.server, auth_mode=mode))
    return list(asyncio.run(MEMBER.read(bench, PLACE)))


def test_users_and_groups() -> None:
    found = read(member("bob", 1), member("devs", 5, "g", 7), member("ops", 2, "g", 8))
    assert {str(one.address): dict(one.fields) for one in found} == {
        "project/team/member/user:bob": {"role": Role.ADMIN},
        "project/team/member/group:devs": {"role": Role.LIMITED_GUEST, "type": GroupType.OIDC},
        "project/team/member/group:cn=ops,dc=x": {"role": Role.DEVELOPER, "type": GroupType.LDAP},
    }


def test_a_role_that_is_none_is_kept_as_it_came() -> None:
    assert read(member("bob", 77))[0].fields == {"role": 77}


def test_who_may_not_list_groups_gets_them_without_type() -> None:
    (found,) = read(member("devs", 3, "g", 7), groups=FORBIDDEN)
    assert found.fields == {"role": Role.GUEST}
    with pytest.raises(NotPermittedError):
        read(member("devs", 3, "g", 7), groups=FORBIDDEN, mode="ldap_auth")


def desired(name: str, **fields: Any) -> Desired:
    return Desired(Address("member", name, "team"), fields, HERE)


def observed(one: Desired, live: Live | None = None, mode: str = "db_auth") -> Any:
    bench, _ = workbench({"/usergroups": GROUPS, "/users": [{"username": "bob"}]})
    bench = replace(bench, server=replace(bench.server, auth_mode=mode))
    return asyncio.run(MEMBER.observe(bench, one, live))


@pytest.mark.parametrize(
    ("one", "mode", "path", "reason"),
    [
        (desired("group:devs", role=Role.GUEST), "db_auth", None, ""),
        (desired("user:bob", role=Role.GUEST), "db_auth", None, ""),
        (desired("user:admin", role=Role.GUEST), "db_auth", None, ""),
        (
            desired("user:nobody", role=Role.GUEST),
            "db_auth",
            "role",
            "Harbor has no such user, and this run makes none",
        ),
        (desired("group:new", role=Role.GUEST), "oidc_auth", None, ""),
        (
            desired("group:new", role=Role.GUEST),
            "db_auth",
            "role",
            "Harbor has no such group, and db_auth brings none; ldap_auth, http_auth, oidc_auth do",
        ),
        (
            desired("group:devs", role=Role.GUEST, type=GroupType.LDAP),
            "db_auth",
            "type",
            "Harbor has this group with type oidc, and a group keeps its type for life",
        ),
    ],
)
def test_who_cannot_be_a_member(one: Desired, mode: str, path: str | None, reason: str) -> None:
    found = observed(one, mode=mode)
    if path is None:
        assert found == {}
        return
    assert found[path].verdict is Verdict.BLOCKED
    assert found[path].reason == reason


def test_a_live_groups_type_cannot_change() -> None:
    (live,) = read(member("devs", 3, "g", 7))
    assert observed(desired("group:devs", type=GroupType.HTTP), live)["type"].verdict is (
        Verdict.BLOCKED
    )
    assert observed(desired("group:devs", type=GroupType.OIDC), live) == {}


def test_whom_harbor_makes_a_member() -> None:
    bench, _ = workbench()
    project = Desired(Address("project", "new"), {}, HERE)
    (born,) = MEMBER.born(project, bench)
    assert str(born.address) == "project/new/member/user:admin"
    robot = replace(bench, who=Who("robot$x", is_system_admin=False, is_robot=True))
    assert MEMBER.born(project, robot) == []


def test_a_membership_that_is_not_listed_is_told() -> None:
    """The creator's own one has no number before the project is made."""
    bench, _ = workbench({"/projects/1/members": []})
    one = desired("user:admin", role=Role.GUEST)
    step = Step("update", one.address, one, Live(one.address, {"role": Role.ADMIN}))
    with pytest.raises(HarborError, match="does not list project/team/member/user:admin"):
        asyncio.run(MEMBER.update(bench, step))


@pytest.mark.parametrize(
    ("name", "fields", "groups", "sent"),
    [
        (
            "user:bob",
            {"role": Role.GUEST},
            GROUPS,
            {"role_id": 3, "member_user": {"username": "bob"}},
        ),
        (
            "group:devs",
            {"role": Role.ADMIN},
            GROUPS,
            {"role_id": 1, "member_group": {"id": 7}},
        ),
        (
            "group:CN=New, DC=x",
            {"role": Role.ADMIN, "type": GroupType.LDAP},
            GROUPS,
            {"role_id": 1, "member_group": {"ldap_group_dn": "cn=new,dc=x"}},
        ),
        (
            "group:CN=Ops, DC=x",
            {"role": Role.ADMIN},
            GROUPS,
            {"role_id": 1, "member_group": {"id": 8}},
        ),
        (
            "group:new",
            {"role": Role.ADMIN, "type": GroupType.OIDC},
            GROUPS,
            {"role_id": 1, "member_group": {"group_name": "new", "group_type": 3}},
        ),
    ],
)
def test_what_is_sent(name: str, fields: dict[str, Any], groups: Any, sent: dict[str, Any]) -> None:
    bench, api = workbench({"/usergroups": groups})
    one = desired(name, **fields)
    asyncio.run(MEMBER.create(bench, Step("create", one.address, one)))
    assert isinstance(api, Api)
    assert api.written == [("POST", "/projects/1/members", sent)]


@pytest.mark.parametrize(
    ("role", "count"), [(Role.ADMIN, 5), (Role.LIMITED_GUEST, 1), (77, 0), (None, 0)]
)
def test_a_role_is_worth_those_below_it(role: object, count: int) -> None:
    assert len(MEMBER.grants({"role": role})) == count
