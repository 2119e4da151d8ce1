"""Users' passwords on a Harbor: tried once, set where they are wrong, never shown."""

from __future__ import annotations

import pytest

from contract.snapshot import snapshot
from contract.target import WORD, Target
from contract.tool import Tool, blocked, only, said

OTHER = "Another1Word"


def document(target: Target, more: str = "") -> str:
    return f"users: {{{target.name('ann')}: {{password: {{env: WORD}}{more}}}}}"


def opens(target: Target, password: str) -> bool:
    return target.raw.be(target.name("ann"), password).status("GET", "/users/current") == 200


def test_a_password_that_is_right_is_not_sent(tool: Tool, target: Target) -> None:
    target.add_user("ann")
    tool.environ = {"WORD": WORD}
    assert said(tool.plan(document(target))) == []


def test_a_password_that_is_wrong_is_set_and_nothing_else(tool: Tool, target: Target) -> None:
    target.add_user("ann", comment="first")
    before = snapshot(target)
    tool.environ = {"WORD": OTHER}
    plan = tool.converge(document(target))
    assert said(plan) == [f"update user/{target.name('ann')} password"]
    assert OTHER not in repr(plan)
    assert opens(target, OTHER)
    assert snapshot(target) == before


def test_a_password_and_the_profile_change_together(tool: Tool, target: Target) -> None:
    target.add_user("ann")
    tool.environ = {"WORD": OTHER}
    plan = tool.converge(document(target, ", comment: other"))
    assert said(plan) == [f"update user/{target.name('ann')} comment password"]
    assert opens(target, OTHER)
    assert snapshot(target)[f"user/{target.name('ann')}"]["comment"] == "other"


@pytest.mark.parametrize("is_there", [False, True], ids=["new", "live"])
def test_a_password_that_harbor_would_refuse_is_blocked(
    is_there: bool, tool: Tool, target: Target
) -> None:
    if is_there:
        target.add_user("ann")
    before = snapshot(target)
    tool.environ = {"WORD": "feeble"}
    outcome = tool.apply(document(target, f", email: {target.name('ann')}@example.com"))
    assert set(blocked(outcome.plan)) == {f"user/{target.name('ann')}"}
    assert "feeble" not in repr(outcome.plan)
    assert outcome.writes == ()
    assert snapshot(target) == before


def test_users_are_made_before_they_are_members_and_end_after(tool: Tool, target: Target) -> None:
    tool.environ = {"WORD": WORD}
    ann, team = target.name("ann"), target.name("team")
    tool.converge(f"""
        users: {{{ann}: {{email: {ann}@example.com, password: {{env: WORD}}}}}}
        projects: {{{team}: {{members: {{users: {{{ann}: developer}}}}}}}}
    """)
    plan = tool.converge(f"""
        users: {{{ann}: absent}}
        projects: {{{team}: {{members: {{users: {{{ann}: absent}}}}}}}}
    """)
    assert said(plan) == [f"delete user/{ann}", f"delete project/{team}/member/user:{ann}"]


def test_a_deleted_user_can_be_made_again(tool: Tool, target: Target) -> None:
    """Harbor keeps the record of a user who was deleted, under another name."""
    tool.environ = {"WORD": WORD}
    text = document(target, f", email: {target.name('ann')}@example.com")
    tool.converge(text)
    tool.converge(f"users: {{{target.name('ann')}: absent}}")
    assert only(tool.converge(text)).action.value == "create"
    assert opens(target, WORD)
