"""Scanners on a Harbor: registered, chosen, and what they are told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from contract.adapter import NOBODY, Adapter, adapter
from contract.raw import Json
from contract.services import tells_credentials
from contract.target import WORD, Target
from contract.tool import Tool, blocked, only, said
from harborconf.errors import RefusedError


@pytest.fixture(scope="module")
def scanners() -> Iterator[Adapter]:
    """Where scanners answer."""
    with adapter() as found:
        yield found


def registered(target: Target) -> dict[str, Json]:
    """This test's scanners by name, as Harbor tells them."""
    return {one["name"]: one for one in target.in_registries("/scanners")}


def two(target: Target, scanners: Adapter, default: str, first: str = "", second: str = "") -> str:
    """Two scanners, `a` and `b`, and which one is the default."""
    a, b = target.name("a"), target.name("b")
    return f"""
        scanners:
          {a}: {{url: "{scanners.url}/{a}"{first}}}
          {b}: {{url: "{scanners.url}/{b}"{second}}}
        system: {{default_scanner: {target.name(default)}}}
    """


def test_the_default_moves_before_the_old_one_is_disabled_or_goes(
    tool: Tool, target: Target, scanners: Adapter
) -> None:
    tool.converge(two(target, scanners, "a"))
    assert registered(target)[target.name("a")]["is_default"]
    plan = tool.converge(two(target, scanners, "b", first=", disabled: true"))
    a, b = target.name("a"), target.name("b")
    assert said(plan) == [f"update scanner/{a} disabled", "update system/default_scanner name"]
    assert registered(target)[b]["is_default"]
    tool.converge(two(target, scanners, "a", first=", disabled: false"))
    tool.converge(f"""
        scanners: {{{a}: absent, {b}: {{url: "{scanners.url}/{b}", description: stays}}}}
        system: {{default_scanner: {b}}}
    """)
    assert {name: one["is_default"] for name, one in registered(target).items()} == {b: True}


def test_the_default_cannot_be_disabled(tool: Tool, target: Target, scanners: Adapter) -> None:
    tool.converge(two(target, scanners, "a"))
    a = target.name("a")
    outcome = tool.apply(f"scanners: {{{a}: {{disabled: true}}}}")
    (failed,) = outcome.result.failed
    assert "see `system.default_scanner`" in failed.advice
    both = two(target, scanners, "b", second=", disabled: true")
    with pytest.raises(RefusedError, match="wait for one another"):
        tool.apply(both)
    assert registered(target)[a]["is_default"]


def test_what_no_scanner_is(tool: Tool, target: Target) -> None:
    team = target.name("team")
    plan = tool.plan(f"projects: {{{team}: {{scanning: {{scanner: inherit}}}}}}")
    assert said(plan) == [f"create project/{team}"]
    if target.is_real:
        return
    assert said(tool.plan("system: {default_scanner: Trivy}")) == []
    tool.converge(f"projects: {{{team}: {{scanning: {{scanner: Trivy}}}}}}")
    for row in target.simulator.state.scanners if target.simulator else ():
        row["name"] = "Other"
    plan = tool.plan(f"projects: {{{team}: {{scanning: {{scanner: Trivy}}}}}}")
    assert blocked(plan) == {
        f"project/{team}/project_scanner": "this Harbor was installed without Trivy"
    }


def test_one_that_does_not_answer_stops_nothing_else(
    tool: Tool, target: Target, scanners: Adapter
) -> None:
    a, b, team = target.name("a"), target.name("b"), target.name("team")
    outcome = tool.apply(f"""
        scanners:
          {a}: {{url: "{NOBODY}/{a}"}}
          {b}: {{url: "{scanners.url}/{b}"}}
        projects: {{{team}: {{scanning: {{scanner: {b}}}}}}}
    """)
    (failed,) = outcome.result.failed
    assert str(failed.step) == f"create scanner/{a}"
    assert "does not answer as one" in failed.advice
    assert registered(target).keys() == {b}
    uuid = registered(target)[b]["uuid"]
    project = target.raw.project(team)["project_id"]
    chosen = target.raw.get(f"/projects/{project}/metadatas/projectScanner")
    assert chosen == {"projectScanner": uuid}


@pytest.mark.parametrize(
    ("auth", "secret", "header"),
    [
        ("basic", f"me:{WORD}", "Basic bWU6RXhhbXBsZTFXb3Jk"),
        ("bearer", WORD, f"Bearer {WORD}"),
        ("api_key", WORD, WORD),
    ],
)
def test_a_credential_comes_from_its_place(
    tool: Tool, target: Target, scanners: Adapter, auth: str, secret: str, header: str
) -> None:
    tool.environ = {"SCANNER": secret}
    a = target.name("a")
    yaml = f"""
        scanners:
          {a}: {{url: "{scanners.url}/{a}", auth: {auth}, credential: {{env: SCANNER}}}}
    """
    plan = tool.converge(yaml)
    assert secret not in repr(plan)
    if target.is_real:
        assert scanners.told[a] == header
    if tells_credentials(target):
        assert registered(target)[a]["access_credential"] == secret
        tool.environ = {"SCANNER": f"{secret}2"}
        change = only(tool.plan(yaml))
        assert [(one.path, one.before) for one in change.fields] == [("credential", "(hidden)")]
        tool.converge(yaml)
        assert registered(target)[a]["access_credential"] == f"{secret}2"
    else:
        (unknown,) = tool.plan(yaml).unknown
        assert (unknown.path, unknown.reason) == ("credential", "Harbor never tells it")


def test_a_credential_that_is_not_written_stays(
    tool: Tool, target: Target, scanners: Adapter
) -> None:
    tool.environ = {"SCANNER": WORD}
    a = target.name("a")
    tool.converge(f"""
        scanners:
          {a}: {{url: "{scanners.url}/{a}", auth: bearer, credential: {{env: SCANNER}}}}
    """)
    tool.converge(f'scanners: {{{a}: {{description: "é"}}}}')
    found = registered(target)[a]
    assert (found["description"], found["auth"]) == ("é", "Bearer")
    if tells_credentials(target):
        assert found["access_credential"] == WORD
    tool.converge(f"scanners: {{{a}: {{auth: none}}}}")
    found = registered(target)[a]
    assert (found["auth"], found["access_credential"]) == ("", "")


def test_a_projects_administrator_chooses_among_all(
    tool: Tool, target: Target, scanners: Adapter
) -> None:
    tool.converge(two(target, scanners, "a"))
    number, user = target.add_project("team"), target.add_user("ann")
    member = {"role_id": 1, "member_user": {"username": user}}
    target.raw.make(f"/projects/{number}/members", member)
    ann, team = tool.be(user, WORD), target.name("team")
    choice = f"projects: {{{team}: {{scanning: {{scanner: {target.name('b')}}}}}}}"
    ann.converge(choice)
    assert said(ann.plan(choice)) == []
    ann.converge(f"projects: {{{team}: {{scanning: {{scanner: inherit}}}}}}")
    plan = ann.plan(f"system: {{default_scanner: {target.name('b')}}}")
    assert "not permitted" in blocked(plan)["system/default_scanner"]


def test_a_chosen_scanner_that_was_deleted_is_told(
    tool: Tool, target: Target, scanners: Adapter
) -> None:
    tool.converge(two(target, scanners, "a"))
    number, b = target.add_project("team"), registered(target)[target.name("b")]["uuid"]
    target.raw.write("PUT", f"/projects/{number}/scanner", {"uuid": b})
    target.raw.write("DELETE", f"/scanners/{b}")
    plan = tool.plan(f"projects: {{{target.name('team')}: {{scanning: {{scanner: inherit}}}}}}")
    assert said(plan) == []
    assert "the scanner it chose was deleted" in plan.notices[0]
    plan = tool.converge(
        f"projects: {{{target.name('team')}: {{scanning: {{scanner: {target.name('a')}}}}}}}"
    )
    assert said(plan) == [f"update project/{target.name('team')}/project_scanner name"]


def test_scanners_are_exported_and_plan_empty(own: Target, tmp_path: Path) -> None:
    if own.is_real:
        pytest.skip("a real Harbor asks a scanner before it takes it, and has no Trivy everywhere")
    tool = Tool(own, tmp_path)
    for name in ("clair", "a: b/ü\n"):
        body = {"name": name, "url": f"http://adapter.example.com/{len(name)}"}
        body |= {"auth": "Bearer", "access_credential": WORD}
        own.raw.write("POST", "/scanners", body)
    clair = next(one for one in own.raw.all("/scanners") if one["name"] == "clair")
    own.raw.write("PUT", "/projects/1/scanner", {"uuid": clair["uuid"]})
    for references in (False, True):
        files = tool.export(references=references)
        text = files["system.yaml"]
        assert WORD not in "".join(files.values())
        assert ("# credential: {env: HARBOR_SCANNER_CLAIR_CREDENTIAL}" in text) != references
        assert "default_scanner: Trivy" in text
        assert "scanner: clair" in files["projects/library.yaml"]
        names = ("CLAIR", "A_20B_2F_0A")
        tool.environ = {f"HARBOR_SCANNER_{name}_CREDENTIAL": WORD for name in names}
        plan = tool.plan_files(files)
        assert said(plan) == []
        assert plan.extras == ()
