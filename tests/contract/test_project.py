"""Projects on a Harbor."""

from __future__ import annotations

from contract.target import Target
from contract.tool import Tool, said


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
