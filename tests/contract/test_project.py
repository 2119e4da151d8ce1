"""Projects on a Harbor."""

from __future__ import annotations

import pytest

from contract.filled import fill
from contract.snapshot import snapshot
from contract.target import Target
from contract.tool import Tool, said
from harborconf.kinds.resource import WriteBench

MEMBERS = "/projects/{}/members"


def test_the_creators_membership_is_taken_away_where_users_are_managed(
    tool: Tool, target: Target
) -> None:
    team = target.name("team")
    plan = tool.converge(f"""
        projects:
          {team}: {{public: true, members: {{users: {{}}}}}}
    """)
    assert said(plan) == [
        f"create project/{team} public",
        f"delete project/{team}/member/user:{target.username}",
    ]
    assert target.raw.project(team)["metadata"]["public"] == "true"
    assert target.raw.all(f"/projects/{team}/members") == []


CREATORS = [
    ("{{}}", ["delete {own}"], None),
    ("{{{admin}: admin}}", [], "projectAdmin"),
    ("{{{admin}: guest}}", ["update {own} role"], "guest"),
    ("{{{admin}: absent}}", ["delete {own}"], None),
    ("null", [], "projectAdmin"),
]


@pytest.mark.parametrize(("users", "then", "role"), CREATORS, ids=[one[0] for one in CREATORS])
def test_what_becomes_of_the_creators_membership(
    users: str, then: list[str], role: str | None, tool: Tool, target: Target
) -> None:
    team, admin = target.name("team"), target.username
    own = f"project/{team}/member/user:{admin}"
    users = users.format(admin=admin)
    plan = tool.converge(f"projects: {{{team}: {{members: {{users: {users}}}}}}}")
    assert said(plan) == [f"create project/{team}", *(step.format(own=own) for step in then)]
    found = {one["entity_name"]: one["role_name"] for one in target.raw.all(MEMBERS.format(team))}
    assert found.get(admin) == role


def test_a_deleted_project_can_be_made_again(tool: Tool, target: Target) -> None:
    team = target.name("team")
    text = f"projects: {{{team}: {{quota: 1GiB, retention: {{rules: [{{keep: always}}]}}}}}}"
    tool.converge(text)
    tool.converge(f"projects: {{{team}: absent}}")
    assert len(tool.converge(text).changes) == 3


def test_a_project_that_somebody_else_made_meanwhile_is_told(tool: Tool, target: Target) -> None:
    """Between the plan and its first write; what needed the project is not tried."""
    team = target.name("team")

    def meanwhile(bench: WriteBench) -> WriteBench:
        target.add_project("team")
        return bench

    tool.around = meanwhile
    outcome = tool.apply(f"projects: {{{team}: {{labels: {{mine: {{}}}}}}}}")
    (failed,) = outcome.result.failed
    assert "already exists" in failed.message
    assert [str(one.step.address) for one in outcome.result.skipped] == [
        f"project/{team}/label/mine"
    ]


def test_a_project_that_somebody_deleted_meanwhile_is_told(tool: Tool, target: Target) -> None:
    fill(target)
    team = target.name("team")

    def meanwhile(bench: WriteBench) -> WriteBench:
        target.clean()
        return bench

    tool.around = meanwhile
    outcome = tool.apply(f"""
        projects:
          {team}:
            public: true
            quota: 2GiB
            members: {{users: {{{target.name("ann")}: guest}}}}
            labels: {{mine: {{description: x}}, more: {{}}}}
            robots: {{ci: {{description: x}}}}
            retention: {{schedule: weekly}}
            immutable_tags: []
    """)
    assert outcome.result.done == ()
    assert snapshot(target) == {}
    assert all(failed.message for failed in outcome.result.failed)
