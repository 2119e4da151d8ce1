"""A project with one of everything, made by hand, with no value at its default."""

from __future__ import annotations

from contract.raw import Json
from contract.target import Target

GIB = 2**30
PULL, PUSH = (
    {"resource": "repository", "action": "pull"},
    {"resource": "repository", "action": "push"},
)


def selectors(repositories: str, tags: str, *, untagged: bool | None = None) -> Json:
    """The selectors of a rule."""
    tag = {"kind": "doublestar", "decoration": "matches", "pattern": tags}
    if untagged is not None:
        tag["extras"] = f'{{"untagged":{str(untagged).lower()}}}'
    repository = {"kind": "doublestar", "decoration": "repoMatches", "pattern": repositories}
    return {"scope_selectors": {"repository": [repository]}, "tag_selectors": [tag]}


def retention(project: int, *rules: Json, cron: str = "0 0 0 * * *") -> Json:
    """The body of a policy."""
    return {
        "algorithm": "or",
        "rules": list(rules),
        "scope": {"level": "project", "ref": project},
        "trigger": {"kind": "Schedule", "settings": {"cron": cron}},
    }


def rule(template: str, amount: int, repositories: str = "**", tags: str = "**") -> Json:
    """One rule of a policy."""
    return {
        "action": "retain",
        "template": template,
        **({"params": {template: amount}} if amount else {}),
        **selectors(repositories, tags, untagged=False),
    }


def immutable(repositories: str, tags: str) -> Json:
    """One immutable tag rule."""
    return {
        "action": "immutable",
        "template": "immutable_template",
        **selectors(repositories, tags),
    }


def robot(name: str, namespace: str, level: str = "project") -> Json:
    """The body of a robot."""
    access = {"kind": "project", "namespace": namespace, "access": [dict(PULL), dict(PUSH)]}
    return {
        "name": name,
        "level": level,
        "description": "pulls and pushes",
        "duration": 30,
        "permissions": [access],
    }


def webhook(name: str) -> Json:
    """The body of a webhook."""
    http = {
        "type": "http",
        "address": "https://hook.example.com/x?y=z",
        "auth_header": "Bearer Example1Word",
        "skip_cert_verify": True,
        "payload_format": "CloudEvents",
    }
    return {
        "name": name,
        "description": "tells of pushes",
        "enabled": True,
        "event_types": ["PUSH_ARTIFACT", "PULL_ARTIFACT"],
        "targets": [http, {"type": "slack", "address": "https://slack.example.com/a"}],
    }


def fill(target: Target) -> int:
    """Make it all; gives the project's number."""
    raw = target.raw
    ann = target.add_user("ann", realname="Ann Example", comment="first")
    team = target.name("team")
    number = target.add_project(
        "team",
        enable_content_trust="true",
        enable_content_trust_cosign="true",
        prevent_vul="true",
        severity="medium",
        auto_scan="true",
        auto_sbom_generation="true",
        reuse_sys_cve_allowlist="false",
    )
    items = [{"cve_id": "CVE-2024-0001"}, {"cve_id": "CVE-2024-0002"}]
    allowlist = {"items": items, "expires_at": 1_900_000_000}
    raw.write("PUT", f"/projects/{number}", {"cve_allowlist": allowlist})
    quota = raw.all("/quotas", reference="project", reference_id=str(number))[0]
    raw.write("PUT", f"/quotas/{quota['id']}", {"hard": {"storage": GIB}})
    _members(target, number, ann)
    for body in (
        {"name": "mine", "scope": "p", "project_id": number},
        {"name": target.name("label"), "scope": "g"},
    ):
        raw.make("/labels", {**body, "color": "#00AB9A", "description": "for tests"})
    raw.write("POST", "/robots", robot("ci", team))
    raw.write("POST", "/robots", robot(target.name("bot"), "*", "system"))
    raw.make(
        "/retentions",
        retention(number, rule("latestPushedK", 10, tags="v*"), rule("nDaysSinceLastPull", 30)),
    )
    raw.make(f"/projects/{number}/immutabletagrules", immutable("apps/**", "v*"))
    raw.make(f"/projects/{number}/immutabletagrules", immutable("**", "release-*"))
    raw.make(f"/projects/{number}/webhook/policies", webhook("hook"))
    return number


def _members(target: Target, project: int, user: str) -> None:
    devs = target.raw.make("/usergroups", {"group_name": target.name("devs"), "group_type": 3})
    for body in (
        {"role_id": 2, "member_user": {"username": user}},
        {"role_id": 2, "member_group": {"id": devs}},
    ):
        target.raw.make(f"/projects/{project}/members", body)
