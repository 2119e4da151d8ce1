"""Who did it, as far as Harbor's audit log tells."""

from __future__ import annotations

import time

from contract.filled import robot
from contract.target import WORD, Target
from contract.tool import Tool

SECONDS = 10


def told(tool: Tool, target: Target, text: str) -> dict[str, str]:
    """What is told of this test's own resources."""
    lines = (line.partition(": ") for line in tool.who(text))
    return {
        address: told.partition(",")[0] for address, _, told in lines if target.prefix in address
    }


def test_what_harbor_records_and_what_not(tool: Tool, target: Target) -> None:
    team, ann, ben = target.name("team"), target.add_user("ann"), target.name("ben")
    text = f"""
        users:
          {ann}: {{admin: true}}
          {ben}: {{email: {ben}@example.com, password: {{file: word}}}}
        projects:
          {team}:
            public: true
            robots: {{ci: {{expires: 9d, permissions: {{repository: [pull]}}}}}}
    """
    (tool.folder / "word").write_text(WORD, encoding="utf-8")
    tool.converge(text)
    raw = target.raw
    number = raw.project(team)["project_id"]
    (ci,) = raw.all("/robots", q=f"Level=project,ProjectID={number}")
    raw.write("DELETE", f"/robots/{ci['id']}")
    raw.write("POST", "/robots", robot("extra", team))
    raw.write("PUT", f"/projects/{number}", {"metadata": {"public": "false"}})
    users = {one["username"]: one["user_id"] for one in target.users()}
    raw.write("DELETE", f"/users/{users[ben]}")
    raw.write("PUT", f"/users/{users[ann]}/sysadmin", {"sysadmin_flag": False})
    found = told(tool, target, text)
    until = time.monotonic() + SECONDS
    while len(found) < len(tool.plan(text).changes) and time.monotonic() < until:
        time.sleep(0.2)  # a real Harbor writes its log when it finds the time
        found = told(tool, target, text)
    by = f"by {target.username}"
    assert found == {
        f"project/{team}/robot/ci": f"deleted {by}",
        f"project/{team}/robot/extra": f"created {by}",
        f"user/{ben}": f"deleted {by}",
        f"user/{ann}": f"changed {by}",
    }
    quota = f"projects: {{{team}: {{quota: 7GiB}}}}"
    assert tool.who(quota) == (f"who did it is not recorded by Harbor: project/{team}/quota",)


def test_a_member_is_told_of_its_project_only(tool: Tool, target: Target) -> None:
    number, me = target.add_project("team"), target.add_user("me")
    target.raw.write(
        "POST", f"/projects/{number}/members", {"role_id": 1, "member_user": {"username": me}}
    )
    text = f"projects: {{{target.name('team')}: {{public: true}}}}"
    assert tool.be(me, WORD).who(text) == (
        f"who did it is not recorded by Harbor, or not told to you: project/{target.name('team')}",
    )
