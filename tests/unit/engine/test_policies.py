"""Policies: which projects they reach, what they win over, and how they can disagree."""

from __future__ import annotations

from typing import Any

import pytest

from harborconf.engine.load import read
from harborconf.engine.policies import Facts
from harborconf.engine.resolve import DesiredState, resolve
from harborconf.engine.why import why
from harborconf.errors import DocumentError
from harborconf.spec.address import parse


def resolved(text: str, *live: Facts) -> DesiredState:
    return resolve(read({"a.yaml": f"version: 1\n{text}".encode()}), live)


def value(state: DesiredState, address: str) -> Any:
    found, path = parse(address)
    desired = state.by_address.get(found)
    return None if desired is None else desired.fields.get(path)


LAYERS = """
defaults: {project: {quota: 1GiB, public: true, scanning: {on_push: false}}}
profiles: {gold: {quota: 3GiB}}
policies:
  - {match: {name: "*"}, project: {quota: 2GiB, signing: {cosign: true}, scanning: {sbom: true}}}
  - {match: {name: "team-*"}, project: {signing: {cosign: false}}}
  - {match: {name: "*", except: [team-b]}, enforced: true, project: {scanning: {on_push: true}}}
projects:
  team-a: {profile: gold, scanning: {on_push: false}}
  team-b: {}
"""


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("project/team-a/quota#storage", 3 * 2**30),  # the profile is above policies
        ("project/team-b/quota#storage", 2 * 2**30),  # policies are above the defaults
        ("project/team-a#public", True),  # what no policy says stays
        ("project/team-a#signing.cosign", False),  # of two policies the lower one in the file
        ("project/team-a#scanning.on_push", True),  # enforced is above the project's own file
        ("project/team-b#scanning.on_push", False),  # excepted
        ("project/user-x#scanning.on_push", True),  # a live project that no file names
        ("project/user-x/quota#storage", 2 * 2**30),
        ("project/user-x#public", None),  # defaults reach only projects in files
    ],
)
def test_layers(address: str, expected: object) -> None:
    assert value(resolved(LAYERS, Facts("user-x"), Facts("team-a")), address) == expected


@pytest.mark.parametrize(
    ("match", "facts", "selected"),
    [
        ('{name: "user-*"}', Facts("user-a"), True),
        ('{name: "user-*"}', Facts("xuser-a"), False),
        ('{name: "user-*", except: [user-a]}', Facts("user-a"), False),
        ("{public: true}", Facts("p", public=True), True),
        ("{public: true}", Facts("p", public=False), False),
        ("{public: false}", Facts("p", public=False), True),
        ("{proxy: true}", Facts("p", proxy=True), True),
        ('{proxy: false, name: "p*"}', Facts("p", proxy=True), False),
    ],
)
def test_selectors(match: str, facts: Facts, selected: bool) -> None:
    state = resolved(f"policies: [{{match: {match}, project: {{quota: 1GiB}}}}]", facts)
    assert (value(state, f"project/{facts.name}/quota#storage") is not None) is selected


def test_a_selector_believes_the_projects_own_file_before_what_is_live() -> None:
    text = """
policies: [{match: {public: true}, project: {quota: 1GiB}}]
projects: {a: {public: true}, b: {public: false}, c: {}}
"""
    live = [Facts(name, public=name != "a") for name in "abc"]
    state = resolved(text, *live)
    assert [value(state, f"project/{name}/quota#storage") for name in "abc"] == [2**30, None, 2**30]


def test_placeholders_are_the_projects_name() -> None:
    text = 'policies: [{match: {name: "*"}, project: {members: {users: {"{project}-bot": guest}}}}]'
    state = resolved(text, Facts("x"))
    assert value(state, "project/x/member/user:x-bot#role").value == "guest"


@pytest.mark.parametrize(
    ("one", "two", "where"),
    [
        ("public: true", "public: false", "public"),
        ("quota: 1GiB", "quota: {storage: 2GiB}", "quota.storage"),
        ("members: {users: {a: guest}}", "members: {users: {a: absent}}", "members.users.a"),
        ("scanning: null", "scanning: {sbom: true}", "scanning"),
        ("scanning: {sbom: true}", "scanning: null", "scanning"),
    ],
)
def test_enforced_policies_that_disagree_block_the_project_and_name_both(
    one: str, two: str, where: str
) -> None:
    text = f"""
policies:
  - {{match: {{name: "*"}}, enforced: true, project: {{{one}}}}}
  - {{match: {{name: "a*"}}, enforced: true, project: {{{two}}}}}
projects: {{a: {{}}, b: {{}}}}
"""
    blocked = resolved(text).blocked
    assert set(blocked) == {"a"}
    assert blocked["a"].startswith(f"enforced policies disagree on {where}: a.yaml:4:")
    assert " and a.yaml:5:" in blocked["a"]


def test_enforced_policies_may_agree() -> None:
    text = """
policies:
  - {match: {name: "*"}, enforced: true, project: {public: false, quota: 1GiB}}
  - {match: {name: "a"}, enforced: true, project: {public: false, scanning: {sbom: true}}}
projects: {a: {public: true}}
"""
    state = resolved(text)
    assert state.blocked == {}
    assert value(state, "project/a#public") is False


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ("{project: {quota: 1GiB}}", "a.yaml:2:12: a policy needs `match` and `project`"),
        ("{match: {name: x}}", "a.yaml:2:12: a policy needs `match` and `project`"),
        ("{match: {}, project: {quota: 1GiB}}", "a.yaml:2:20: `match` needs one of name, public"),
        (
            "{match: {public: true}, project: {public: false}}",
            "a.yaml:2:54: a policy cannot set `public`, which it selects on",
        ),
        ("{match: {nam: x}, project: {}}", "a.yaml:2:21: unknown key `nam` (did you mean `name`?)"),
    ],
)
def test_bad_policies(policy: str, message: str) -> None:
    with pytest.raises(DocumentError) as caught:
        resolved(f"policies: [{policy}]", Facts("x"))
    assert caught.value.lines()[0].startswith(message)


def test_why_names_the_policy() -> None:
    address, path = parse("project/team-a#scanning.on_push")
    found = why(resolved(LAYERS), address, path)
    assert [(one.layer, one.value, one.wins) for one in found] == [
        ("defaults", False, False),
        ("project", False, False),
        ("policy 3 (*)", True, True),
    ]
