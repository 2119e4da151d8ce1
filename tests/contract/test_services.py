"""Webhooks, scanners and preheating of a Harbor, brought back into another one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from contract import services
from contract.raw import Json, Raw
from contract.target import VERSIONS, fresh, simulated
from contract.tool import Tool, said

ADAPTER = "http://adapter.example.com"
# What Harbor gives by itself.
_OWN = re.compile("id|uuid|.*_(?:id|time|timestamp)")


def settled(value: Json) -> Any:
    """Without numbers and times."""
    match value:
        case dict():
            return {key: settled(one) for key, one in value.items() if not _OWN.fullmatch(key)}
        case list():
            return sorted((settled(one) for one in value), key=repr)
    return value


def told(raw: Raw, team: str) -> list[Any]:
    """All that Harbor tells of them; of the project's scanner, its name."""
    number = raw.project(team)["project_id"]
    chosen = raw.get(f"/projects/{number}/scanner")["name"]
    paths = (
        f"/projects/{number}/webhook/policies",
        f"/projects/{team}/preheat/policies",
        "/scanners",
        services.INSTANCES,
    )
    return [chosen, *(settled(raw.all(path)) for path in paths)]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_restore_needs_the_secrets_only(version: str, tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    with simulated(version) as old, fresh(old) as target:
        team = target.name("team")
        tool = Tool(target, tmp_path / "old", environ=services.ENVIRON)
        tool.converge(f"""
        {services.system(target, ADAPTER)}
        projects:
          {team}:
            scanning: {{{services.scanning(target)}}}
            {services.own(target)}
        """)
        files = tool.export(references=True)
        before = told(target.raw, team)
    with simulated(version) as new:
        other = Tool(new, tmp_path / "new", environ=_environ(files))
        outcome = other.apply_files(files)
        assert outcome.result.is_complete, outcome.result
        assert said(other.plan_files(files)) == []
        assert told(new.raw, team) == before


def _environ(files: dict[str, str]) -> dict[str, str]:
    """What the export says is to be supplied: each secret by what it is for."""
    names = re.findall(r"env: (\w+)", "".join(files.values()))
    words = {"WEBHOOK": "HOOK", "SCANNER": "SCANNER", "PREHEAT_INSTANCE": "PEERS"}
    found = {
        name: services.ENVIRON[secret]
        for name in names
        for word, secret in words.items()
        if f"_{word}_" in name
    }
    assert found.keys() == set(names)
    return found
