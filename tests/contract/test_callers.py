"""Who asks is not always an administrator of everything: what then can be told and done."""

from __future__ import annotations

from pathlib import Path

import pytest

from contract.filled import GIB, PULL, PUSH, fill
from contract.raw import Json
from contract.snapshot import changed, snapshot
from contract.target import WORD, Target
from contract.tool import Tool, blocked, extras, only, said

WHOLE = """
    projects:
      {team}:
        public: false
        scanning: {{on_push: true, sbom: true, block: medium}}
        signing: {{cosign: true, notation: true}}
        cve_allowlist:
          - {{id: CVE-2024-0001, expires: "2030-03-17T17:46:40Z"}}
          - {{id: CVE-2024-0002, expires: "2030-03-17T17:46:40Z"}}
        quota: 1GiB
        members:
          users: {{{admin}: admin, {me}-ann: developer, {me}-pat: admin}}
          groups: {{{me}-devs: developer}}
        labels: {{mine: {{color: "#00AB9A", description: for tests}}}}
        robots:
          ci:
            description: pulls and pushes
            expires: 30d
            permissions: {{repository: [pull, push]}}
        retention:
          schedule: daily
          rules:
            - {{keep: {{most_recently_pushed: 10}}, tags: [v*], untagged: false}}
            - {{keep: {{pulled_within: 30d}}, untagged: false}}
        immutable_tags:
          - {{repositories: [apps/**], tags: [v*]}}
          - {{tags: [release-*]}}
"""


@pytest.fixture
def pat(tool: Tool, target: Target) -> Tool:
    """A user who administers the one project that is filled, and nothing else."""
    number = fill(target)
    user = target.add_user("pat")
    body = {"role_id": 1, "member_user": {"username": user}}
    target.raw.make(f"/projects/{number}/members", body)
    return tool.be(user, WORD)


def whole(target: Target) -> str:
    """The filled project, as it is."""
    return WHOLE.format(me=target.prefix, team=target.name("team"), admin=target.username)


def test_an_administrator_of_a_project_reads_all_of_it(pat: Tool, target: Target) -> None:
    plan = pat.plan(whole(target))
    assert (said(plan), plan.extras, plan.unknown) == ([], (), ())


CHANGES = [
    ("public: false", "public: true", "", {"metadata.public": "true"}),
    ("block: medium", "block: low", "", {"metadata.severity": "low"}),
    ("ann: developer", "ann: guest", "/member/user:{me}-ann", {"role_id": 3, "role_name": "guest"}),
    (
        "devs: developer",
        "devs: maintainer",
        "/member/group:{me}-devs",
        {"role_id": 4, "role_name": "maintainer"},
    ),
    ("for tests", "for more", "/label/mine", {"description": "for more"}),
    ("pulls and pushes", "pulls", "/robot/ci", {"description": "pulls"}),
    (
        "schedule: daily",
        "schedule: weekly",
        "/retention",
        {"trigger.settings.cron": "0 0 0 * * 0"},
    ),
]


@pytest.mark.parametrize(("old", "new", "place", "after"), CHANGES, ids=[one[1] for one in CHANGES])
def test_an_administrator_of_a_project_changes_it(
    old: str, new: str, place: str, after: dict[str, Json], pat: Tool, target: Target
) -> None:
    before = snapshot(target)
    text = whole(target)
    assert old in text
    only(pat.converge(text.replace(old, new)))
    address = f"project/{target.name('team')}{place.format(me=target.prefix)}"
    assert snapshot(target) == changed(before, address, after)


def test_a_quota_is_blocked_and_the_rest_is_done(pat: Tool, target: Target) -> None:
    before = snapshot(target)
    text = whole(target).replace("1GiB", "2GiB").replace("public: false", "public: true")
    outcome = pat.apply(text)
    team = f"project/{target.name('team')}"
    assert blocked(outcome.plan) == {
        f"{team}/quota": "only a system administrator may change a quota"
    }
    assert outcome.result.is_complete
    assert snapshot(target) == changed(before, team, {"metadata.public": "true"})


def test_what_may_not_be_read_is_blocked(pat: Tool, target: Target) -> None:
    before = snapshot(target)
    outcome = pat.apply(f"""
        users: {{{target.name("new")}: {{email: a@example.com, password: {{env: WORD}}}}}}
        robots: {{{target.name("bot")}: absent}}
        projects: {{{target.name("team")}: {{public: false}}}}
    """)
    reasons = blocked(outcome.plan)
    assert set(reasons) == {f"user/{target.name('new')}", f"robot/{target.name('bot')}"}
    assert all(reason.startswith("not permitted") for reason in reasons.values())
    assert outcome.writes == ()
    assert snapshot(target) == before


def test_a_project_that_may_not_be_seen_is_not_taken_for_a_new_one(
    pat: Tool, target: Target
) -> None:
    target.add_project("hidden")
    before = snapshot(target)
    hidden = target.name("hidden")
    for text in (f"{{{hidden}: {{public: true, labels: {{x: {{}}}}}}}}", f"{{{hidden}: absent}}"):
        outcome = pat.apply(f"projects: {text}")
        assert blocked(outcome.plan) == {
            f"project/{hidden}": "it exists, and this credential may not see it"
        }
        assert outcome.writes == ()
    assert snapshot(target) == before


def test_a_user_who_makes_a_project_stays_its_administrator(pat: Tool, target: Target) -> None:
    if target.raw.get("/systeminfo")["project_creation_restriction"] != "everyone":
        pytest.skip("this Harbor lets administrators alone make projects")
    new, ann = target.name("new"), target.name("ann")
    plan = pat.converge(f"projects: {{{new}: {{members: {{users: {{{ann}: guest}}}}}}}}")
    own = f"project/{new}/member/user:{target.name('pat')}"
    assert said(plan) == [f"create project/{new}", f"create project/{new}/member/user:{ann} role"]
    assert extras(plan, target) == [own]
    assert snapshot(target)[own]["role_name"] == "projectAdmin"


def test_a_user_who_makes_a_project_may_be_written_as_its_administrator(
    pat: Tool, target: Target
) -> None:
    if target.raw.get("/systeminfo")["project_creation_restriction"] != "everyone":
        pytest.skip("this Harbor lets administrators alone make projects")
    new, me = target.name("new"), target.name("pat")
    plan = pat.converge(f"projects: {{{new}: {{members: {{users: {{{me}: admin}}}}}}}}")
    assert said(plan) == [f"create project/{new}"]


def test_to_a_user_who_may_only_look_every_change_is_blocked(tool: Tool, target: Target) -> None:
    number = fill(target)
    user = target.add_user("gus")
    body = {"role_id": 3, "member_user": {"username": user}}
    target.raw.make(f"/projects/{number}/members", body)
    before = snapshot(target)
    guest = tool.be(user, WORD)
    team = f"project/{target.name('team')}"
    outcome = guest.apply(f"""
        projects:
          {target.name("team")}:
            public: true
            labels: {{mine: {{description: other}}}}
            immutable_tags: []
    """)
    assert set(blocked(outcome.plan)) == {team, f"{team}/label/mine", f"{team}/immutable_tags"}
    assert outcome.writes == ()
    assert snapshot(target) == before


# ---- robots --------------------------------------------------------------------------


def be_robot(tool: Tool, target: Target, *permissions: Json) -> Tool:
    made = target.add_robot(*permissions)
    return tool.be(made["name"], made["secret"])


def _grants(target: Target, kind: str, namespace: str, *, but: tuple[str, ...] = ()) -> Json:
    known = target.raw.get("/permissions")[kind]
    access = [
        {"resource": one["resource"], "action": one["action"]}
        for one in known
        if one["resource"] not in but
    ]
    return {"kind": kind, "namespace": namespace, "access": access}


def test_a_robot_that_may_everything_reads_and_changes_a_project(
    tool: Tool, target: Target
) -> None:
    fill(target)
    everything = [_grants(target, "system", "/"), _grants(target, "project", "*")]
    robot = be_robot(tool, target, *everything)
    text = whole(target).replace(f", {target.name('pat')}: admin", "")
    plan = robot.plan(text)
    assert (said(plan), plan.extras, plan.unknown) == ([], (), ())
    before = snapshot(target)
    robot.converge(text.replace("for tests", "for more").replace("1GiB", "2GiB"))
    team = f"project/{target.name('team')}"
    after = changed(before, f"{team}/label/mine", {"description": "for more"})
    assert snapshot(target) == changed(after, f"{team}/quota", {"hard.storage": 2 * GIB})


def test_what_a_robot_may_not_read_is_blocked_and_the_rest_is_done(
    tool: Tool, target: Target
) -> None:
    fill(target)
    name = target.name("team")
    some = _grants(target, "project", name, but=("member", "immutable-tag"))
    robot = be_robot(tool, target, some)
    before = snapshot(target)
    text = whole(target).replace(f", {target.name('pat')}: admin", "")
    outcome = robot.apply(text.replace("for tests", "for more"))
    team = f"project/{name}"
    assert set(blocked(outcome.plan)) == {
        f"{team}/member/user:{target.username}",
        f"{team}/member/user:{target.name('ann')}",
        f"{team}/member/group:{target.name('devs')}",
        f"{team}/immutable_tags",
    }
    assert snapshot(target) == changed(before, f"{team}/label/mine", {"description": "for more"})


def test_a_project_that_a_robot_may_not_see_is_not_taken_for_a_new_one(
    tool: Tool, target: Target
) -> None:
    fill(target)
    target.add_project("hidden")
    access = {"kind": "project", "namespace": target.name("team"), "access": [PULL, PUSH]}
    robot = be_robot(tool, target, access)
    plan = robot.plan(f"projects: {{{target.name('hidden')}: {{public: true}}}}")
    assert only(plan).reason == "it exists, and this credential may not see it"


def test_ldap_groups_that_may_not_be_listed_are_not_told_apart_by_guess(
    own: Target, tmp_path: Path
) -> None:
    """A member's reply has the group's name alone, and LDAP's groups are known by their DN."""
    dn = "cn=devs,dc=example,dc=com"
    number, user = own.add_project("team"), own.add_user("pat")
    own.state.settings["auth_mode"] = "ldap_auth"
    own.state.directory.add(dn)
    members = f"/projects/{number}/members"
    own.raw.make(members, {"role_id": 1, "member_user": {"username": user}})
    group = {"group_name": "devs", "ldap_group_dn": dn, "group_type": 1}
    own.raw.make(members, {"role_id": 2, "member_group": group})
    text = f"""
        projects:
          {own.name("team")}: {{members: {{groups: {{"{dn}": developer}}}}, prune: [member]}}
    """
    assert said(Tool(own, tmp_path).plan(text)) == []
    plan = Tool(own, tmp_path).be(user, WORD).plan(text)
    reasons = blocked(plan)
    assert f"project/{own.name('team')}/member/group:{dn}" in reasons
    assert len(reasons) == len(plan.changes)
    assert all("not permitted" in reason for reason in reasons.values())


def test_harbors_own_administrator_is_in_no_list(tool: Tool, target: Target) -> None:
    assert "user/admin" not in map(str, tool.plan("users: {}").extras)
    assert target.raw.all("/users", q="username=admin") == []
