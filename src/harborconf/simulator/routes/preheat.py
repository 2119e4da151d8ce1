"""Preheat instances, and the policies of projects that send images to them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from harborconf.simulator.clock import ZERO_TIME
from harborconf.simulator.cron import CronError, check
from harborconf.simulator.http import (
    RefusedError,
    Reply,
    bad_request,
    created,
    empty,
    internal_error,
    ok,
)
from harborconf.simulator.paging import in_order, keywords, matching, page
from harborconf.simulator.router import Route
from harborconf.simulator.routes.scanners import tells_credentials

if TYPE_CHECKING:
    from harborconf.simulator.call import Call
    from harborconf.simulator.http import Record
    from harborconf.simulator.state import State

_NAME = re.compile(r"[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*")
_LONGEST = 255
_INSTANCE: dict[str, type] = {
    "id": int,
    "name": str,
    "description": str,
    "vendor": str,
    "endpoint": str,
    "auth_mode": str,
    "auth_info": dict,
    "enabled": bool,
    "default": bool,
    "insecure": bool,
    "setup_timestamp": int,
}
_POLICY: dict[str, type] = {
    "id": int,
    "name": str,
    "description": str,
    "project_id": int,
    "provider_id": int,
    "filters": str,
    "trigger": str,
    "enabled": bool,
    "extra_attrs": str,
    "creation_time": str,
}
_KEYS = {"id": lambda row: row["id"], "name": lambda row: row["name"]}
_PROVIDERS = (
    {
        "icon": "https://raw.githubusercontent.com/dragonflyoss/Dragonfly2/master/docs/images/"
        "logo/dragonfly-linear.png",
        "id": "dragonfly",
        "maintainers": ["chlins.zhang@gmail.com", "gaius.qi@gmail.com"],
        "name": "Dragonfly",
        "source": "https://github.com/dragonflyoss/Dragonfly2",
        "version": "2.1.59",
    },
    {
        "icon": "https://github.com/uber/kraken/blob/master/assets/kraken-logo-color.svg",
        "id": "kraken",
        "maintainers": ["mmpei/peimingming@corp.netease.com"],
        "name": "Kraken",
        "source": "https://github.com/uber/kraken",
        "version": "0.1.3",
    },
)


def _providers(call: Call) -> Reply:
    call.require("preheat-instance", "list")
    return ok(_PROVIDERS)


# ---- instances -----------------------------------------------------------------------


def _show_instance(state: State, row: Record) -> Record:
    always = {"enabled", "default", "insecure"}
    found = {name: value for name, value in row.items() if value or name in always}
    if not tells_credentials(state):
        found.pop("auth_info", None)
    return found | {"status": "Unknown"}


def _list_instances(call: Call) -> Reply:
    """In no order of its own: what was changed last comes last."""
    call.require("preheat-instance", "list")
    rows = matching(call.state.preheat_instances, keywords(call.request), _KEYS)
    rows = in_order(rows, call.request.query.get("sort", ""), _KEYS)
    return page(call.request, rows, lambda row: _show_instance(call.state, row))


def _instance(call: Call) -> Record:
    """Whether anything answers is not asked, nor what vendor it is."""
    body = call.body("instance", "Instance", _INSTANCE)
    name = body.get("name", "")
    if not _NAME.fullmatch(name):
        raise internal_error()
    found = {key: body.get(key, kind()) for key, kind in _INSTANCE.items() if key != "id"}
    return found | {"id": body.get("id", 0)}


def _check_lengths(body: Record) -> None:
    if any(len(body[name]) > _LONGEST for name in ("name", "description", "endpoint")):
        raise internal_error()


def _create_instance(call: Call) -> Reply:
    """The default of others stays, so that there may be two."""
    call.require("preheat-instance", "create")
    body = _instance(call)
    del body["id"]
    if any(row["endpoint"] == body["endpoint"] for row in call.state.preheat_instances):
        raise internal_error()
    if len(body["name"]) > _LONGEST:
        call.state.preheat_instances.skip()
    _check_lengths(body)
    if call.state.preheat_instances.find(body["name"]):
        call.state.preheat_instances.skip()
        message = f"instance {body['name']} already exists"
        raise RefusedError(409, message)
    body["setup_timestamp"] = int(call.state.clock())
    call.state.preheat_instances.add(body)
    return created(f"{call.request.path.rstrip('/')}/{body['name']}")


def _named(call: Call) -> Record:
    name = call.params["instance"]
    row = call.state.preheat_instances.find(name)
    if row is None:
        message = f"instance {name} not found"
        raise RefusedError(404, message)
    return row


def _get_instance(call: Call) -> Reply:
    call.require("preheat-instance", "read")
    return ok(_show_instance(call.state, _named(call)))


def _used(call: Call, row: Record) -> bool:
    return any(one["provider_id"] == row["id"] for one in call.state.preheat_policies)


def _update_instance(call: Call) -> Reply:
    """Replaces everything of the instance that the body numbers; the path counts for little.

    Who does not tell the credential keeps it where a body is without one.
    """
    call.require("preheat-instance", "update")
    body = _instance(call)
    if not tells_credentials(call.state):
        named = _named(call)
        if not body["auth_info"] and (body["auth_mode"] or named["auth_mode"]) != "NONE":
            body["auth_info"] = named["auth_info"]
    row = call.state.preheat_instances.rows.get(body["id"])
    if row is None:
        message = f"instance {body['id']} not found"
        raise RefusedError(404, message)
    if not body["enabled"] and _used(call, row):
        message = (
            f"Provider [{row['name']}] cannot be disabled as some preheat policies are using it"
        )
        raise RefusedError(412, message)
    other = call.state.preheat_instances.find(body["name"])
    if row["vendor"] != body["vendor"] or other not in (None, row):
        raise internal_error()
    _check_lengths(body)
    if body["default"]:
        for one in call.state.preheat_instances:
            one["default"] = False
    call.state.preheat_instances.change(row, **body)
    return empty()


def _delete_instance(call: Call) -> Reply:
    call.require("preheat-instance", "delete")
    row = _named(call)
    if _used(call, row):
        message = (
            f"Provider [{row['name']}] cannot be deleted as some preheat policies are using it"
        )
        raise RefusedError(412, message)
    call.state.preheat_instances.drop(row["id"])
    return empty()


def _of_project(call: Call) -> Reply:
    """What a project's administrator sees of instances: one text each, and no pages."""
    _project(call, "list")
    return ok(
        [
            {
                "id": row["id"],
                "provider": f"{row['vendor']} {row['name']}-{row['endpoint']}",
                **({"default": True} if row["default"] else {}),
                **({"enabled": True} if row["enabled"] else {}),
            }
            for row in call.state.preheat_instances
        ]
    )


def _project(call: Call, action: str) -> int:
    """The number of the project, which the path calls by its name, even if that is a number."""
    found: int = call.project_of(call.params["project"], "preheat-policy", action)["project_id"]
    return found


# ---- policies ------------------------------------------------------------------------


def _show_policy(state: State, row: Record) -> Record:
    found = {name: value for name, value in row.items() if value or name == "enabled"}
    return found | {"provider_name": state.preheat_instances.rows[row["provider_id"]]["name"]}


def _list_policies(call: Call) -> Reply:
    project = _project(call, "list")
    rows = sorted(
        call.state.preheat_policies.of(project), key=lambda row: (row["update_time"], -row["id"])
    )
    rows = matching(rows, keywords(call.request), _KEYS)
    rows = in_order(rows, call.request.query.get("sort", ""), _KEYS)
    return page(call.request, rows, lambda row: _show_policy(call.state, row))


def _policy(call: Call, project: int) -> Record:
    body = call.body("policy", "PreheatPolicy", _POLICY)
    if not _NAME.fullmatch(body.get("name", "")):
        raise internal_error()
    found = {key: body.get(key, kind()) for key, kind in _POLICY.items()}
    return found | {"project_id": project}


def _check_provider(call: Call, body: Record) -> None:
    if body["provider_id"] not in call.state.preheat_instances.rows:
        message = f"instance {body['provider_id']} not found"
        raise RefusedError(404, message)


def _check_texts(body: Record) -> None:
    """Only that it is JSON, and the cron; not what it says."""
    if not body["filters"] or not body["trigger"]:
        raise internal_error()
    try:
        json.loads(body["filters"])
        trigger = json.loads(body["trigger"])
        json.loads(body["extra_attrs"] or "{}")
    except ValueError:
        raise internal_error() from None
    cron = (trigger.get("trigger_setting") or {}).get("cron", "")
    if trigger.get("type") == "scheduled" and cron:
        _check_cron(cron)
    longest = {"name": _LONGEST, "description": 1024, "filters": 1024, "trigger": _LONGEST}
    if any(len(body[name]) > most for name, most in longest.items()):
        raise internal_error()


def _check_cron(cron: str) -> None:
    try:
        check(cron)
    except CronError as error:
        message = f"invalid cron string for scheduled preheat: {cron}, error: {error}"
        raise bad_request(message) from None


def _create_policy(call: Call) -> Reply:
    project = _project(call, "create")
    body = _policy(call, project)
    del body["id"]
    _check_provider(call, body)
    _check_texts(body)
    if call.state.preheat_policies.find((project, body["name"])):
        call.state.preheat_policies.skip()
        message = f"policy {body['name']} already exists"
        raise RefusedError(409, message)
    call.state.preheat_policies.add(body | call.state.times())
    return created(f"{call.request.path.rstrip('/')}/{body['name']}")


def _found(call: Call, project: int) -> Record:
    name = call.params["policy"]
    row = call.state.preheat_policies.find((project, name))
    if row is None:
        message = f"policy {name} not found"
        raise RefusedError(404, message)
    return row


def _get_policy(call: Call) -> Reply:
    project = _project(call, "read")
    return ok(_show_policy(call.state, _found(call, project)))


def _update_policy(call: Call) -> Reply:
    """Replaces everything of the policy that the body numbers, whatever the path names."""
    project = _project(call, "update")
    body = _policy(call, project)
    number = body.pop("id")
    row = call.state.preheat_policies.rows.get(number)
    if number and row is not None and row["project_id"] != project:
        message = f"resource not found: project id {project} does not match"
        raise RefusedError(404, message)
    if number and row is None:
        message = f"policy {number} not found"
        raise RefusedError(404, message)
    _check_provider(call, body)
    if row is None:
        message = f"policy {number} not found"
        raise RefusedError(404, message)
    _check_texts(body)
    if call.state.preheat_policies.find((project, body["name"])) not in (None, row):
        raise internal_error()
    body["creation_time"] = body["creation_time"] or ZERO_TIME
    call.state.preheat_policies.change(row, **body, update_time=call.state.now())
    return empty()


def _delete_policy(call: Call) -> Reply:
    project = _project(call, "delete")
    call.state.preheat_policies.drop(_found(call, project)["id"])
    return empty()


ROUTES = (
    Route("GET", "/p2p/preheat/providers", _providers),
    Route("GET", "/p2p/preheat/instances", _list_instances),
    Route("POST", "/p2p/preheat/instances", _create_instance),
    Route("GET", "/p2p/preheat/instances/{instance}", _get_instance),
    Route("PUT", "/p2p/preheat/instances/{instance}", _update_instance),
    Route("DELETE", "/p2p/preheat/instances/{instance}", _delete_instance),
    Route("GET", "/projects/{project}/preheat/providers", _of_project),
    Route("GET", "/projects/{project}/preheat/policies", _list_policies),
    Route("POST", "/projects/{project}/preheat/policies", _create_policy),
    Route("GET", "/projects/{project}/preheat/policies/{policy}", _get_policy),
    Route("PUT", "/projects/{project}/preheat/policies/{policy}", _update_policy),
    Route("DELETE", "/projects/{project}/preheat/policies/{policy}", _delete_policy),
)
