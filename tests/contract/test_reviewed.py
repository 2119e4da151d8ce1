"""Reviewed plans: they hold for as long as nothing changes, and only what they hold is done."""

from __future__ import annotations

import pytest

from contract.target import WORD, Target
from contract.test_life import EVERYTHING
from contract.tool import Tool, said
from harborconf.engine.plan import Plan
from harborconf.engine.review import Of, differences
from harborconf.report.json import read_plan, render_plan
from harborconf.spec.address import Address

OTHERWISE = """
    labels: {{{me}-release: {{color: "#FF5501", description: was shipped}}, {me}-bare: absent}}
    robots:
      {me}-fleet:
        description: only lists
        expires: never
        permissions: {{system: {{project: [list], label: [read]}}}}
    projects:
      {me}-team:
        scanning: {{sbom: true, on_push: true, block: critical}}
        cve_allowlist: [CVE-2024-0001, CVE-2024-0002, {{id: CVE-2024-0003, reason: new}}]
        quota: 2GiB
        members: {{users: {{{me}-ann: developer, {me}-bob: absent}}}}
        robots:
          ci: {{expires: 30d, permissions: {{repository: [pull], tag: [list], artifact: [read]}}}}
        retention:
          schedule: daily
          rules:
            - {{keep: {{pulled_within: 7d}}, tags: [a*, b*, "{{c,d}}"]}}
            - {{keep: {{most_recently_pushed: 10}}, tags: [v*], untagged: false}}
        immutable_tags: [{{repositories: {{except: [b/**, a/**]}}, tags: [v*]}}]
      {me}-bare: absent
"""


def saved(plan: Plan) -> Plan:
    """The plan as it comes back from a file."""
    back = read_plan(render_plan(plan))
    assert back == plan
    return back


def test_a_plan_holds_until_something_changes(tool: Tool, target: Target) -> None:
    tool.environ = {"ANN": WORD}
    target.raw.make("/usergroups", {"group_name": target.name("devs"), "group_type": 3})
    for text in (EVERYTHING.format(me=target.prefix), OTHERWISE.format(me=target.prefix)):
        reviewed = saved(tool.plan(text))
        assert reviewed.is_applicable
        outcome = tool.apply(f"\n    # moved by a comment{text}", reviewed)
        assert differences(reviewed, outcome.plan) == ()
        assert said(outcome.plan) == said(reviewed)
        assert outcome.plan.elsewhere == ()
        assert outcome.result.is_complete, outcome.result
        assert said(tool.plan(text)) == []
        stale = differences(reviewed, tool.plan(text))
        assert [one.where for one in stale] == [str(one.address) for one in reviewed.changes]


def test_only_what_was_reviewed_is_done(tool: Tool, target: Target) -> None:
    one, other = target.name("one"), target.name("other")
    text = f"projects: {{{one}: {{public: false}}, {other}: {{public: false}}}}"
    tool.converge(text)
    target.raw.write("PUT", f"/projects/{number(target, one)}", {"metadata": {"public": "true"}})
    reviewed = saved(tool.plan(text))
    target.raw.write("PUT", f"/projects/{number(target, other)}", {"metadata": {"public": "true"}})
    outcome = tool.apply(text, reviewed)
    assert differences(reviewed, outcome.plan) == ()
    assert said(outcome.plan) == [f"update project/{one} public"]
    assert [change.address for change in outcome.plan.elsewhere] == [Address("project", other)]
    assert len(outcome.writes) == 1
    assert said(tool.plan(text)) == [f"update project/{other} public"]


def number(target: Target, project: str) -> int:
    return int(target.raw.project(project)["project_id"])


@pytest.mark.parametrize("of", [Of.LIVE, Of.DESIRED])
def test_what_has_changed_is_named(tool: Tool, target: Target, of: Of) -> None:
    team = target.name("team")
    tool.converge(f"projects: {{{team}: {{quota: 1GiB}}}}")
    text = f"projects: {{{team}: {{quota: 2GiB}}}}"
    reviewed = saved(tool.plan(text))
    if of is Of.LIVE:
        tool.apply(f"projects: {{{team}: {{quota: 3GiB}}}}")
    else:
        text = text.replace("2GiB", "4GiB")
    (found,) = differences(reviewed, tool.plan(text))
    values = ("1GiB", "3GiB") if of is Of.LIVE else ("2GiB", "4GiB")
    assert (found.where, found.of) == (f"project/{team}/quota#storage", of)
    assert (found.then, found.now) == values


def test_a_project_to_which_images_were_pushed_is_not_what_was_to_be_deleted(
    tool: Tool, target: Target
) -> None:
    team = target.name("team")
    tool.converge(f"projects: {{{team}: {{}}}}")
    target.push("team", "apps/web")
    text = f"projects: {{{team}: {{absent: true, with_contents: true}}}}"
    reviewed = saved(tool.plan(text))
    assert differences(reviewed, tool.plan(text)) == ()
    target.push("team", "apps/more")
    (found,) = differences(reviewed, tool.plan(text))
    assert (found.where, found.of) == (f"project/{team}#contents", Of.LIVE)
    assert found.then.startswith("1 repositories, 1 artifacts and ")
    assert found.now.startswith("2 repositories, 2 artifacts and ")
