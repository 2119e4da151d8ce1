"""Permissions of robots are held against what the Harbor at the other end can give."""

from __future__ import annotations

import pytest

from contract.target import WORD, Target
from contract.tool import Tool, said
from harborconf.errors import DocumentError


def test_what_this_harbor_does_not_give_is_said_before_anything_is_written(
    tool: Tool, target: Target
) -> None:
    robot = "{expires: never, permissions: {repository: [pull, destroy], robott: [read]}}"
    with pytest.raises(DocumentError) as caught:
        tool.plan(f"projects: {{{target.name('team')}: {{robots: {{ci: {robot}}}}}}}")
    unknown, action = sorted(map(str, caught.value.problems), key=lambda text: "destroy" in text)
    assert "desired.yaml:2:" in action
    assert "gives no robot `destroy` of `repository` (known are " in action
    assert "nothing of `robott` (did you mean `robot`?" in unknown


def test_a_project_administrator_is_told_of_projects_only(tool: Tool, target: Target) -> None:
    number = target.add_project("team")
    user = target.add_user("ann")
    member = {"role_id": 1, "member_user": {"username": user}}
    target.raw.make(f"/projects/{number}/members", member)
    ann = tool.be(user, WORD)

    def plan(permissions: str) -> list[str]:
        robot = f"{{expires: never, permissions: {permissions}}}"
        return said(ann.plan(f"projects: {{{target.name('team')}: {{robots: {{ci: {robot}}}}}}}"))

    assert plan("{repository: [pull]}") != []
    with pytest.raises(DocumentError):
        plan("{repository: [destroy]}")


def test_a_robot_of_the_system_waits_for_the_projects_it_is_for(tool: Tool, target: Target) -> None:
    one, other = target.name("one"), target.name("other")
    robot = target.name("fleet")
    tool.converge(f"""
        robots:
          {robot}:
            expires: never
            permissions:
              projects: {{{one}: {{repository: [pull]}}, {other}: {{repository: [push]}}}}
        projects: {{{one}: {{}}, {other}: {{}}}}
    """)
