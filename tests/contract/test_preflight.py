"""Who may not do a thing is told before the first write."""

from __future__ import annotations

import pytest

from contract.target import WORD, Target
from contract.tool import Tool, blocked, said

EVERYTHING = """
    projects:
      {team}:
        public: true
        quota: 1GiB
        labels: {{new: {{}}}}
        members: {{users: {{{other}: guest}}}}
        robots: {{new: {{expires: never, permissions: {{repository: [pull]}}}}}}
        retention: {{rules: [{{keep: always}}]}}
        immutable_tags: [{{}}]
        webhooks: {{new: {{events: [PUSH_ARTIFACT], targets: [{{url: "http://x.example"}}]}}}}
"""


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        (1, {"", "label/new", "member", "robot/new", "retention", "immutable_tags", "webhook/new"}),
        (4, {"label/new", "retention", "immutable_tags"}),
        (2, {"retention"}),
        (3, set()),
    ],
    ids=["admin", "maintainer", "developer", "guest"],
)
def test_a_member_plans_what_it_may_and_is_told_the_rest(
    tool: Tool, target: Target, role: int, allowed: set[str]
) -> None:
    me, other, team = target.add_user("me"), target.add_user("other"), target.name("team")
    number = target.add_project("team")
    member = {"role_id": role, "member_user": {"username": me}}
    target.raw.write("POST", f"/projects/{number}/members", member)
    text = EVERYTHING.format(team=team, other=other)
    outcome = tool.be(me, WORD).apply(text)
    planned = {
        str(change.address).removeprefix(f"project/{team}").removeprefix("/").partition("/user")[0]
        for change in outcome.plan.changes
        if str(change.address) not in blocked(outcome.plan)
    }
    assert planned == allowed, blocked(outcome.plan)
    assert outcome.result.is_complete, outcome.result  # Harbor refused nothing that was tried
    assert blocked(outcome.plan)[f"project/{team}/quota"]


def test_a_user_creates_projects_unless_harbor_says_otherwise(tool: Tool, own: Target) -> None:
    me, team = own.add_user("me"), own.name("team")
    text = f"projects: {{{team}: {{public: true}}}}"
    tool = Tool(own, tool.folder)
    assert said(tool.be(me, WORD).plan(text)) == [f"create project/{team} public"]
    own.raw.write("PUT", "/configurations", {"project_creation_restriction": "adminonly"})
    reason = "only a system administrator may create projects here"
    assert blocked(tool.be(me, WORD).plan(text)) == {f"project/{team}": reason}
