"""What belongs to a whole Harbor, where it is not as simple as a field."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from contract.system import ALLOWLIST, GC, PURGE, SCAN_ALL, scanning, seen
from contract.target import Target
from contract.tool import Tool, only, said
from harborconf.engine.plan import Action

PAST, NEAR, FAR = 1_700_000_000, 1_900_000_000, 2_000_000_000


@pytest.fixture
def tool(own: Target, tmp_path: Path) -> Tool:
    """harborconf on a Harbor of this test's own."""
    return Tool(own, tmp_path)


@contextmanager
def at(tool: Tool, moment: int) -> Iterator[None]:
    """Run as if it were then, in Harbor too."""
    tool.target.state.clock = lambda: float(moment)
    tool.now = lambda: float(moment)
    yield


def day(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


LIST = f"""
    system:
      cve_allowlist:
        - {{id: CVE-2020-1, reason: not used, owner: platform, expires: {day(NEAR)}}}
        - {{id: CVE-2020-2, expires: {day(FAR)}}}
"""


def test_a_cve_leaves_at_the_first_run_after_its_date(tool: Tool) -> None:
    raw = tool.target.raw
    with at(tool, PAST):
        tool.converge(LIST)
        assert seen(raw, ALLOWLIST) == {"ids": ["CVE-2020-1", "CVE-2020-2"], "expires_at": FAR}
    with at(tool, NEAR):
        change = only(tool.converge(LIST))
        assert change.fields[0].removed == [{"id": "CVE-2020-1", "expires": day(FAR)}]
        assert change.fields[0].added is None
        assert seen(raw, ALLOWLIST) == {"ids": ["CVE-2020-2"], "expires_at": FAR}
    with at(tool, FAR):  # Harbor's own date has passed, so nothing is left to be done
        assert said(tool.plan(LIST)) == []
        assert said(tool.plan("system: {cve_allowlist: []}")) == [
            "update system/cve_allowlist items"
        ]


def test_one_cve_without_a_date_keeps_the_list_without_one(tool: Tool) -> None:
    tool.converge(LIST + "        - CVE-2020-3\n")
    found = seen(tool.target.raw, ALLOWLIST)
    assert found == {"ids": ["CVE-2020-1", "CVE-2020-2", "CVE-2020-3"], "expires_at": None}


def test_a_dead_list_is_exported_and_plans_empty(tool: Tool) -> None:
    raw = tool.target.raw
    body = {"items": [{"cve_id": "CVE-2020-1"}], "expires_at": 0}
    raw.write("PUT", ALLOWLIST, body)
    raw.write("PUT", f"/projects/{tool.target.add_project('team')}", {"cve_allowlist": body})
    files = tool.export()
    assert "CVE-2020-1" in files["system.yaml"]
    assert said(tool.plan_files(files)) == []


def test_the_lists_of_projects_expire_in_the_same_way(tool: Tool) -> None:
    name = tool.target.name("team")
    text = f"""
        projects:
          {name}:
            cve_allowlist: [{{id: CVE-2020-1, expires: {day(NEAR)}}}, CVE-2020-2]
    """
    with at(tool, PAST):
        tool.converge(text)
    with at(tool, NEAR + 1):
        assert said(tool.converge(text)) == [f"update project/{name} cve_allowlist"]
        left = tool.target.raw.project(name)["cve_allowlist"]
        assert [item["cve_id"] for item in left["items"]] == ["CVE-2020-2"]


def test_without_a_scanner_scanning_everything_waits(tool: Tool) -> None:
    (trivy,) = tool.target.state.scanners
    trivy["is_default"] = False
    text = "system: {scan_all: {schedule: daily}}"
    outcome = tool.apply(text)
    assert only(outcome.plan).action is Action.PENDING
    assert "no default scanner" in only(outcome.plan).reason
    assert outcome.writes == ()
    assert "scan_all" not in tool.export()["system.yaml"]
    trivy["is_default"] = True
    assert said(tool.converge(text)) == ["update system/scan_all schedule"]


@pytest.mark.parametrize(
    ("kind", "path", "fields"),
    [
        ("garbage_collection", GC, "delete_untagged: true, workers: 2"),
        ("audit_rotation", PURGE, "retention: 30d, event_types: [other]"),
        ("scan_all", SCAN_ALL, ""),
    ],
)
def test_a_schedule_is_made_and_taken_away(tool: Tool, kind: str, path: str, fields: str) -> None:
    rest = f", {fields}" if fields else ""
    with scanning(tool.target):
        tool.converge(f"system: {{{kind}: {{schedule: daily{rest}}}}}")
        assert seen(tool.target.raw, path)["cron"] == "0 0 0 * * *"
        plan = tool.converge(f"system: {{{kind}: {{schedule: never{rest}}}}}")
        assert said(plan) == [f"update system/{kind} schedule"]
        assert seen(tool.target.raw, path)["cron"] is None


def test_what_harbor_keeps_only_with_a_schedule_cannot_be_told_without_one(tool: Tool) -> None:
    plan = tool.plan("system: {garbage_collection: {workers: 2}}")
    assert (said(plan), [one.path for one in plan.unknown]) == ([], ["workers"])


def test_a_job_that_somebody_made_without_workers_runs_with_one(tool: Tool) -> None:
    body = {"schedule": {"type": "Custom", "cron": "0  5 3 * * MON"}, "parameters": {}}
    tool.target.raw.write("PUT", GC, body)
    text = "system: {garbage_collection: {schedule: 0 5 3 * * MON, workers: 1}}"
    assert said(tool.plan(text)) == []
    assert said(tool.plan_files(tool.export())) == []


def test_a_rotation_that_deletes_nothing_is_shown(tool: Tool) -> None:
    parameters = {"audit_retention_hour": "48", "include_event_types": "create_artifact,x"}
    body = {"schedule": {"type": "Daily", "cron": "0 0 0 * * *"}, "parameters": parameters}
    tool.target.raw.write("PUT", PURGE, body)
    files = tool.export()
    assert "cannot write" in files["system.yaml"]
    assert said(tool.plan_files(files)) == []
    text = """
        system:
          audit_rotation: {schedule: daily, retention: 48h, event_types: [create_artifact]}
    """
    assert said(tool.converge(text)) == ["update system/audit_rotation retention event_types"]


def test_a_first_rotation_needs_everything(tool: Tool) -> None:
    change = only(tool.plan("system: {audit_rotation: {schedule: daily, event_types: other}}"))
    assert (change.action, change.reason) == (
        Action.BLOCKED,
        "a first schedule needs `retention` too",
    )
