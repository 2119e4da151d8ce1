"""Replications on a Harbor: what is sent, what is left alone, what contradicts itself."""

from __future__ import annotations

import pytest
import yaml

from contract.elsewhere import HUB, IN, OUT, SPARE, fill
from contract.raw import Json
from contract.snapshot import changed, snapshot
from contract.target import Target
from contract.tool import Tool, blocked, only, said
from harborconf.errors import DocumentError


def replication(target: Target, word: str) -> Json:
    name = target.name(word)
    (found,) = [one for one in target.in_registries("/replication/policies") if one["name"] == name]
    return found


def text(target: Target, word: str, **fields: str) -> str:
    lines = ", ".join(f"{key}: {value}" for key, value in fields.items())
    return f"replications: {{{target.name(word)}: {{{lines}}}}}"


def test_it_can_be_turned_round(tool: Tool, target: Target) -> None:
    fill(target)
    before = snapshot(target)
    plan = tool.converge(text(target, IN, push_to=target.name(SPARE)))
    assert said(plan) == [f"update replication/{target.name(IN)} push_to"]
    (field,) = only(plan).fields
    assert (field.before, field.after) == (None, target.name(SPARE))
    ends = {"src_registry": "Local", "dest_registry": target.name(SPARE)}
    assert snapshot(target) == changed(before, f"replication/{target.name(IN)}", ends)


def test_filters_change_one_by_one(tool: Tool, target: Target) -> None:
    fill(target)
    plan = tool.plan(
        text(target, IN, filters='[{repositories: [library/**]}, {tags: ["v*"]}, {labels: [a]}]')
    )
    (field,) = only(plan).fields
    assert field.added == [{"labels": ["a"]}, {"tags": ["v*"]}]
    assert field.removed == [{"tags": {"except": ["v*"]}}]


@pytest.mark.parametrize(
    "filters",
    [
        "[{tags: [b, a]}]",
        '[{tags: ["{a,b}"]}]',
        '[{tags: ["{b,a}"]}]',
        '[{tags: ["{{a},b}"]}]',
    ],
)
def test_spellings_of_one_filter_are_no_difference(
    filters: str, tool: Tool, target: Target
) -> None:
    fill(target)
    hub = target.raw.all("/registries", name=target.name(HUB))[0]["id"]
    target.raw.make(
        "/replication/policies",
        {
            "name": target.name("same"),
            "src_registry": {"id": hub},
            "filters": [{"type": "tag", "value": "{b,a}"}, {"type": "name", "value": ""}],
        },
    )
    assert said(tool.plan(text(target, "same", filters=filters))) == []


def test_everything_is_copied_where_no_filter_is_left(tool: Tool, target: Target) -> None:
    fill(target)
    tool.converge(text(target, IN, filters="[]"))
    assert replication(target, IN)["filters"] is None


@pytest.mark.parametrize(
    ("word", "fields", "path"),
    [
        (IN, {"trigger": "event_based"}, "never runs it"),
        (OUT, {"single_active_replication": "true"}, "live it has `trigger`: write that too"),
        (IN, {"replicate_deletion": "true"}, "only event_based replications delete"),
    ],
)
def test_what_contradicts_what_is_live_is_blocked(
    word: str, fields: dict[str, str], path: str, tool: Tool, target: Target
) -> None:
    if "single_active_replication" in fields and target.version < (2, 14):
        pytest.skip("this Harbor does not have the field")
    fill(target)
    before = snapshot(target)
    outcome = tool.apply(text(target, word, **fields, description="still changes"))
    assert path in blocked(outcome.plan)[f"replication/{target.name(word)}"]
    address = f"replication/{target.name(word)}"
    assert snapshot(target) == changed(before, address, {"description": "still changes"})


def test_a_direction_is_needed_to_make_one(tool: Tool, target: Target) -> None:
    with pytest.raises(DocumentError, match="creating it needs `pull_from` or `push_to`"):
        tool.plan(text(target, "new", description="x"))


def test_a_new_one_is_enabled_unless_it_is_said(tool: Tool, target: Target) -> None:
    fill(target)
    hub = target.name(HUB)
    tool.converge(f"""
        replications:
          {target.name("on")}: {{pull_from: {hub}}}
          {target.name("off")}: {{pull_from: {hub}, enabled: false}}
    """)
    assert replication(target, "on")["enabled"] is True
    assert "enabled" not in replication(target, "off")


def test_what_is_gone_or_new_beside_it_changes_nothing(tool: Tool, target: Target) -> None:
    fill(target)
    before = snapshot(target)
    assert said(tool.converge(text(target, IN))) == []
    assert said(tool.converge(text(target, "never-was").replace("{}", "absent"))) == []
    assert snapshot(target) == before


def test_one_that_is_off_is_exported_so_in_every_style(tool: Tool, target: Target) -> None:
    fill(target)
    for minimal in (False, True):
        files = tool.export(kinds=("replication",), minimal=minimal)
        found = yaml.safe_load(files["system.yaml"])["replications"]
        assert found[target.name(IN)]["enabled"] is False
        assert found[target.name(IN)]["trigger"] == "0 30 2 * * *"
        assert ("description" in found[target.name(OUT)]) is not minimal
