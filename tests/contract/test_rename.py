"""Renaming: what Harbor can rename keeps its number, its content and what refers to it."""

from __future__ import annotations

import pytest

from contract.target import Target
from contract.tool import Tool, said
from harborconf.errors import DocumentError


def test_labels_and_webhooks_of_a_project(tool: Tool, target: Target) -> None:
    team = target.name("team")
    hook = "{events: [PUSH_ARTIFACT], targets: [{url: 'http://x.example'}]}"
    tool.converge(f"projects: {{{team}: {{labels: {{old: {{}}}}, webhooks: {{old: {hook}}}}}}}")
    number = target.raw.project(team)["project_id"]
    (label,) = target.raw.all("/labels", scope="p", project_id=str(number))
    (webhook,) = target.raw.all(f"/projects/{number}/webhook/policies")
    text = f"""
        projects:
          {team}:
            prune: [label, webhook]
            labels: {{new: {{previously: old, color: "#00AB9A"}}}}
            webhooks: {{new: {{previously: old}}}}
    """
    plan = tool.converge(text)
    assert said(plan) == [
        f"update project/{team}/label/new previously color",
        f"update project/{team}/webhook/new previously",
    ]
    (renamed,) = target.raw.all("/labels", scope="p", project_id=str(number))
    assert (renamed["id"], renamed["name"]) == (label["id"], "new")
    (renamed,) = target.raw.all(f"/projects/{number}/webhook/policies")
    assert (renamed["id"], renamed["name"]) == (webhook["id"], "new")
    assert tool.plan(text).changes == ()  # once renamed it says nothing any more


def test_a_label_of_the_system(tool: Tool, target: Target) -> None:
    old, new = target.name("old"), target.name("new")
    tool.converge(f"labels: {{{old}: {{description: x}}}}")
    (label,) = target.labels()
    plan = tool.converge(f"labels: {{{new}: {{previously: {old}}}}}")
    assert said(plan) == [f"update label/{new} previously"]
    (renamed,) = target.labels()
    assert (renamed["id"], renamed["description"]) == (label["id"], "x")


def test_what_was_never_there_is_made(tool: Tool, target: Target) -> None:
    new = target.name("new")
    plan = tool.converge(f"labels: {{{new}: {{previously: {target.name('old')}}}}}")
    assert said(plan) == [f"create label/{new}"]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("", "is live, and so is"),
        ("{old}: {{}}", "is written too, so it cannot become"),
    ],
)
def test_both_at_once_is_a_mistake(tool: Tool, target: Target, more: str, message: str) -> None:
    old, new = target.name("old"), target.name("new")
    tool.converge(f"labels: {{{old}: {{}}, {new}: {{}}}}")
    labels = f"{new}: {{previously: {old}}}, {more.format(old=old)}"
    with pytest.raises(DocumentError, match=message):
        tool.plan(f"labels: {{{labels}}}")
