"""Groups and members under every authentication mode."""

from __future__ import annotations

from pathlib import Path

import pytest

from contract.raw import Json
from contract.target import Target
from contract.tool import Tool, blocked, only, said
from harborconf.engine.load import load
from harborconf.engine.plan import Action
from harborconf.engine.resolve import resolve
from harborconf.engine.why import why
from harborconf.errors import DocumentError
from harborconf.simulator import State
from harborconf.spec.address import Address

DN = "cn=devs,ou=groups,dc=example,dc=com"
LDAP, HTTP, OIDC = 1, 2, 3


@pytest.fixture
def tool(own: Target, tmp_path: Path) -> Tool:
    """harborconf on a Harbor of this test's own."""
    return Tool(own, tmp_path, environ={"PASSWORD": "Example1Word"})


def state_of(tool: Tool) -> State:
    return tool.target.state


def mode(tool: Tool, name: str, **settings: Json) -> None:
    state_of(tool).settings |= {"auth_mode": name, **settings}


def groups(tool: Tool) -> list[Json]:
    return [
        {key: value for key, value in group.items() if key != "id"}
        for group in tool.target.raw.all("/usergroups")
    ]


# ---- groups --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "yaml", "made"),
    [
        ("oidc_auth", "devs: {}", {"group_name": "devs", "group_type": OIDC}),
        ("oidc_auth", "devs: {type: oidc}", {"group_name": "devs", "group_type": OIDC}),
        ("http_auth", "Devs: {}", {"group_name": "Devs", "group_type": HTTP}),
        (
            "ldap_auth",
            f'"{DN}": {{}}',
            {"group_name": "devs", "group_type": LDAP, "ldap_group_dn": DN},
        ),
        (
            "ldap_auth",
            '"CN=Devs, OU=Groups, DC=example, DC=com": {name: Developers}',
            {"group_name": "Developers", "group_type": LDAP, "ldap_group_dn": DN},
        ),
        (
            "oidc_auth",
            '"CN=Devs,DC=x": {}',
            {"group_name": "CN=Devs,DC=x", "group_type": OIDC},
        ),
    ],
)
def test_a_group_of_the_authentication_mode(tool: Tool, name: str, yaml: str, made: Json) -> None:
    mode(tool, name)
    state_of(tool).directory.add(DN)
    tool.converge(f"groups: {{{yaml}}}")
    assert groups(tool) == [made]
    files = tool.export()
    assert said(tool.plan_files(files)) == []
    key = yaml.partition(":")[0].strip('"')
    assert key in files["system.yaml"] or DN in files["system.yaml"]
    tool.converge(f"groups: {{{yaml.partition(': ')[0]}: absent}}")
    assert groups(tool) == []


@pytest.mark.parametrize(
    ("name", "yaml", "reason"),
    [
        ("db_auth", "devs: {}", "Harbor has no such group, and db_auth brings none"),
        ("db_auth", "devs: {type: oidc}", "Harbor has no such group, and db_auth brings none"),
        ("uaa_auth", "devs: {}", "Harbor has no such group, and uaa_auth brings none"),
        ("oidc_auth", "devs: {type: http}", "with oidc_auth there are groups of type oidc only"),
        (
            "oidc_auth",
            f'"{DN}": {{type: ldap}}',
            "with oidc_auth there are groups of type oidc only",
        ),
        ("ldap_auth", "devs: {}", "the key of a group of LDAP is its DN"),
    ],
)
def test_a_group_that_the_mode_does_not_have(tool: Tool, name: str, yaml: str, reason: str) -> None:
    mode(tool, name)
    change = only(tool.plan(f"groups: {{{yaml}}}"))
    assert change.action is Action.BLOCKED
    assert reason in change.reason


@pytest.mark.parametrize(
    ("yaml", "reason"),
    [
        ("devs: {type: ldap}", "the key of a group of LDAP is its DN"),
        ("devs: {name: x}", "only a group of LDAP, whose key is its DN, has a name"),
        (f'"{DN}": {{type: oidc, name: x}}', "only a group of LDAP"),
        (f'"{"x" * 256}": {{}}', "a group's name has at most 255 characters, here are 256"),
        (f'"{DN}": {{name: ""}}', "a group's name has 1 to 255 characters"),
        (f'"{DN}": {{}}, "{DN.upper()}": {{}}', "this is the same group as"),
    ],
)
def test_a_group_that_is_wrong_anywhere(tool: Tool, yaml: str, reason: str) -> None:
    with pytest.raises(DocumentError) as caught:
        tool.plan(f"groups: {{{yaml}}}")
    assert reason in str(caught.value)


def test_a_group_keeps_its_type_and_changes_its_name(tool: Tool) -> None:
    mode(tool, "ldap_auth")
    state_of(tool).directory.add(DN)
    state_of(tool).add_group("old", LDAP, DN)
    plan = tool.converge(f'groups: {{"{DN.upper()}": {{name: new, type: ldap}}}}')
    assert said(plan) == [f"update group/{DN} name"]
    assert groups(tool) == [{"group_name": "new", "group_type": LDAP, "ldap_group_dn": DN}]
    mode(tool, "oidc_auth")
    state_of(tool).add_group("devs", HTTP)
    plan = tool.plan("groups: {devs: {type: oidc}}")
    assert blocked(plan) == {
        "group/devs": "Harbor has this group with type http, and a group keeps its type for life"
    }
    assert said(tool.plan("groups: {devs: {type: http}}")) == []


def test_a_group_that_ldap_does_not_have_is_told_in_harbors_words(tool: Tool) -> None:
    mode(tool, "ldap_auth")
    (failed,) = tool.apply(f'groups: {{"{DN}": {{}}}}').result.failed
    assert f"LDAP Group DN is not found: DN:{DN}" in failed.message


def test_groups_that_harbor_should_not_have_are_exported(tool: Tool) -> None:
    for name, kind in (("nine", 9), ("zero", 0), ("http", HTTP), ("oidc", OIDC)):
        state_of(tool).add_group(name, kind)
    files = tool.export()
    assert said(tool.plan_files(files)) == []
    assert all(name in files["system.yaml"] for name in ("nine", "zero", "http", "oidc"))


def test_a_group_is_made_after_the_mode_that_has_it(tool: Tool) -> None:
    text = """
        system:
          settings:
            auth_mode: oidc_auth
            oidc_endpoint: https://sso.example.com
            oidc_client_id: harbor
            oidc_scope: [openid]
        groups: {devs: {}}
        projects: {library: {members: {groups: {devs: guest, others: developer}}}}
    """
    plan = tool.converge(text)
    assert said(plan)[1] == "create group/devs"
    assert [group["group_name"] for group in groups(tool)] == ["devs", "others"]


def test_a_mode_that_cannot_change_any_more_makes_no_groups(tool: Tool) -> None:
    state_of(tool).add_user("bob", "Example1Word", "b@example.com")
    plan = tool.plan("system: {settings: {auth_mode: oidc_auth}}\ngroups: {devs: {}}")
    assert said(plan) == ["blocked system/settings auth_mode", "blocked group/devs"]


# ---- members -------------------------------------------------------------------------


def members(*lines: str) -> str:
    return "projects: {library: {members: {" + ", ".join(lines) + "}}}"


def test_an_oidc_user_who_never_logged_in_waits_until_then(tool: Tool) -> None:
    mode(tool, "oidc_auth")
    text = members("users: {admin: admin, alice: developer}", "groups: {devs: guest}")
    outcome = tool.apply(text)
    assert said(outcome.plan) == [
        "create project/library/member/group:devs role",
        "pending project/library/member/user:alice role",
    ]
    assert outcome.plan.changes[1].reason == (
        "Harbor does not know this user yet: with oidc_auth users have to log in once"
    )
    assert outcome.result.is_complete
    assert not outcome.plan.is_blocked
    waiting = tool.plan(text)
    assert said(waiting) == ["pending project/library/member/user:alice role"]
    assert not waiting.is_applicable
    state_of(tool).add_user("alice", "", "alice@example.com")
    assert said(tool.converge(text)) == ["create project/library/member/user:alice role"]


@pytest.mark.parametrize(
    ("name", "settings", "users", "action"),
    [
        ("db_auth", {}, "", Action.BLOCKED),
        ("http_auth", {}, "", Action.PENDING),
        ("http_auth", {"http_authproxy_skip_search": True}, "", Action.CREATE),
        ("ldap_auth", {}, "", Action.CREATE),
        ("uaa_auth", {}, "", Action.CREATE),
    ],
)
def test_a_user_whom_harbor_does_not_know(
    tool: Tool, name: str, settings: Json, users: str, action: Action
) -> None:
    mode(tool, name, **settings)
    state_of(tool).directory.add("alice")
    outcome = tool.apply(members("users: {admin: admin, alice: developer}") + users)
    assert only(outcome.plan).action is action
    assert outcome.result.is_complete


def test_a_user_made_in_the_same_run_can_be_a_member(tool: Tool) -> None:
    users = "users: {alice: {email: a@example.com, password: {env: PASSWORD}}}"
    plan = tool.converge(f"{users}\n{members('users: {admin: admin, alice: guest}')}")
    assert [line.split()[0] for line in said(plan)] == ["create", "create"]


def test_users_are_made_only_with_the_databases_authentication(tool: Tool) -> None:
    mode(tool, "oidc_auth")
    change = only(tool.plan("users: {a: {email: a@example.com, password: {env: PASSWORD}}}"))
    assert (change.action, change.reason) == (
        Action.BLOCKED,
        "with oidc_auth Harbor makes no users of its own",
    )


@pytest.mark.parametrize(
    ("name", "settings", "key", "action"),
    [
        ("oidc_auth", {}, "devs", Action.CREATE),
        ("http_auth", {}, "devs", Action.BLOCKED),
        ("http_auth", {"http_authproxy_skip_search": True}, "devs", Action.CREATE),
        ("ldap_auth", {}, f'"{DN.upper()}"', Action.CREATE),
        ("db_auth", {}, "devs", Action.BLOCKED),
        ("uaa_auth", {}, "devs", Action.BLOCKED),
        ("oidc_auth", {}, "devs: {role: guest, type: http}", Action.BLOCKED),
    ],
)
def test_a_group_whom_harbor_does_not_know(
    tool: Tool, name: str, settings: Json, key: str, action: Action
) -> None:
    mode(tool, name, **settings)
    state_of(tool).directory.add(DN)
    member = key if ": {" in key else f"{key}: guest"
    outcome = tool.apply(members(f"groups: {{{member}}}"))
    assert only(outcome.plan).action is action
    assert outcome.result.is_complete
    if action is Action.CREATE:
        assert said(tool.plan(members(f"groups: {{{member}}}"))) == []


def test_a_member_of_ldap_is_its_dn_however_it_is_written(tool: Tool) -> None:
    mode(tool, "ldap_auth")
    number = state_of(tool).add_group("Developers", LDAP, DN)["id"]
    state_of(tool).add_member(1, "g", number, 2)
    spaced = "CN=Devs, OU=Groups, DC=example, DC=com"
    assert said(tool.plan(members(f'groups: {{"{spaced}": developer}}'))) == []
    plan = tool.converge(members(f'groups: {{"{spaced}": guest}}'))
    address = f"project/library/member/group:{DN}"
    assert said(plan) == [f"update {address} role"]
    file = tool.write(members(f'groups: {{"{spaced}": guest}}'))
    found = why(resolve(load([file])), member(spaced))
    assert [(one.path, one.value) for one in found] == [("role", "guest")]
    assert said(tool.plan_files(tool.export())) == []
    assert said(tool.converge(members(f'groups: {{"{spaced}": absent}}'))) == [f"delete {address}"]


def member(dn: str) -> Address:
    return Address("member", f"group:{dn}", "library")


def test_the_same_group_twice_is_refused(tool: Tool) -> None:
    with pytest.raises(DocumentError) as caught:
        tool.plan(members(f'groups: {{"{DN}": guest, "{DN.upper()}": admin}}'))
    assert f"this is the same member as `{DN}`" in str(caught.value)


def test_a_projects_administrator_asks_by_name(tool: Tool) -> None:
    mode(tool, "oidc_auth")
    target = tool.target
    boss = target.name("boss")
    state = state_of(tool)
    state.add_member(1, "u", state.add_user(boss, "Example1Word", "b@x.org")["user_id"], 1)
    state.add_user("alice", "", "alice@example.com")
    own = tool.be(boss, "Example1Word")
    plan = own.plan(members(f"users: {{admin: admin, {boss}: admin, alice: guest, eve: guest}}"))
    assert said(plan) == [
        "create project/library/member/user:alice role",
        "pending project/library/member/user:eve role",
    ]
