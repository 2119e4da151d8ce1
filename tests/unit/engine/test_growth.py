"""Eight times the projects take eight times the work, from files to a plan in every format.

Calls are counted, not seconds: they are the same on every machine.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from dataclasses import replace
from types import FrameType
from typing import Any

from harborconf.engine.planning import look, make_plan
from harborconf.kinds.resource import Workbench
from harborconf.report import json, markdown, text
from harborconf.spec.secret import Secret
from unit.engine.documents import bench, document

FEW, TIMES = 25, 8
COMMON = """
defaults:
  project:
    quota: 10GiB
    members: {users: {bob: developer}, groups: {"{project}-devs": guest}}
    robots: {ci: {expires: 90d, permissions: {repository: [pull]}}}
    retention: {schedule: daily, rules: [{keep: {most_recently_pushed: 10}}]}
    immutable_tags: [{tags: ["v*"]}]
    labels: {release: {color: "#00AB9A"}}
policies:
  - {match: {name: "*"}, project: {public: false}}
"""
BOB = {"id": 1, "entity_type": "u", "entity_name": "bob", "entity_id": 1, "role_id": 1}
ANN = {"id": 2, "entity_type": "u", "entity_name": "ann", "entity_id": 2, "role_id": 2}


class Api:
    """A Harbor where projects exist, some with other quotas and members than desired."""

    def __init__(self, projects: int) -> None:
        numbers = range(1, projects + 1)
        self.lists: dict[str, list[dict[str, Any]]] = {
            "/projects": [
                {"name": f"p{number}", "project_id": number, "metadata": {}, "repo_count": 0}
                for number in numbers
            ],
            "/quotas": [
                {"id": number, "ref": {"id": number}, "hard": {"storage": 1}} for number in numbers
            ],
            "/usergroups": [
                {"id": number, "group_name": f"p{number}-devs", "group_type": 2}
                for number in numbers
            ],
        }

    async def get(self, path: str, params: Any = None, headers: Any = None) -> Any:
        del params, headers
        await asyncio.sleep(0)
        if path.endswith("/members"):
            number = int(path.split("/")[2])
            group = {"id": 3, "entity_type": "g", "entity_name": f"p{number}-devs", "role_id": 3}
            return [BOB, ANN, {**group, "entity_id": number}]
        if path == "/permissions":
            return {"project": [{"resource": "repository", "action": "pull"}]}
        return self.lists.get(path, [])

    async def exists(self, path: str, params: Any = None) -> bool:
        raise AssertionError(path, params)

    async def accepts(self, username: str, secret: Secret) -> bool | None:
        raise AssertionError(username, secret)

    async def pings(self, registry: int) -> bool | None:
        raise AssertionError(registry)


def round_of(projects: int) -> None:
    files = {f"p{number}": f"projects: {{p{number}: {{}}}}" for number in range(1, projects + 1)}
    written = document(COMMON, **files)
    harbor: Workbench = replace(bench(), api=Api(projects))
    desired, live = asyncio.run(look(written, harbor))
    plan = make_plan(desired, live, harbor)
    # Quota, role, robot, retention, tags, label; the group is as desired, ann is extra.
    assert (len(plan.changes), len(plan.extras)) == (6 * projects, projects)
    assert all((text.render_plan(plan), json.render_plan(plan), markdown.render_plan(plan)))


def calls(projects: int) -> Counter[str]:
    """How often each function is called."""
    counts: Counter[str] = Counter()

    def on_event(frame: FrameType, event: str, called: Any) -> None:
        if event == "call":
            counts[f"{frame.f_code.co_filename}:{frame.f_code.co_qualname}"] += 1
        elif event == "c_call":
            counts[called.__qualname__] += 1

    before = sys.getprofile()
    sys.setprofile(on_event)
    try:
        round_of(projects)
    finally:
        sys.setprofile(before)
    return counts


def test_nothing_is_done_for_each_project_as_often_as_there_are_projects() -> None:
    round_of(1)  # what is made once is made
    few, many = calls(FEW), calls(TIMES * FEW)
    # Whatever is done for every pair of projects is done that often.
    pairs = (TIMES * FEW) ** 2 // 2
    grown = {
        name: (few[name], count)
        for name, count in many.items()
        if count > pairs and count > 1.2 * TIMES * few[name]
    }
    assert grown == {}
