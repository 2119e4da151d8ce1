"""Webhooks on a Harbor: whom they tell, and the headers that nobody may see."""

from __future__ import annotations

from contract.raw import Json
from contract.target import Target
from contract.tool import Tool, blocked, extras, only, said

HEADER, OTHER = "Bearer Example1Word", "Bearer Another2Word"


def hooks(target: Target) -> dict[str, Json]:
    """The team's webhooks by name, as Harbor tells them."""
    number = target.raw.project(target.name("team"))["project_id"]
    return {one["name"]: one for one in target.raw.all(f"/projects/{number}/webhook/policies")}


def headers(target: Target) -> list[str | None]:
    return [one.get("auth_header") for one in hooks(target)["hook"]["targets"]]


def yaml(target: Target, header: str, **more: str) -> str:
    lines = "".join(f"{key}: {value}, " for key, value in more.items())
    return f"""
        projects:
          {target.name("team")}:
            webhooks:
              hook: {{{lines}events: [PUSH_ARTIFACT], targets: [
                {{url: "https://hook.example.com/x"{header}}}]}}
    """


def test_a_header_comes_from_its_place_and_is_told_nowhere(tool: Tool, target: Target) -> None:
    tool.environ = {"HOOK": HEADER}
    with_header = yaml(target, ", auth_header: {env: HOOK}")
    tool.converge(with_header)
    assert headers(target) == [HEADER]
    tool.environ = {"HOOK": OTHER}
    outcome = tool.apply(with_header)
    assert said(outcome.plan) == [f"update project/{target.name('team')}/webhook/hook targets"]
    (field,) = only(outcome.plan).fields
    assert field.reason == "another auth header is sent to https://hook.example.com/x"
    assert "Bearer" not in repr(field)
    assert headers(target) == [OTHER]
    assert said(tool.plan(with_header)) == []


def test_a_header_that_is_not_written_stays_until_it_is_said_to_go(
    tool: Tool, target: Target
) -> None:
    tool.environ = {"HOOK": HEADER}
    tool.converge(yaml(target, ", auth_header: {env: HOOK}"))
    assert said(tool.plan(yaml(target, ""))) == []
    tool.converge(yaml(target, "", description="other"))
    tool.converge(yaml(target, ", insecure: true"))
    assert headers(target) == [HEADER]
    tool.converge(yaml(target, ", insecure: true, auth_header: none"))
    assert headers(target) == [None]


def test_an_empty_place_blocks_the_webhook(tool: Tool, target: Target) -> None:
    (tool.folder / "empty").touch()
    plan = tool.plan(yaml(target, ", auth_header: {file: empty}"))
    address = f"project/{target.name('team')}/webhook/hook"
    assert blocked(plan) == {address: "file empty is empty"}


def test_odd_webhooks_are_exported_and_plan_empty(tool: Tool, target: Target) -> None:
    number = target.add_project("team")
    path = f"/projects/{number}/webhook/policies"
    address = "https://hook.example.com/x"
    http = {"type": "http", "address": address}
    for name, targets in (
        ("twins", [http, http]),
        ("headers", [{**http, "auth_header": HEADER}, {**http, "auth_header": OTHER}, http]),
        ('a/b: "c"\n#ü', [{"type": "slack", "address": address, "auth_header": HEADER}]),
        ("password", [{**http, "address": "https://me:Example1Word@hook.example.com"}]),
        ("broken", [{**http, "address": "hook.example.com"}]),
        ("", [http]),
    ):
        body = {"name": name, "event_types": ["REPLICATION", "REPLICATION"], "targets": targets}
        target.raw.write("POST", path, body)
    team = target.name("team")
    for references in (False, True):
        files = tool.export(team, references=references)
        text = "\n".join(files.values())
        assert "Example1Word" not in text
        assert "Another2Word" not in text
        words = f"HARBOR_PROJECT_{team}_WEBHOOK_HEADERS_TARGETS_0_AUTH_HEADER"
        name = words.replace("-", "_").upper()
        assert (f"# auth_header: {{env: {name}}}\n" in text) != references
        assert name in text
        assert "# other_webhooks: [''] (harborconf cannot write these names)" in text
        tool.environ = {name: HEADER, name.replace("TARGETS_0", "TARGETS_1"): OTHER}
        plan = tool.plan_files(files)
        assert said(plan) == []
        assert extras(plan, target) == [f"project/{team}/webhook/"]


def test_webhooks_are_pruned_and_deleted(tool: Tool, target: Target) -> None:
    tool.converge(yaml(target, ""))
    plan = tool.converge(f"projects: {{{target.name('team')}: {{webhooks: {{hook: absent}}}}}}")
    assert said(plan) == [f"delete project/{target.name('team')}/webhook/hook"]
    tool.converge(yaml(target, ""))
    tool.converge(f"projects: {{{target.name('team')}: {{webhooks: {{}}, prune: [webhook]}}}}")
    assert hooks(target) == {}
