"""Retention policies of projects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harborconf.simulator.http import Reply, bad_request, created, empty, internal_error, ok
from harborconf.simulator.paging import page
from harborconf.simulator.retention_policy import check_cron, check_rules, normal, show
from harborconf.simulator.router import Route

if TYPE_CHECKING:
    from harborconf.simulator.call import Call
    from harborconf.simulator.http import Record

_RESOURCE = "tag-retention"
# From here on deleting a policy frees its project for another one.
_DELETE_FREES = (2, 14)
_TEMPLATES = (
    ("latestPushedK", "the most recently pushed # artifacts", "COUNT"),
    ("latestPulledN", "the most recently pulled # artifacts", "COUNT"),
    ("nDaysSinceLastPush", "pushed within the last # days", "DAYS"),
    ("nDaysSinceLastPull", "pulled within the last # days", "DAYS"),
    ("always", "always", ""),
)
_FIELDS: dict[str, type] = {"algorithm": str, "rules": list, "scope": dict, "trigger": dict}


def _metadata(call: Call) -> Reply:
    call.require_somebody()
    templates = [
        {
            "action": "retain",
            "display_text": text,
            "params": [{"required": True, "type": "int", "unit": unit}] if unit else [],
            "rule_template": name,
        }
        for name, text, unit in _TEMPLATES
    ]
    return ok(
        {
            "scope_selectors": [_selectors("Repositories", "repoMatches", "repoExcludes")],
            "tag_selectors": [_selectors("Tags", "matches", "excludes")],
            "templates": templates,
        }
    )


def _selectors(text: str, *decorations: str) -> Record:
    return {"display_text": text, "kind": "doublestar", "decorations": decorations}


def _stored(call: Call) -> Record | None:
    number = call.number("id")
    call.require_somebody()
    return call.state.retentions.rows.get(number)


def _require(call: Call, policy: Record, action: str) -> Record:
    return call.project_of(policy["scope"].get("ref", 0), _RESOURCE, action)


def _get(call: Call) -> Reply:
    """One that is not there is an error of the server."""
    policy = _stored(call)
    if policy is None:
        raise internal_error()
    _require(call, policy, "read")
    return ok(show(policy, call.state.clock()))


def _create(call: Call) -> Reply:
    call.require_somebody()
    policy = normal(call.body("policy", "RetentionPolicy", _FIELDS))
    check_rules(policy)
    project = _project_of(call, policy)
    if old := project["metadata"].get("retention_id"):
        message = f"bad request: project {project['project_id']} already has retention policy {old}"
        raise bad_request(message)
    check_cron(policy)
    row = call.state.retentions.add(policy)
    project["metadata"] = project["metadata"] | {"retention_id": str(row["id"])}
    return created(call.location(row["id"]))


def _project_of(call: Call, policy: Record) -> Record:
    level, number = policy["scope"].get("level", ""), policy["scope"].get("ref", 0)
    if level != "project":
        message = f"bad request: scope {level} is not support"
        raise bad_request(message)
    if call.who.is_admin and number not in call.state.projects.rows:
        message = f"bad request: invalid Project id {number}"
        raise bad_request(message)
    return _require(call, policy, "create")


def _update(call: Call) -> Reply:
    """Replaces the policy; a template that is none is stored."""
    call.require_somebody()
    policy = normal(call.body("policy", "RetentionPolicy", _FIELDS))
    check_rules(policy)
    _require(call, policy, "update")
    old = _stored(call)
    if old is None:
        raise internal_error()
    if old["scope"].get("ref") != policy["scope"].get("ref"):
        message = f"bad request: the retention policy {old['id']} is of another project"
        raise bad_request(message)
    check_cron(policy)
    old |= policy
    return empty()


def _existing(call: Call, action: str) -> Record:
    policy = _stored(call)
    if policy is None:
        message = f"bad request: no such Retention policy with id {call.number('id')}"
        raise bad_request(message)
    _require(call, policy, action)
    return policy


def _delete(call: Call) -> Reply:
    """2.13 leaves the policy's number in the project's metadata, where it bars the next one."""
    policy = _existing(call, "delete")
    call.state.retentions.drop(policy["id"])
    if call.state.release >= _DELETE_FREES:
        project = call.state.projects.rows[policy["scope"]["ref"]]
        project["metadata"] = {
            name: value for name, value in project["metadata"].items() if name != "retention_id"
        }
    return empty()


def _executions(call: Call) -> Reply:
    """None: the simulator runs nothing."""
    _existing(call, "list")
    return page(call.request, (), list)


ROUTES = (
    Route("GET", "/retentions/metadatas", _metadata),
    Route("POST", "/retentions", _create),
    Route("GET", "/retentions/{id}", _get),
    Route("PUT", "/retentions/{id}", _update),
    Route("DELETE", "/retentions/{id}", _delete),
    Route("GET", "/retentions/{id}/executions", _executions),
)
