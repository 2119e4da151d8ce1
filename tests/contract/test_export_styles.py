"""Exports in every style: what they write plans empty, and leaves out only what it says."""

from __future__ import annotations

import yaml

from contract.filled import fill
from contract.target import Target
from contract.tool import Tool, said


def bodies(files: dict[str, str]) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = {}
    for name, text in files.items():
        if name.startswith("projects/"):
            found |= yaml.safe_load(text)["projects"]
    return found


def alike(tool: Tool, target: Target) -> list[str]:
    """Three projects, two of them alike."""
    names = [target.name(word) for word in ("a", "b", "c")]
    alike = """
        quota: 5GiB
        scanning: {on_push: true, block: high}
        retention: {schedule: daily, rules: [{keep: {most_recently_pushed: 3}}]}
        immutable_tags: [{tags: ["v*"]}]
    """.replace("\n", "\n    ")
    other = """
        public: true
        quota: unlimited
        labels: {own: {}}
        members: {users: {}}
    """.replace("\n", "\n    ")
    text = "".join(f"\n          {name}:\n    {alike}" for name in names[:2])
    tool.apply(f"projects:{text}\n          {names[2]}:\n    {other}")
    return names


def test_factored(tool: Tool, target: Target) -> None:
    names = alike(tool, target)
    files = tool.export(*names, factored=True)
    assert tool.plan_files(files).changes == ()
    defaults = yaml.safe_load(files["defaults.yaml"])["defaults"]["project"]
    assert defaults["quota"] == "5GiB"
    assert defaults["scanning"]["on_push"] is True
    assert defaults["retention"]["schedule"] == "daily"
    assert defaults["members"] == {"groups": {}}  # users are not alike in most
    found = bodies(files)
    assert "quota" not in found[names[0]]
    assert found[names[2]]["quota"] == "unlimited"
    assert found[names[2]]["labels"] == {"own": {"description": ""}}


def test_one_project_has_nothing_in_common(tool: Tool, target: Target) -> None:
    names = alike(tool, target)
    assert "defaults.yaml" not in tool.export(names[0], factored=True)


def test_minimal(tool: Tool, target: Target) -> None:
    names = alike(tool, target)
    files = tool.export(*names, minimal=True)
    assert tool.plan_files(files).changes == ()
    assert bodies(files)[names[2]] == {
        "public": True,
        "cve_allowlist": "inherit",
        "labels": {"own": {}},
    }


def test_a_filled_project_in_every_style(tool: Tool, target: Target) -> None:
    fill(target)
    target.add_project("other")
    names = [str(one["name"]) for one in target.projects()]
    for minimal in (False, True):
        for factored in (False, True):
            files = tool.export(*names, minimal=minimal, factored=factored)
            assert said(tool.plan_files(files)) == [], (minimal, factored)


def test_kinds(tool: Tool, target: Target) -> None:
    names = alike(tool, target)
    found = bodies(tool.export(*names, kinds=("quota", "label")))
    assert found[names[0]] == {"labels": {}, "quota": "5GiB"}
    system = tool.export(kinds=("user",))
    assert set(system) == {"system.yaml"}
    assert set(yaml.safe_load(system["system.yaml"])) == {"version", "harbor", "users"}
