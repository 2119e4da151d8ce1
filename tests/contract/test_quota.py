"""Quotas on a Harbor."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from contract.filled import GIB
from contract.raw import Json
from contract.target import Target
from contract.tool import Tool, blocked, said
from harborconf.simulator import Reply, Request


def test_a_new_project_has_its_quota_from_the_first_moment(tool: Tool, target: Target) -> None:
    team = target.name("team")
    tool.converge(f"projects: {{{team}: {{quota: 10GiB}}}}")
    assert [one.path for one in tool.requests if one.method == "PUT"] == []


def test_a_new_project_of_a_robots_has_its_quota_too(tool: Tool, target: Target) -> None:
    robot = target.add_robot(
        {"kind": "system", "namespace": "/", "access": accesses(SYSTEM)},
        {"kind": "project", "namespace": "*", "access": accesses(PROJECT)},
    )
    team = target.name("team")
    tool.be(robot["name"], robot["secret"]).converge(f"projects: {{{team}: {{quota: 10GiB}}}}")
    quotas = target.raw.all("/quotas", reference="project")
    assert [one["hard"]["storage"] for one in quotas if one["ref"]["name"] == team] == [10 * GIB]


SYSTEM = {"project": ("create", "list"), "quota": ("read", "list", "update")}
PROJECT = {"project": ("read", "update"), "quota": ("read",)}


def accesses(permissions: Mapping[str, Sequence[str]]) -> list[Json]:
    return [
        {"resource": resource, "action": action}
        for resource, actions in permissions.items()
        for action in actions
    ]


def test_a_quota_whose_project_harbor_could_not_load_is_still_found(
    own: Target, tmp_path: Path
) -> None:
    text = f"projects: {{{own.name('team')}: {{quota: 10GiB}}}}"
    tool = Tool(own, tmp_path)
    tool.converge(text)
    own.state.after = without_projects
    assert said(tool.plan(text)) == []


def without_projects(request: Request, reply: Reply) -> Reply | None:
    if not request.path.endswith("/quotas"):
        return None
    quotas = [{**quota, "ref": None} for quota in json.loads(reply.body)]
    del quotas[0]["ref"]
    return Reply(reply.status, json.dumps(quotas).encode(), reply.headers)


OFF = "system: {settings: {quota_per_project_enable: false}}"
ON = OFF.replace("false", "true")


def test_quotas_are_switched_off_after_new_projects_have_theirs(
    own: Target, tmp_path: Path
) -> None:
    tool = Tool(own, tmp_path)
    a, b, c = (own.name(word) for word in "abc")
    tool.converge(f"{OFF}\nprojects: {{{a}: {{quota: 10GiB}}, {b}: {{quota: unlimited}}}}")
    assert said(tool.plan(f"projects: {{{a}: {{quota: 10GiB}}}}")) == []
    refused = tool.plan(f"projects: {{{c}: {{quota: 1GiB}}}}")
    assert "gives a new project none" in blocked(refused)[f"project/{c}/quota"]
    tool.converge(f"projects: {{{c}: {{quota: unlimited}}}}")
    files = tool.export(c)
    assert "quota: unlimited" in files[f"projects/{c}.yaml"]
    d = own.name("d")
    plan = tool.apply(f"{ON}\nprojects: {{{c}: {{quota: 1GiB}}, {d}: {{quota: 1GiB}}}}").plan
    assert "gives it none later" in blocked(plan).pop(f"project/{c}/quota")
    tool.converge(f"projects: {{{c}: {{quota: unlimited}}, {d}: {{quota: 1GiB}}}}")


def test_a_quota_is_found_while_the_list_of_them_keeps_changing(
    own: Target, tmp_path: Path
) -> None:
    text = f"projects: {{{own.name('team')}: {{quota: 10GiB}}}}"
    tool = Tool(own, tmp_path)
    tool.converge(text)
    own.state.after = Growing()
    assert said(tool.plan(text)) == []


class Growing:
    """A list of quotas that grows from one page to the next."""

    def __init__(self) -> None:
        self.total = 20

    def __call__(self, request: Request, reply: Reply) -> Reply | None:
        if not request.path.endswith("/quotas"):
            return None
        self.total += 1
        headers = {**reply.headers, "x-total-count": str(self.total)}
        return Reply(reply.status, reply.body, headers)
