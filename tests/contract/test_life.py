"""How resources begin and end: created, deleted, pruned, protected, or only counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from contract.filled import GIB, PULL, PUSH, fill, immutable, rule
from contract.snapshot import holds, snapshot
from contract.target import WORD, Target
from contract.tool import Tool, blocked, extras, said

EVERYTHING = """
    labels:
      {me}-release: {{color: "#00AB9A", description: may be shipped}}
      {me}-bare: {{}}
    users:
      {me}-ann:
        email: {me}-ann@example.com
        name: Ann Example
        comment: of the tests
        admin: true
        password: {{env: ANN}}
      {me}-bob: {{email: {me}-bob@example.com, password: {{env: ANN}}}}
    robots:
      {me}-fleet:
        description: lists, and pulls everywhere
        expires: never
        permissions:
          system: {{project: [list]}}
          projects: {{"*": {{repository: [pull]}}}}
    projects:
      {me}-team:
        public: true
        scanning: {{on_push: true, sbom: true, block: high}}
        signing: {{cosign: true, notation: true}}
        cve_allowlist:
          - {{id: CVE-2024-3094, reason: not linked, expires: 2031-05-06}}
          - CVE-2024-0001
        quota: 1GiB
        members:
          users: {{{me}-ann: admin, {me}-bob: limited_guest}}
          groups: {{{me}-devs: maintainer}}
        labels: {{own: {{color: "#FF5501"}}}}
        robots:
          ci: {{expires: 90d, disabled: true, permissions: {{repository: [push, pull]}}}}
        retention:
          schedule: weekly
          rules:
            - {{keep: {{most_recently_pushed: 10}}, tags: [v*], untagged: false}}
            - {{keep: {{pulled_within: 30d}}, repositories: ["**"], untagged: false}}
            - {{keep: always, repositories: [base/**], untagged: false, disabled: true}}
        immutable_tags:
          - {{tags: [v*]}}
          - {{repositories: [apps/**], tags: [release-*], disabled: true}}
      {me}-bare: {{}}
"""


def _expected(target: Target) -> dict[str, object]:
    me = target.prefix
    team = f"project/{me}-team"
    return {
        f"label/{me}-release": {"color": "#00AB9A", "description": "may be shipped", "scope": "g"},
        f"label/{me}-bare": {"scope": "g"},
        f"user/{me}-ann": {
            "email": f"{me}-ann@example.com",
            "realname": "Ann Example",
            "comment": "of the tests",
            "sysadmin_flag": True,
        },
        f"user/{me}-bob": {"realname": f"{me}-bob", "sysadmin_flag": False},
        f"robot/{me}-fleet": {
            "level": "system",
            "description": "lists, and pulls everywhere",
            "duration": -1,
            "expires_at": -1,
            "disable": False,
            "permissions": [
                {
                    "kind": "system",
                    "namespace": "/",
                    "access": [{"resource": "project", "action": "list"}],
                },
                {"kind": "project", "namespace": "*", "access": [PULL]},
            ],
        },
        team: {
            "metadata": {
                "public": "true",
                "auto_scan": "true",
                "auto_sbom_generation": "true",
                "prevent_vul": "true",
                "severity": "high",
                "enable_content_trust": "true",
                "enable_content_trust_cosign": "true",
                "reuse_sys_cve_allowlist": "false",
            },
            "cve_allowlist": {"items": [{"cve_id": "CVE-2024-0001"}, {"cve_id": "CVE-2024-3094"}]},
        },
        f"{team}/quota": {"hard": {"storage": GIB}},
        f"{team}/member/user:{me}-ann": {"role_name": "projectAdmin"},
        f"{team}/member/user:{me}-bob": {"role_name": "limitedGuest"},
        f"{team}/member/group:{me}-devs": {"role_name": "maintainer"},
        f"{team}/label/own": {"color": "#FF5501", "scope": "p"},
        f"{team}/robot/ci": {
            "level": "project",
            "duration": 90,
            "disable": True,
            "permissions": [
                {"kind": "project", "namespace": f"{me}-team", "access": [PULL, PUSH]},
            ],
        },
        f"{team}/retention": {
            "algorithm": "or",
            "trigger": {"kind": "Schedule", "settings": {"cron": "0 0 0 * * 0"}},
            "rules": [
                {**rule("always", 0, "base/**"), "disabled": True},
                rule("latestPushedK", 10, tags="v*"),
                rule("nDaysSinceLastPull", 30),
            ],
        },
        f"{team}/immutable_tags": [
            {**immutable("apps/**", "release-*"), "disabled": True},
            immutable("**", "v*"),
        ],
        f"project/{me}-bare": {"metadata": {"public": "false"}},
        f"project/{me}-bare/quota": {},
        f"project/{me}-bare/member/user:{target.username}": {"role_name": "projectAdmin"},
        f"project/{me}-bare/immutable_tags": [],
    }


def test_everything_is_created_as_written(tool: Tool, target: Target) -> None:
    target.raw.make("/usergroups", {"group_name": target.name("devs"), "group_type": 3})
    tool.environ = {"ANN": WORD}
    tool.converge(EVERYTHING.format(me=target.prefix))
    found, expected = snapshot(target), _expected(target)
    assert found.keys() == expected.keys()
    wrong = {
        address: found[address] for address in found if not holds(found[address], expected[address])
    }
    assert wrong == {}
    user = target.raw.be(target.name("ann"), WORD)
    assert user.get("/users/current")["email"] == f"{target.name('ann')}@example.com"


TEAM = "project/{me}-team"
ENDINGS = [
    ("labels: {'{me}-label': absent}", ["label/{me}-label"]),
    ("robots: {'{me}-bot': absent}", ["robot/{me}-bot"]),
    ("users: {'{me}-ann': absent}", ["user/{me}-ann", f"{TEAM}/member/user:{{me}}-ann"]),
    ("projects: {'{me}-team': {labels: {mine: absent}}}", [f"{TEAM}/label/mine"]),
    ("projects: {'{me}-team': {robots: {ci: absent}}}", [f"{TEAM}/robot/ci"]),
    (
        "projects: {'{me}-team': {members: {users: {'{me}-ann': absent}}}}",
        [f"{TEAM}/member/user:{{me}}-ann"],
    ),
    (
        "projects: {'{me}-team': {members: {groups: {'{me}-devs': absent}}}}",
        [f"{TEAM}/member/group:{{me}}-devs"],
    ),
    ("projects: {'{me}-team': {labels: {}, prune: [label]}}", [f"{TEAM}/label/mine"]),
    ("projects: {'{me}-team': {robots: {}, prune: [robot]}}", [f"{TEAM}/robot/ci"]),
    (
        "projects: {'{me}-team': {members: {users: {'{admin}': admin}}, prune: [member]}}",
        [f"{TEAM}/member/user:{{me}}-ann"],
    ),
    (
        "projects: {'{me}-team': {members: {groups: {}}, prune: [member, robot, label]}}",
        [f"{TEAM}/member/group:{{me}}-devs"],
    ),
]


@pytest.mark.parametrize(("text", "ends"), ENDINGS, ids=[ends[0] for _, ends in ENDINGS])
def test_what_is_absent_or_pruned_ends_and_nothing_else(
    text: str, ends: list[str], tool: Tool, target: Target
) -> None:
    fill(target)
    before = snapshot(target)
    gone = {_named(address, target) for address in ends}
    plan = tool.converge(_named(text, target))
    assert said(plan) == [f"delete {_named(ends[0], target)}"]
    after = snapshot(target)
    assert after == {address: one for address, one in before.items() if address not in gone}


def _named(text: str, target: Target) -> str:
    return text.replace("{me}", target.prefix).replace("{admin}", target.username)


def test_a_project_ends_with_all_that_is_in_it(tool: Tool, target: Target) -> None:
    fill(target)
    plan = tool.converge(f"projects: {{{target.name('team')}: absent}}")
    assert said(plan) == [f"delete project/{target.name('team')}"]
    assert not [address for address in snapshot(target) if address.startswith("project/")]


def test_a_project_with_images_is_kept(tool: Tool, target: Target) -> None:
    target.add_project("team")
    target.push("team", "app")
    before = snapshot(target)
    outcome = tool.apply(f"projects: {{{target.name('team')}: absent}}")
    advice = "empty it, or write {absent: true, with_contents: true}"
    assert blocked(outcome.plan) == {
        f"project/{target.name('team')}": f"it holds 1 repositories; {advice}"
    }
    assert outcome.writes == ()
    assert snapshot(target) == before


ABSENT = """
    labels: {{'{me}-x': absent}}
    robots: {{'{me}-x': absent}}
    users: {{'{me}-x': absent}}
    projects:
      '{me}-x': absent
      '{me}-team':
        labels: {{x: absent}}
        robots: {{x: absent}}
        members: {{users: {{'{me}-x': absent}}, groups: {{'{me}-x': absent}}}}
"""


def test_what_is_not_there_need_not_end(tool: Tool, target: Target) -> None:
    target.add_project("team")
    assert said(tool.plan(ABSENT.format(me=target.prefix))) == []


def test_what_is_live_and_not_written_is_counted_and_kept(tool: Tool, target: Target) -> None:
    fill(target)
    before = snapshot(target)
    team = f"project/{target.name('team')}"
    plan = tool.converge(f"""
        labels: {{}}
        robots: {{}}
        users: {{}}
        projects:
          {target.name("team")}:
            labels: {{}}
            robots: {{}}
            members: {{users: {{}}, groups: {{}}}}
    """)
    assert extras(plan, target) == sorted(
        [
            f"label/{target.name('label')}",
            f"robot/{target.name('bot')}",
            f"user/{target.name('ann')}",
            f"{team}/label/mine",
            f"{team}/robot/ci",
            f"{team}/member/group:{target.name('devs')}",
            f"{team}/member/user:{target.name('ann')}",
            f"{team}/member/user:{target.username}",
        ]
    )
    assert snapshot(target) == before


def test_what_is_protected_is_neither_pruned_nor_deleted(tool: Tool, target: Target) -> None:
    fill(target)
    before = snapshot(target)
    team = target.name("team")
    outcome = tool.apply(f"""
        protect: [project/{team}, project/{team}/*/*, "label/{target.prefix}-*"]
        labels: {{{target.name("label")}: absent}}
        projects:
          {team}:
            labels: {{}}
            robots: {{ci: absent}}
            prune: [label]
    """)
    assert blocked(outcome.plan) == {
        f"label/{target.name('label')}": "it is protected",
        f"project/{team}/robot/ci": "it is protected",
    }
    assert extras(outcome.plan, target) == [f"project/{team}/label/mine"]
    assert outcome.writes == ()
    assert snapshot(target) == before


def test_the_systems_own_resources_are_pruned(own: Target, tmp_path: Path) -> None:
    fill(own)
    tool = Tool(own, tmp_path)
    plan = tool.converge("""
        labels: {}
        robots: {}
        prune: [label, robot]
    """)
    assert said(plan) == [f"delete label/{own.name('label')}", f"delete robot/{own.name('bot')}"]
    assert own.robots() == own.labels() == []
