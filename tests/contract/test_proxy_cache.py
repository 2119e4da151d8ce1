"""Proxy caches on a Harbor: what makes them, what is fixed, and what they silently have."""

from __future__ import annotations

import pytest

from contract.elsewhere import CACHE, HUB, IN, SPARE, fill
from contract.raw import Json
from contract.snapshot import snapshot
from contract.target import WORD, Target
from contract.tool import Tool, blocked, said
from harborconf.errors import DocumentError

WEEK = {"nDaysSinceLastPull": 7}


def retention(target: Target, word: str) -> Json:
    project = target.raw.project(target.name(word))
    return target.raw.get(f"/retentions/{project['metadata']['retention_id']}")


def text(target: Target, word: str, body: str) -> str:
    return f"projects: {{{target.name(word)}: {{{body}}}}}"


def test_its_registry_is_fixed_and_the_rest_still_changes(tool: Tool, target: Target) -> None:
    fill(target)
    address = f"project/{target.name(CACHE)}"
    outcome = tool.apply(text(target, CACHE, f"proxy_cache: {target.name(SPARE)}, public: true"))
    reason = (
        f"it is a proxy cache of `{target.name(HUB)}`, and that is fixed when a project is made:"
        " make another"
    )
    assert blocked(outcome.plan) == {address: reason}
    assert said(outcome.plan) == [
        f"blocked {address} proxy_cache.registry",
        f"update {address} public",
    ]
    assert target.raw.project(target.name(CACHE))["metadata"]["public"] == "true"


def test_a_project_does_not_become_one(tool: Tool, target: Target) -> None:
    fill(target)
    target.add_project("team")
    body = f"proxy_cache: {{registry: {target.name(HUB)}, speed: 1Mbps}}"
    plan = tool.plan(text(target, "team", body))
    (reason,) = blocked(plan).values()
    assert "it is no proxy cache, and that is fixed when a project is made: make another" in reason
    assert "Harbor drops it on a project that is no proxy cache" in reason


def test_what_harbor_drops_is_refused(tool: Tool, target: Target) -> None:
    fill(target)
    address = f"project/{target.name(CACHE)}"
    plan = tool.plan(text(target, CACHE, "signing: {notation: true}"))
    assert blocked(plan) == {address: "Harbor drops signing.notation on a proxy cache"}
    assert said(tool.plan(text(target, CACHE, "signing: {notation: false}"))) == []
    both = f"proxy_cache: {target.name(HUB)}, signing: {{notation: true}}"
    with pytest.raises(DocumentError, match="Harbor drops it on a proxy cache"):
        tool.plan(text(target, "new", both))
    with pytest.raises(DocumentError, match=r"creating it needs `proxy_cache\.registry`"):
        tool.plan(text(target, "new", "proxy_cache: {speed: 1Mbps}"))


@pytest.mark.parametrize(
    ("written", "days", "cron"),
    [
        ("{rules: []}", [], "0 0 0 * * *"),
        ("{schedule: weekly}", [WEEK], "0 0 0 * * 0"),
        ("{rules: [{keep: {pulled_within: 7d}}], schedule: daily}", [WEEK], "0 0 0 * * *"),
        ("{rules: [{keep: {pulled_within: 9d}}]}", [{"nDaysSinceLastPull": 9}], "0 0 0 * * *"),
    ],
)
def test_its_silent_retention_is_changed_where_it_is_written(
    written: str, days: list[Json], cron: str, tool: Tool, target: Target
) -> None:
    fill(target)
    plan = tool.converge(
        text(target, "new", f"proxy_cache: {target.name(HUB)}, retention: {written}")
    )
    assert plan.notices == ()
    found = retention(target, "new")
    assert [rule["params"] for rule in found["rules"]] == days
    assert found["trigger"]["settings"]["cron"] == cron


def test_its_silent_retention_is_left_where_it_is_not(tool: Tool, target: Target) -> None:
    fill(target)
    before = snapshot(target)
    plan = tool.converge(text(target, "new", f"proxy_cache: {target.name(HUB)}"))
    assert len(plan.notices) == 1
    assert [rule["params"] for rule in retention(target, "new")["rules"]] == [WEEK]
    assert said(tool.converge(text(target, CACHE, "public: false"))) == []
    assert retention(target, CACHE).keys() == retention(target, "new").keys()
    assert {
        address: one for address, one in snapshot(target).items() if address in before
    } == before


def test_an_administrator_of_the_project_is_not_told_of_registries(
    tool: Tool, target: Target
) -> None:
    fill(target)
    project = target.raw.project(target.name(CACHE))["project_id"]
    member = {"role_id": 1, "member_user": {"username": target.name("ann")}}
    target.raw.write("POST", f"/projects/{project}/members", member)
    ann = tool.be(target.name("ann"), WORD)
    plan = ann.converge(
        text(target, CACHE, f"proxy_cache: {{registry: {target.name(HUB)}, speed: 1Mbps}}")
    )
    assert said(plan) == [f"update project/{target.name(CACHE)} proxy_cache.speed"]
    assert [(one.path, one.reason) for one in plan.unknown] == [
        ("proxy_cache.registry", "Harbor does not tell it here")
    ]


def test_only_a_system_administrator_makes_one(tool: Tool, target: Target) -> None:
    fill(target)
    ann = tool.be(target.name("ann"), WORD)
    plan = ann.plan(text(target, "new", f"proxy_cache: {target.name(HUB)}"))
    reason = "only a system administrator may make a proxy cache"
    assert blocked(plan) == {f"project/{target.name('new')}": reason}
    for kind, word in (("registries", HUB), ("replications", IN)):
        plan = ann.plan(f"{kind}: {{{target.name(word)}: {{description: other}}}}")
        (reason,) = blocked(plan).values()
        assert "not permitted" in reason


def test_it_is_exported_and_plans_empty(tool: Tool, target: Target) -> None:
    fill(target)
    target.add_project("team")
    files = tool.export(target.name(CACHE), target.name("team"))
    cache = files[f"projects/{target.name(CACHE)}.yaml"]
    assert f"registry: {target.name(HUB)}" in cache
    assert ("max_upstream_connections: 3" in cache) == (target.version >= (2, 14, 1))
    assert "pulled_within: 7d" in cache
    assert "proxy_cache" not in files[f"projects/{target.name('team')}.yaml"]
    assert said(tool.plan_files(files)) == []


def test_one_is_never_a_default_of_others(tool: Tool, target: Target) -> None:
    fill(target)
    target.add_project("team")
    hub = target.raw.project(target.name(CACHE))["registry_id"]
    words = [f"cache-{number}" for number in range(4)]
    for word in words:
        body = {"project_name": target.name(word), "registry_id": hub}
        target.raw.make("/projects", body)
    files = tool.export(*map(target.name, [CACHE, "team", *words]), factored=True)
    assert said(tool.plan_files(files)) == []
    for word in words:
        assert f"registry: {target.name(HUB)}" in files[f"projects/{target.name(word)}.yaml"]
