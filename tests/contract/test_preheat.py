"""Preheating on a Harbor: instances, which one is the default, and policies."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

import pytest

from contract.raw import Json
from contract.services import INSTANCES, tells_credentials
from contract.target import WORD, Target
from contract.tool import Tool, blocked, extras, said
from harborconf.errors import DocumentError

URL = "http://peers.example.com"


def instances(target: Target) -> dict[str, Json]:
    """This test's instances by name, as Harbor tells them."""
    return {one["name"]: one for one in target.in_registries(INSTANCES)}


def defaults(target: Target) -> list[str]:
    """Which of them are the default, in short."""
    found = [name for name, one in instances(target).items() if one["default"]]
    return sorted(name.removeprefix(f"{target.prefix}-") for name in found)


def some(target: Target, **more: str) -> str:
    """Instances by name, with what else is said of each."""
    lines = [
        f"{target.name(word)}: {{vendor: dragonfly, url: '{URL}/{target.name(word)}'{text}}}"
        for word, text in more.items()
    ]
    return f"preheat_instances: {{{', '.join(lines)}}}"


def policy(target: Target, fields: str, project: str = "team", word: str = "nightly") -> str:
    return f"projects: {{{target.name(project)}: {{preheat: {{{word}: {fields}}}}}}}"


def policies(target: Target, project: str) -> dict[str, Json]:
    return {one["name"]: one for one in target.raw.all(f"/projects/{project}/preheat/policies")}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"a": ", default: true", "b": ""}, {"a": ", insecure: true", "b": ", default: true"}),
        ({"a": ", default: true", "b": ""}, {"a": ", default: false", "b": ", default: true"}),
        ({"a": ", default: true"}, {"a": ", insecure: true", "b": ", default: true"}),
        ({"a": "", "b": ", default: true"}, {"a": ", default: true", "b": ", insecure: true"}),
    ],
)
def test_the_default_moves(
    tool: Tool, target: Target, first: dict[str, str], second: dict[str, str]
) -> None:
    tool.converge(some(target, **first))
    tool.converge(some(target, **second))
    wanted = [word for word, text in second.items() if "default: true" in text]
    assert defaults(target) == wanted


def test_two_that_harbor_took_for_the_default_become_one(tool: Tool, target: Target) -> None:
    for word in ("a", "b"):
        body = {"name": target.name(word), "vendor": "dragonfly", "endpoint": f"{URL}/{word}"}
        body["endpoint"] += target.prefix
        target.raw.write("POST", INSTANCES, {**body, "auth_mode": "NONE", "default": True})
    assert defaults(target) == ["a", "b"]
    plan = tool.converge(f"preheat_instances: {{{target.name('b')}: {{default: false}}}}")
    assert said(plan) == [f"update preheat_instance/{target.name('b')} default"]
    assert defaults(target) == ["a"]


def test_a_vendor_is_for_life(tool: Tool, target: Target) -> None:
    tool.converge(some(target, a=""))
    a = target.name("a")
    plan = tool.plan(f"preheat_instances: {{{a}: {{vendor: kraken, insecure: true}}}}")
    assert said(plan) == [
        f"blocked preheat_instance/{a} vendor",
        f"update preheat_instance/{a} insecure",
    ]
    assert "never changes a vendor" in blocked(plan)[f"preheat_instance/{a}"]


def test_a_credential_comes_from_its_place(tool: Tool, target: Target) -> None:
    tool.environ = {"PEERS": f"me:{WORD}"}
    yaml = some(target, a=", auth: basic, credential: {env: PEERS}")
    plan = tool.converge(yaml)
    assert WORD not in repr(plan)
    tool.converge(f"preheat_instances: {{{target.name('a')}: {{description: stays}}}}")
    if tells_credentials(target):
        assert instances(target)[target.name("a")]["auth_info"] == {"me": WORD}
        tool.environ = {"PEERS": f"me:{WORD}2"}
        assert said(tool.converge(yaml)) == [
            f"update preheat_instance/{target.name('a')} credential"
        ]
    else:
        (unknown,) = tool.plan(yaml).unknown
        assert (unknown.path, unknown.reason) == ("credential", "Harbor never tells it")
    tool.environ = {"PEERS": WORD}
    oauth = some(target, a=", auth: oauth, credential: {env: PEERS}")
    assert said(tool.converge(oauth)) == [
        f"update preheat_instance/{target.name('a')} auth credential"
    ]


def test_two_instances_with_one_url(tool: Tool, target: Target) -> None:
    a, b = target.name("a"), target.name("b")
    outcome = tool.apply(f"""
        preheat_instances:
          {a}: {{vendor: dragonfly, url: "{URL}/{a}"}}
          {b}: {{vendor: dragonfly, url: "{URL}/{a}"}}
    """)
    (failed,) = outcome.result.failed
    assert "no two instances with one URL" in failed.advice


def test_a_policy_and_its_instance_come_and_go_together(tool: Tool, target: Target) -> None:
    peers = target.name("a")
    tool.converge(f"""
        {some(target, a="")}
        {policy(target, f"{{instance: {peers}}}")}
    """)
    (found,) = policies(target, target.name("team")).values()
    assert (found["provider_name"], found["enabled"]) == (peers, True)
    assert json.loads(found["trigger"])["type"] == "manual"
    outcome = tool.apply(f"preheat_instances: {{{peers}: {{enabled: false}}}}")
    (failed,) = outcome.result.failed
    assert "cannot be disabled as some preheat policies are using it" in failed.message
    tool.converge(f"""
        preheat_instances: {{{peers}: absent}}
        {policy(target, "absent")}
    """)
    assert instances(target) == {}


GOES = pytest.mark.parametrize("goes", ["absent", "{enabled: false, description: old}"])


@GOES
def test_an_instance_goes_after_all_have_moved_from_it(
    tool: Tool, target: Target, goes: str
) -> None:
    a, b, c = (target.name(word) for word in "abc")
    team, elsewhere = target.name("team"), target.name("elsewhere")
    tool.converge(f"""
        {some(target, a="", b=", enabled: false")}
        projects:
          {team}: {{preheat: {{x: {{instance: {a}}}, y: {{instance: {a}}}, z: {{instance: {a}}}}}}}
          {elsewhere}: {{preheat: {{x: {{instance: {a}}}}}}}
    """)
    tool.converge(f"""
        preheat_instances:
          {a}: {goes}
          {b}: {{enabled: true}}
          {c}: {{vendor: dragonfly, url: "{URL}/{c}"}}
        projects:
          {team}:
            prune: [preheat]
            preheat: {{x: {{instance: {b}}}, y: {{instance: {c}}}}}
          {elsewhere}: {{preheat: {{x: absent}}}}
    """)
    left = instances(target)
    assert a not in left or not left[a]["enabled"]
    found = {name: one["provider_name"] for name, one in policies(target, team).items()}
    assert found == {"x": b, "y": c}
    assert policies(target, elsewhere) == {}


def test_a_policy_moves_to_an_instance_that_is_disabled(tool: Tool, target: Target) -> None:
    a, b = target.name("a"), target.name("b")
    tool.converge(f"""
        {some(target, a="", b="")}
        {policy(target, f"{{instance: {a}}}")}
    """)
    tool.converge(f"""
        preheat_instances: {{{b}: {{enabled: false}}}}
        {policy(target, f"{{instance: {b}}}")}
    """)
    (found,) = policies(target, target.name("team")).values()
    assert found["provider_name"] == b


@GOES
def test_an_instance_goes_after_the_project_that_uses_it(
    tool: Tool, target: Target, goes: str
) -> None:
    peers = target.name("a")
    tool.converge(f"""
        {some(target, a="")}
        {policy(target, f"{{instance: {peers}}}")}
    """)
    tool.converge(f"""
        preheat_instances: {{{peers}: {goes}}}
        projects: {{{target.name("team")}: absent}}
    """)
    assert not any(one["enabled"] for one in instances(target).values())


def test_an_instance_that_is_nowhere(tool: Tool, target: Target) -> None:
    with pytest.raises(DocumentError) as caught:
        tool.plan(policy(target, "{instance: nowhere}"))
    (problem,) = caught.value.problems
    assert "preheat_instance/nowhere" in problem.message
    assert problem.position is not None


def test_a_projects_administrator_plans_and_changes_policies(tool: Tool, target: Target) -> None:
    tool.converge(some(target, a="", b=""))
    number, user = target.add_project("team"), target.add_user("ann")
    member = {"role_id": 1, "member_user": {"username": user}}
    target.raw.make(f"/projects/{number}/members", member)
    ann = tool.be(user, WORD)
    ann.converge(policy(target, f"{{instance: {target.name('a')}, trigger: daily}}"))
    ann.converge(policy(target, f"{{instance: {target.name('b')}}}"))
    (found,) = policies(target, target.name("team")).values()
    assert found["provider_name"] == target.name("b")
    plan = ann.plan(some(target, a=", insecure: true"))
    assert all("not permitted" in reason for reason in blocked(plan).values())


def test_a_project_whose_name_is_a_number(tool: Tool, target: Target) -> None:
    number = target.claim(str(10**9 + secrets.randbelow(10**9)))
    tool.converge(f"""
        {some(target, a="")}
        projects:
          {number}: {{preheat: {{nightly: {{instance: {target.name("a")}, scope: all_peers}}}}}}
    """)
    assert json.loads(policies(target, number)["nightly"]["extra_attrs"]) == {"scope": "all_peers"}


def test_odd_policies_are_exported_and_plan_empty(tool: Tool, target: Target) -> None:
    tool.converge(some(target, a=""))
    target.add_project("team")
    team, number = target.name("team"), instances(target)[target.name("a")]["id"]
    manual = {"type": "manual", "trigger_setting": {"cron": "0 0 0 * * *"}}
    for name, filters, trigger, extra in (
        ("none", [], manual, ""),
        ("strange", [{"type": "nope", "value": 1}], {"type": "nope"}, '{"scope":"nope"}'),
        ("never", [{"type": "tag", "value": "{a,b}"}], {"type": "scheduled"}, '{"x":1}'),
        (
            "signed",
            [{"type": "tag", "value": "é"}, {"type": "signature", "value": True}],
            manual,
            "",
        ),
        ("comma", [{"type": "repository", "value": "a,b"}], manual, ""),
    ):
        body = {"name": name, "provider_id": number, "filters": json.dumps(filters)}
        body |= {"trigger": json.dumps(trigger), "extra_attrs": extra, "description": 'ü"\n#'}
        target.raw.write("POST", f"/projects/{team}/preheat/policies", body)
    files = tool.export(team)
    plan = tool.plan_files(files)
    assert said(plan) == []
    assert extras(plan, target) == []
    text = "".join(files.values())
    assert text.count("harborconf cannot write what Harbor has here") == 5


def test_instances_are_exported_and_plan_empty(own: Target, tmp_path: Path) -> None:
    tool = Tool(own, tmp_path)
    bodies: dict[str, dict[str, Json]] = {
        "basic": {"auth_mode": "BASIC", "auth_info": {"me": WORD}, "default": True},
        "described": {"auth_mode": "CUSTOM", "auth_info": {"username": "me", "password": WORD}},
        "Bare.1": {"auth_mode": "NONE", "enabled": False},
        "odd": {"auth_mode": "", "vendor": "nope", "endpoint": f"http://me:{WORD}@peers"},
    }
    for name, body in bodies.items():
        made = {"name": name, "vendor": "kraken", "endpoint": f"{URL}/{name}", "enabled": True}
        own.raw.write("POST", INSTANCES, {**made, **body})
    for references in (False, True):
        files = tool.export(references=references)
        text = files["system.yaml"]
        assert WORD not in "".join(files.values())
        name = "HARBOR_PREHEAT_INSTANCE_BASIC_CREDENTIAL"
        assert (f"# credential: {{env: {name}}}" in text) != references
        assert text.count("harborconf cannot write what Harbor has here") == 2
    tool.environ = {name: f"me:{WORD}", name.replace("BASIC", "DESCRIBED"): f"X: {WORD}"}
    found = said(tool.plan_files(tool.export(references=True)))
    told = ["update preheat_instance/described credential"] if tells_credentials(own) else []
    assert found == told
