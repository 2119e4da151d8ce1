"""What a changed retention would delete, compared with what a real Harbor says it would."""

from __future__ import annotations

import re
import time
from collections import Counter

import pytest

from contract.push import push
from contract.target import Target
from contract.tool import Tool, blocked, said
from harborconf.engine.plan import Action

SECONDS = 120
TAGS = ("v1", "v2", "v3", "latest", "release-1", "dev-1")

RULES = [
    "{keep: {most_recently_pushed: 2}}",
    "{keep: {most_recently_pulled: 1}, tags: ['v*']}",
    "{keep: {pushed_within: 1d}, tags: ['v*']}",
    "{keep: {pulled_within: 1d}}",
    "{keep: always, tags: ['v*', latest]}",
    "{keep: always, tags: {except: ['v*']}}",
    "{keep: always, tags: {except: ['v*']}, untagged: false}",
    "{keep: always, tags: ['v*'], untagged: false}",
    "{keep: always, tags: [latest], repositories: ['apps/**']}",
    "{keep: always, tags: [latest], repositories: {except: ['apps/**']}}",
    "{keep: always, tags: [latest], repositories: ['{apps/web,db}']}",
    "{keep: {most_recently_pushed: 1}, disabled: true}",
    # What is told of as keeping nothing, or being for no repository.
    "{keep: always, tags: ['x y']}",
    "{keep: always, tags: {except: ['*']}, untagged: false}",
    "{keep: always, repositories: {except: ['**']}}",
]
IMMUTABLE = {
    "none": "",
    "some": "immutable_tags: [{repositories: [web, db], tags: [v2]}]",
    "every tag": "immutable_tags: [{tags: ['v*']}, {tags: {except: ['v*']}}]",
}


def fill(target: Target) -> None:
    """Six tags and an untagged image in each of three repositories."""
    target.add_project("team")
    for repository in ("apps/web", "db", "apps/x/deep"):
        path = f"{target.name('team')}/{repository}"
        for tag in TAGS:
            push(target.raw, path, tag)
        place = repository.replace("/", "%252F")
        artifacts = target.raw.all(
            f"/projects/{target.name('team')}/repositories/{place}/artifacts"
        )
        (dev,) = [
            one["digest"]
            for one in artifacts
            if any(tag["name"] == "dev-1" for tag in one["tags"] or [])
        ]
        untag = f"/projects/{target.name('team')}/repositories/{place}/artifacts/{dev}/tags/dev-1"
        target.raw.write("DELETE", untag)


def dry_run(target: Target) -> set[tuple[str, str]]:
    """What the stored policy would delete, by Harbor's own word: repository and digest."""
    number = target.raw.project(target.name("team"))["metadata"]["retention_id"]
    path = f"/retentions/{number}/executions"
    execution = target.raw.make(path, {"dry_run": True})
    wait_for(target, path, execution)
    found: set[tuple[str, str]] = set()
    for task in tasks(target, path, execution):
        log = str(target.raw.get(f"{path}/{execution}/tasks/{task['id']}"))
        rows = re.findall(r"\| (sha256:[0-9a-f]+) .*\| *(\w+) *\|", log)
        found.update((task["repository"], digest) for digest, fate in rows if fate == "DEL")
    return found


def wait_for(target: Target, path: str, execution: int) -> None:
    """Until all tasks have ended; Harbor tells so of their execution up to 20 s later."""
    until, before = time.monotonic() + SECONDS, -1
    while target.raw.get(f"{path}?page_size=1")[0]["status"] in {"InProgress", "Running"}:
        found = tasks(target, path, execution)
        if found and len(found) == before and {task["status"] for task in found} == {"Success"}:
            return
        before = len(found)
        assert time.monotonic() < until, "the dry run does not end"
        time.sleep(0.3)


def tasks(target: Target, path: str, execution: int) -> list[dict[str, str]]:
    return target.raw.all(f"{path}/{execution}/tasks")


@pytest.mark.parametrize("immutable", IMMUTABLE.values(), ids=IMMUTABLE)
def test_as_a_dry_run_of_the_same_policy(tool: Tool, target: Target, immutable: str) -> None:
    if target.simulator is not None:
        pytest.skip("the simulator runs no jobs, so it has no dry run to compare with")
    fill(target)
    team = target.name("team")
    head = f"projects: {{{team}: {{" + (f"{immutable}, " if immutable else "")
    try:
        for rule in RULES:
            text = f"{head}retention: {{schedule: never, rules: [{rule}]}}}}}}"
            tool.apply(text)
            ours = {(one.repository, one.digest) for one in tool.preview(text)}
            assert ours == dry_run(target), rule
    finally:
        tool.apply(f"projects: {{{team}: {{immutable_tags: []}}}}")  # or it cannot be deleted


def test_the_share_that_would_go_is_guarded(tool: Tool, target: Target) -> None:
    target.add_project("team")
    for name in ("a", "b", "c", "d"):
        target.push("team", name)
    team = target.name("team")
    text = f"""
        projects:
          {team}:
            retention: {{rules: [{{keep: {{pulled_within: 1d}}, repositories: [a, b]}}]}}
    """
    plan = tool.guarded().plan(text)
    (change,) = plan.changes
    assert change.action is Action.BLOCKED
    assert change.reason == (
        "2 of 4 artifacts would be deleted"
        " (50 %, limit 30 %: --allow retention_share lifts this guard)"
    )
    outcome = tool.guarded("retention_share").apply(text)
    assert said(outcome.plan) == [f"update project/{team}/retention rules"]
    (rules,) = outcome.plan.changes[0].fields
    assert rules.reason == "2 of 4 artifacts would be deleted"
    assert outcome.result.is_complete


def test_tags_that_are_no_longer_immutable_count(tool: Tool, target: Target) -> None:
    target.add_project("team")
    for name in ("a", "b"):
        target.push("team", name)
    team, rules = target.name("team"), "retention: {rules: [{keep: {pulled_within: 1d}}]}"
    fixed, free = (
        f"projects: {{{team}: {{{rules}, immutable_tags: {tags}}}}}" for tags in ("[{}]", "[]")
    )
    tool.apply(f"projects: {{{team}: {{immutable_tags: [{{}}]}}}}")
    try:
        assert not tool.preview(fixed)
        assert blocked(tool.guarded().plan(fixed)) == {}
        assert len(tool.preview(free)) == 2
        assert "2 of 2 artifacts would be deleted" in str(blocked(tool.guarded().plan(free)))
        tool.apply(fixed)
        found = blocked(tool.guarded().plan(free))
        assert "2 of 2 artifacts would be deleted" in found[f"project/{team}/immutable_tags"]
    finally:
        tool.apply(f"projects: {{{team}: {{immutable_tags: []}}}}")


@pytest.mark.parametrize("beside", ["", "retention: {schedule: weekly}, "])
def test_a_retention_that_no_file_writes_counts_too(
    tool: Tool, target: Target, beside: str
) -> None:
    target.add_project("team")
    for name in ("a", "b"):
        target.push("team", name)
    team = target.name("team")

    def tags(rules: str) -> str:
        return f"projects: {{{team}: {{{beside}immutable_tags: {rules}}}}}"

    tool.converge(tags("[{}]"))
    assert blocked(tool.guarded().plan(tags("[]"))) == {}  # there is no retention yet
    rules = "retention: {rules: [{keep: {pulled_within: 1d}, repositories: [a]}]}"
    tool.converge(f"projects: {{{team}: {{{rules}}}}}")
    try:
        for less in ("[]", "[{repositories: [b]}]", "[{disabled: true}]"):
            told = blocked(tool.guarded().plan(tags(less)))[f"project/{team}/immutable_tags"]
            assert told.startswith("1 of 2 artifacts would be deleted (50 %, limit 30 %: ")
        for enough in ("[{repositories: [a]}]", "[{}, {tags: [x]}]"):
            assert blocked(tool.guarded().plan(tags(enough))) == {}
    finally:
        tool.apply(tags("[]"))


def test_a_deleted_retention_deletes_nothing(tool: Tool, target: Target) -> None:
    target.add_project("team")
    target.push("team", "a")
    team = target.name("team")
    tool.converge(f"""
        projects:
          {team}:
            immutable_tags: [{{}}]
            retention: {{rules: [{{keep: {{pulled_within: 1d}}}}]}}
    """)
    number = target.raw.project(team)["metadata"]["retention_id"]
    target.raw.write("DELETE", f"/retentions/{number}")
    plan = tool.guarded().plan(f"projects: {{{team}: {{immutable_tags: []}}}}")
    assert blocked(plan) == {}
    tool.apply(f"projects: {{{team}: {{immutable_tags: []}}}}")


def test_what_the_guard_has_read_the_preview_does_not_read_again(
    tool: Tool, target: Target
) -> None:
    target.add_project("team")
    target.push("team", "a")
    target.push("team", "b")
    changed = "{rules: [{keep: {pulled_within: 1d}, repositories: [a]}]}"
    text = f"projects: {{{target.name('team')}: {{retention: {changed}}}}}"
    for _ in range(2):
        tool.requests.clear()
        assert [one.repository for one in tool.preview(text)] == ["a"]
        reads = Counter(one.path for one in tool.requests if "/repositories" in one.path)
        assert len(reads) == 3
        assert set(reads.values()) == {1}
        tool.apply(text)
