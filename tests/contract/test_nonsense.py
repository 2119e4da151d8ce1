"""What Harbor keeps without a word, and what is odd in it: shown, put right, or taken as it is."""

from __future__ import annotations

from copy import deepcopy

import pytest

from contract.filled import PULL, PUSH, fill, immutable, retention, robot, rule, selectors
from contract.raw import Json
from contract.snapshot import changed, snapshot
from contract.target import Target
from contract.tool import Tool, only, said

STORED = [
    ("severity", "bogus", "unknown", "scanning.block.severity", "scanning: {block: high}"),
    ("auto_scan", "maybe", "maybe", "scanning.on_push", "scanning: {on_push: false}"),
    ("prevent_vul", "2", "2", "scanning.block.enabled", "scanning: {block: {enabled: false}}"),
    ("public", "perhaps", "perhaps", "public", "public: false"),
]


@pytest.mark.parametrize(("key", "value", "shown", "path", "yaml"), STORED)
def test_a_stored_value_that_is_none_shows_and_is_put_right(
    key: str, value: str, shown: str, path: str, yaml: str, tool: Tool, target: Target
) -> None:
    number = target.add_project("team", prevent_vul="true")
    target.raw.write("PUT", f"/projects/{number}", {"metadata": {key: value}})
    document = f"projects: {{{target.name('team')}: {{{yaml}}}}}"
    (field,) = only(tool.plan(document)).fields
    assert (field.path, field.before) == (path, shown)
    tool.converge(document)


SPELLED = [
    ("auto_scan", "1", "scanning: {on_push: true}"),
    ("auto_scan", "TRUE", "scanning: {on_push: true}"),
    ("auto_scan", "0", "scanning: {on_push: false}"),
    ("severity", "HIGH", "scanning: {block: {severity: high}}"),
]


@pytest.mark.parametrize(("key", "value", "yaml"), SPELLED)
def test_a_value_in_another_spelling_is_no_difference(
    key: str, value: str, yaml: str, tool: Tool, target: Target
) -> None:
    number = target.add_project("team")
    target.raw.write("PUT", f"/projects/{number}", {"metadata": {key: value}})
    document = f"projects: {{{target.name('team')}: {{{yaml}}}}}"
    assert said(tool.plan(document)) == []


def test_a_member_whose_role_is_none_can_be_had_again(tool: Tool, target: Target) -> None:
    """Harbor counts such a member and does not show it; adding it replaces it."""
    number = fill(target)
    members = f"/projects/{number}/members"
    ann = next(one for one in target.raw.all(members) if one["entity_name"] == target.name("ann"))
    target.raw.write("PUT", f"{members}/{ann['id']}", {"role_id": 77})
    plan = tool.converge(f"""
        projects:
          {target.name("team")}: {{members: {{users: {{{target.name("ann")}: guest}}}}}}
    """)
    address = f"project/{target.name('team')}/member/user:{target.name('ann')}"
    assert said(plan) == [f"create {address} role"]
    assert snapshot(target)[address]["role_name"] == "guest"


def _odd(rules: list[Json]) -> list[list[Json]]:
    """Policies that Harbor takes and YAML cannot say."""
    unknown, lacking, text, two, words, half = (deepcopy(rules) for _ in range(6))
    unknown[0]["template"] = "latestDreamtK"
    lacking[0].pop("params")
    text[0]["params"] = {"latestPushedK": "ten"}
    two[0]["tag_selectors"] = [*two[0]["tag_selectors"], *two[0]["tag_selectors"]]
    words[0]["tag_selectors"][0]["extras"] = "anything"
    half[0]["params"] = {"latestPushedK": 2.5}
    return [unknown, lacking, text, two, words, half]


ODD = ["template", "no amount", "amount in words", "two selectors", "extras", "half"]


@pytest.mark.parametrize("index", range(len(ODD)), ids=ODD)
def test_a_rule_that_yaml_cannot_say_shows_and_is_replaced(
    index: int, tool: Tool, target: Target
) -> None:
    number = target.add_project("team")
    good = [rule("latestPushedK", 10), rule("nDaysSinceLastPull", 30)]
    policy = target.raw.make("/retentions", retention(number, *good))
    body = {"id": policy, **retention(number, *_odd(good)[index])}
    if target.raw.status("PUT", f"/retentions/{policy}", body) != 200:
        pytest.skip("this Harbor refuses it")
    document = f"""
        projects:
          {target.name("team")}:
            retention:
              rules:
                - {{keep: {{most_recently_pushed: 10}}, untagged: false}}
                - {{keep: {{pulled_within: 30d}}, untagged: false}}
    """
    (field,) = only(tool.plan(document)).fields
    assert (len(field.added), len(field.removed)) == (1, 1)
    tool.converge(document)
    assert sorted(target.raw.get(f"/retentions/{policy}")["rules"], key=repr) == sorted(
        good, key=repr
    )


def test_a_policy_that_was_deleted_by_hand_is_made_anew(tool: Tool, target: Target) -> None:
    number = target.add_project("team")
    policy = target.raw.make("/retentions", retention(number, rule("latestPushedK", 10)))
    target.raw.write("DELETE", f"/retentions/{policy}")
    document = f"""
        projects:
          {target.name("team")}:
            retention: {{schedule: daily, rules: [{{keep: {{most_recently_pushed: 10}}}}]}}
    """
    tool.converge(document)
    made = int(target.raw.project(target.name("team"))["metadata"]["retention_id"])
    assert made != policy
    assert target.raw.get(f"/retentions/{made}")["trigger"]["settings"]["cron"] == "0 0 0 * * *"


def test_a_policy_that_was_deleted_by_hand_equals_none(tool: Tool, target: Target) -> None:
    number = target.add_project("team")
    policy = target.raw.make("/retentions", retention(number, rule("latestPushedK", 10)))
    target.raw.write("DELETE", f"/retentions/{policy}")
    document = f"projects: {{{target.name('team')}: {{retention: {{rules: []}}}}}}"
    assert said(tool.plan(document)) == []


def test_a_pattern_list_without_braces_is_another_pattern(tool: Tool, target: Target) -> None:
    """Harbor takes `a,b` for one pattern, which matches nothing; YAML's list means both."""
    number = target.add_project("team")
    target.raw.make(f"/projects/{number}/immutabletagrules", immutable("a,b", "v*"))
    tool.converge(f"""
        projects:
          {target.name("team")}: {{immutable_tags: [{{repositories: [a, b], tags: [v*]}}]}}
    """)
    (made,) = target.raw.all(f"/projects/{number}/immutabletagrules")
    assert made["scope_selectors"] == selectors("{a,b}", "v*")["scope_selectors"]


SPELLINGS = ("{a,b}", "{b,a}", "{b,a,b}", "{{a},b}")


@pytest.mark.parametrize("pattern", SPELLINGS)
def test_a_list_is_the_same_in_any_order(pattern: str, tool: Tool, target: Target) -> None:
    number = target.add_project("team")
    target.raw.make(f"/projects/{number}/immutabletagrules", immutable(pattern, "**"))
    document = (
        f"projects: {{{target.name('team')}: {{immutable_tags: [{{repositories: [a, b]}}]}}}}"
    )
    assert said(tool.plan(document)) == []


def test_a_number_is_a_name_where_it_is_one(tool: Tool, target: Target) -> None:
    """A project whose name is another one's number, so that a mistake would show."""
    other = target.add_project("other")
    number = target.claim(str(other))
    target.raw.make("/labels", {"name": "mine", "scope": "p", "project_id": other})
    before = snapshot(target)
    text = f"""
        projects:
          {number}:
            public: {{}}
            quota: 1GiB
            members: {{users: {{}}}}
            labels: {{mine: {{color: "#00AB9A"}}}}
            robots: {{ci: {{expires: never, permissions: {{repository: [pull]}}}}}}
            retention: {{rules: [{{keep: always}}]}}
            immutable_tags: [{{}}]
    """
    tool.converge(text.replace("public: {}", "public: true"))
    tool.converge(text.replace("public: {}", "public: false"))
    after = snapshot(target)
    assert {
        address: one for address, one in after.items() if f"project/{number}" not in address
    } == before
    assert after[f"project/{number}/label/mine"]["color"] == "#00AB9A"
    plan = tool.converge(f"projects: {{{number}: absent}}")
    assert said(plan) == [f"delete project/{number}"]
    assert snapshot(target) == before


def test_colours_are_the_same_in_any_case(tool: Tool, target: Target) -> None:
    number = target.add_project("team")
    body = {"name": "mine", "scope": "p", "project_id": number, "color": "#00ab9a"}
    target.raw.make("/labels", body)
    document = f"projects: {{{target.name('team')}: {{labels: {{mine: {{color: '%s'}}}}}}}}"
    assert said(tool.plan(document % "#00AB9A")) == []
    assert said(tool.plan(document % "#00ab9a")) == []
    assert len(said(tool.plan(document % "#00ab9b"))) == 1


def test_a_colour_that_is_none_shows(tool: Tool, target: Target) -> None:
    number = target.add_project("team")
    body = {"name": "mine", "scope": "p", "project_id": number, "color": "teal"}
    label = target.raw.make("/labels", body)
    document = f"projects: {{{target.name('team')}: {{labels: {{mine: {{color: '#00AB9A'}}}}}}}}"
    (field,) = only(tool.plan(document)).fields
    assert (field.before, field.after) == ("teal", "#00AB9A")
    tool.converge(document)
    assert target.raw.get(f"/labels/{label}")["color"] == "#00AB9A"


def test_the_order_of_permissions_means_nothing(tool: Tool, target: Target) -> None:
    target.add_project("team")
    body = robot("ci", target.name("team"))
    resources = ("artifact", "label", "scan", "tag")
    access = [PUSH, *({"resource": one, "action": "create"} for one in resources), PULL]
    body["permissions"][0]["access"] = access
    target.raw.write("POST", "/robots", body)
    document = f"""
        projects:
          {target.name("team")}:
            robots:
              ci:
                permissions:
                  tag: [create]
                  repository: [pull, push, pull]
                  artifact: [create]
                  scan: [create]
                  label: [create]
    """
    assert [said(tool.plan(document)) for _ in range(5)] == [[]] * 5


def test_a_permission_that_denies_is_none(tool: Tool, target: Target) -> None:
    """To a permission without an effect Harbor answers with the one it has, even if that denies."""
    target.add_project("team")
    body = robot("ci", target.name("team"))
    body["permissions"][0]["access"][0]["effect"] = "deny"
    target.raw.write("POST", "/robots", body)
    document = f"""
        projects:
          {target.name("team")}: {{robots: {{ci: {{permissions: {{repository: [pull, push]}}}}}}}}
    """
    (field,) = only(tool.plan(document)).fields
    assert field.removed == {"repository": ["deny pull"]}
    tool.converge(document)


def test_a_permission_that_denies_is_left_where_none_are_written(
    tool: Tool, target: Target
) -> None:
    target.add_project("team")
    body = robot("ci", target.name("team"))
    body["permissions"][0]["access"][0]["effect"] = "deny"
    target.raw.write("POST", "/robots", body)
    before = snapshot(target)
    address = f"project/{target.name('team')}/robot/ci"
    tool.converge(f"projects: {{{target.name('team')}: {{robots: {{ci: {{description: x}}}}}}}}")
    assert snapshot(target) == changed(before, address, {"description": "x"})


def test_a_rule_that_is_disabled_is_no_other_one(target: Target) -> None:
    """So harborconf refuses two rules that differ in that alone before it asks Harbor."""
    number = target.add_project("team")
    path = f"/projects/{number}/immutabletagrules"
    body = immutable("**", "v*")
    made = target.raw.make(path, body)
    target.raw.write("PUT", f"{path}/{made}", {**body, "id": made, "disabled": True})
    assert target.raw.status("POST", path, body) == 409
