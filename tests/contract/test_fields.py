"""Every field of every kind, written alone: it changes, and nothing else of the project does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from contract.filled import GIB, PULL, fill, immutable, rule
from contract.raw import Json
from contract.snapshot import changed, snapshot
from contract.system import FIELDS, NEVER_ALONE
from contract.target import Target
from contract.tool import Tool, said
from harborconf.kinds.base import declared
from harborconf.kinds.catalog import KINDS


@dataclass(frozen=True)
class Case:
    """One field: where it stands, what YAML says of it, and what Harbor has afterwards.

    `{me}` is the prefix of the test's names, `{team}` its project.
    """

    address: str
    path: str
    yaml: str
    after: dict[str, Json]

    @property
    def kind(self) -> str:
        """The kind of the resource."""
        within = self.address.removeprefix("project/{team}").strip("/")
        return (within or "project").split("/")[0]


PROJECT = "project/{team}"


def own(path: str, yaml: str, **after: Json) -> Case:
    """A field of the project itself, kept in its metadata."""
    metadata = {f"metadata.{name}": value for name, value in after.items()}
    return Case(PROJECT, path, yaml, metadata)


def at(place: str, path: str, yaml: str, **after: Json) -> Case:
    """A field of something in the project."""
    values = {name.replace("__", "."): value for name, value in after.items()}
    return Case(f"{PROJECT}/{place}", path, yaml, values)


def top(place: str, path: str, yaml: str, **after: Json) -> Case:
    """A field of something of the system."""
    return Case(place, path, yaml, after)


READ = {"resource": "artifact", "action": "read"}
CASES = (
    own("public", "public: true", public="true"),
    own("scanning.on_push", "scanning: {on_push: false}", auto_scan="false"),
    own("scanning.sbom", "scanning: {sbom: false}", auto_sbom_generation="false"),
    own("scanning.block.enabled", "scanning: {block: false}", prevent_vul="false"),
    own("scanning.block.severity", "scanning: {block: critical}", severity="critical"),
    own("signing.cosign", "signing: {cosign: false}", enable_content_trust_cosign="false"),
    own("signing.notation", "signing: {notation: false}", enable_content_trust="false"),
    own("cve_allowlist", "cve_allowlist: inherit", reuse_sys_cve_allowlist="true"),
    Case(
        PROJECT,
        "cve_allowlist",
        "cve_allowlist: [{id: CVE-2025-1, expires: 2031-05-06}]",
        {
            "cve_allowlist.items": [{"cve_id": "CVE-2025-1"}],
            "cve_allowlist.expires_at": 1_935_792_000,
        },
    ),
    at("quota", "storage", "quota: 2GiB", hard__storage=2 * GIB),
    at("quota", "storage", "quota: unlimited", hard__storage=-1),
    at(
        "member/user:{me}-ann",
        "role",
        "members: {users: {'{me}-ann': guest}}",
        role_id=3,
        role_name="guest",
    ),
    at(
        "member/group:{me}-devs",
        "role",
        "members: {groups: {'{me}-devs': limited_guest}}",
        role_id=5,
        role_name="limitedGuest",
    ),
    at("label/mine", "color", "labels: {mine: {color: '#FF5501'}}", color="#FF5501"),
    at("label/mine", "description", "labels: {mine: {description: ''}}", description=None),
    top("label/{me}-label", "color", "labels: {'{me}-label': {color: '#FF5501'}}", color="#FF5501"),
    top(
        "label/{me}-label",
        "description",
        "labels: {'{me}-label': {description: other}}",
        description="other",
    ),
    at("robot/ci", "description", "robots: {ci: {description: other}}", description="other"),
    at("robot/ci", "description", "robots: {ci: {description: ''}}", description=None),
    at("robot/ci", "disabled", "robots: {ci: {disabled: true}}", disable=True),
    at("robot/ci", "expires", "robots: {ci: {expires: never}}", duration=-1, expires_at=-1),
    at(
        "robot/ci",
        "permissions",
        "robots: {ci: {permissions: {artifact: [read], repository: [pull]}}}",
        permissions=[{"kind": "project", "namespace": "{team}", "access": [READ, PULL]}],
    ),
    top(
        "robot/{me}-bot",
        "description",
        "robots: {'{me}-bot': {description: other}}",
        description="other",
    ),
    top("robot/{me}-bot", "disabled", "robots: {'{me}-bot': {disabled: true}}", disable=True),
    top(
        "robot/{me}-bot",
        "expires",
        "robots: {'{me}-bot': {expires: never}}",
        duration=-1,
        expires_at=-1,
    ),
    top(
        "robot/{me}-bot",
        "permissions",
        "robots: {'{me}-bot': {permissions: {system: {project: [list]},"
        " projects: {'{team}': {repository: [pull]}}}}}",
        permissions=[
            {
                "kind": "system",
                "namespace": "/",
                "access": [{"resource": "project", "action": "list"}],
            },
            {"kind": "project", "namespace": "{team}", "access": [PULL]},
        ],
    ),
    at(
        "retention",
        "schedule",
        "retention: {schedule: weekly}",
        trigger__settings__cron="0 0 0 * * 0",
    ),
    at("retention", "schedule", "retention: {schedule: never}", trigger__settings__cron=""),
    at(
        "retention",
        "rules",
        "retention: {rules: [{keep: {most_recently_pulled: 3}, repositories: [a/**, b],"
        " tags: {except: [x]}, disabled: true}]}",
        rules=[
            {
                **rule("latestPulledN", 3, "{a/**,b}"),
                "disabled": True,
                "tag_selectors": [
                    {
                        "kind": "doublestar",
                        "decoration": "excludes",
                        "pattern": "x",
                        "extras": '{"untagged":false}',
                    }
                ],
            }
        ],
    ),
    at("retention", "rules", "retention: {rules: []}", rules=[]),
    at(
        "webhook/hook",
        "description",
        "webhooks: {hook: {description: other}}",
        description="other",
    ),
    at("webhook/hook", "enabled", "webhooks: {hook: {enabled: false}}", enabled=False),
    at(
        "webhook/hook",
        "events",
        "webhooks: {hook: {events: [REPLICATION, PULL_ARTIFACT]}}",
        event_types=["PULL_ARTIFACT", "REPLICATION"],
    ),
    at(
        "webhook/hook",
        "targets",
        "webhooks: {hook: {targets: [{url: 'https://hook.example.com/x?y=z'}]}}",
        targets=[
            {
                "type": "http",
                "address": "https://hook.example.com/x?y=z",
                "auth_header": "Bearer Example1Word",
                "payload_format": "Default",
            }
        ],
    ),
    top(
        "user/{me}-ann",
        "email",
        "users: {'{me}-ann': {email: {me}@example.org}}",
        email="{me}@example.org",
    ),
    top("user/{me}-ann", "name", "users: {'{me}-ann': {name: Ann Other}}", realname="Ann Other"),
    top("user/{me}-ann", "comment", "users: {'{me}-ann': {comment: ''}}", comment=None),
    top("user/{me}-ann", "admin", "users: {'{me}-ann': {admin: true}}", sysadmin_flag=True),
)
"""Told elsewhere: passwords and secrets, which cannot be read; immutable tags, whose rules have
numbers; the type of a group, which cannot change."""
THEIRS = {
    "registry",
    "replication",
    "scanner",
    "default_scanner",
    "project_scanner",
    "preheat_instance",
    "preheat",
}
"""The kinds of test_fields_elsewhere.py and test_fields_services.py."""
ELSEWHERE = {
    ("user", "password"),
    ("robot", "secret"),
    ("immutable_tags", "rules"),
    ("member", "type"),
    ("group", "type"),
    ("group", "name"),
}


def _named(case: Case) -> str:
    return f"{case.address}#{case.path}".replace("{team}/", "").replace("{me}-", "")


def test_every_declared_field_has_a_case() -> None:
    every = {
        (kind.name, item.path)
        for kind in KINDS
        for item in declared(kind.model)
        if kind.name not in THEIRS and not item.path.startswith("proxy_cache.") and not item.local
    }
    system = {(field.kind, field.path) for field in FIELDS} | NEVER_ALONE
    assert {(case.kind, case.path) for case in CASES} | ELSEWHERE | system == every


@pytest.mark.parametrize("case", CASES, ids=_named)
def test_one_field_changes_and_nothing_else(case: Case, tool: Tool, target: Target) -> None:
    fill(target)
    before = snapshot(target)
    plan = tool.converge(_document(case, target))
    assert said(plan) == [f"update {_text(case.address, target)} {case.path}"]
    expected = changed(before, _text(case.address, target), _text(case.after, target))
    assert snapshot(target) == expected


def _document(case: Case, target: Target) -> str:
    text: str = _text(case.yaml, target)
    if not case.address.startswith("project/"):
        return text
    return f"projects: {{{target.name('team')}: {{{text}}}}}"


def _text(value: Any, target: Target) -> Any:
    match value:
        case str():
            return value.replace("{team}", target.name("team")).replace("{me}", target.prefix)
        case dict():
            return {key: _text(one, target) for key, one in value.items()}
        case list():
            return [_text(one, target) for one in value]
    return value


def test_immutable_tags_change_rule_by_rule(tool: Tool, target: Target) -> None:
    number = fill(target)
    path = f"/projects/{number}/immutabletagrules"
    before = snapshot(target)
    kept = next(one for one in target.raw.all(path) if "release-*" in str(one))
    plan = tool.converge(f"""
        projects:
          {target.name("team")}:
            immutable_tags:
              - {{tags: ["release-*"], disabled: true}}
              - {{tags: ["v*"], repositories: {{except: [scratch/**]}}}}
    """)
    assert said(plan) == [f"update project/{target.name('team')}/immutable_tags rules"]
    after = {one["id"]: one for one in target.raw.all(path)}
    assert after.pop(kept["id"]) == {**kept, "disabled": True}
    (made,) = after.values()
    wanted = immutable("scratch/**", "v*")
    wanted["scope_selectors"]["repository"][0]["decoration"] = "repoExcludes"
    assert {**made, **wanted} == made
    others = {
        address: one for address, one in snapshot(target).items() if "immutable" not in address
    }
    assert others == {address: one for address, one in before.items() if "immutable" not in address}
