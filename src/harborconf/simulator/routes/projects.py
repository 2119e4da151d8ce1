"""Projects."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harborconf.simulator import allowlist
from harborconf.simulator.http import (
    RefusedError,
    Reply,
    bad_request,
    created,
    empty,
    internal_error,
    invalid,
    ok,
)
from harborconf.simulator.paging import in_order, keywords, matching, page
from harborconf.simulator.permissions import (
    ADMIN,
    DEVELOPER,
    GUEST,
    LIMITED_GUEST,
    MAINTAINER,
    SELF,
    public,
)
from harborconf.simulator.project_view import show
from harborconf.simulator.retention_policy import for_proxy_cache
from harborconf.simulator.router import Route
from harborconf.simulator.state import ROOT_USER
from harborconf.simulator.storage import check_limit

if TYPE_CHECKING:
    from harborconf.simulator.call import Call
    from harborconf.simulator.http import Record
    from harborconf.simulator.state import State

_NAME = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")
_LONGEST_NAME = 255
_COUNTS = {
    "project_admin_count": ADMIN,
    "maintainer_count": MAINTAINER,
    "developer_count": DEVELOPER,
    "guest_count": GUEST,
    "limited_guest_count": LIMITED_GUEST,
}
_FIELDS: dict[str, type] = {
    "project_name": str,
    "public": bool,
    "metadata": dict,
    "cve_allowlist": dict,
    "storage_limit": int,
    "registry_id": int,
}
# Since which version; other names are dropped without a word.
_METADATA: dict[str, tuple[int, ...]] = {
    "public": (2,),
    "enable_content_trust": (2,),
    "enable_content_trust_cosign": (2,),
    "prevent_vul": (2,),
    "severity": (2,),
    "auto_scan": (2,),
    "auto_sbom_generation": (2,),
    "reuse_sys_cve_allowlist": (2,),
    "retention_id": (2,),
    "proxy_speed_kb": (2,),
    "max_upstream_conn": (2, 14, 1),
    "proxy_cache_local_on_not_found": (2, 15, 1),
}
# Those that installations leave out of PERMITTED_REGISTRY_TYPES_FOR_PROXY_CACHE; 2.15 quay too.
_NO_PROXIES = frozenset({"dtr", "gitlab", "huawei-SWR", "tencent-tcr", "volcengine-cr"})
_OF_PROXIES = frozenset({"proxy_speed_kb", "max_upstream_conn"})
_KEYS = {
    "name": lambda row: row["name"],
    "project_id": lambda row: row["project_id"],
    "owner_id": lambda row: row["owner_id"],
    "creation_time": lambda row: row["creation_time"],
    "update_time": lambda row: row["update_time"],
    "public": lambda row: str(public(row["metadata"].get("public", ""))).lower(),
}


def _list(call: Call) -> Reply:
    """What the sender may see; for nobody, which is also who failed to log in, what is public."""
    call.touch_database()
    query = call.request.query
    rows = matching(_visible(call), _wanted(call), _KEYS)
    if owner := query.get("owner"):
        user = call.state.users.find(owner)
        rows = [row for row in rows if user and row["owner_id"] == user["user_id"]]
    if query.get("sort"):
        rows = in_order(rows, query["sort"], _KEYS)
    detail = query.get("with_detail", "true").lower() in {"true", "1"}
    return page(call.request, rows, lambda row: show(call.state, call.who, row, detail=detail))


def _wanted(call: Call) -> dict[str, str]:
    wanted = keywords(call.request)
    query = call.request.query
    if query.get("name"):
        wanted["name"] = f"~{query['name']}"
    if "public" in query:
        wanted["public"] = str(public(query["public"])).lower()
    return wanted


def _visible(call: Call) -> list[Record]:
    """By name, which is Harbor's order."""
    state, who = call.state, call.who
    rows = [row for name in state.project_order if (row := state.projects.find(name))]
    if who.may("project", "list") or who.covers_all:
        return rows
    names, user = who.namespaces, who.user_id
    return [
        row
        for row in rows
        if state.is_public(row) or row["name"] in names or state.roles(user, row["project_id"])
    ]


def _head(call: Call) -> Reply:
    call.require_somebody()
    name = call.request.query.get("project_name", "")
    if call.state.projects.find(name) is None:
        message = f"project {name} not found"
        raise RefusedError(404, message)
    return empty()


def _create(call: Call) -> Reply:
    """The allowlist of the body is ignored; the storage limit counts for administrators only."""
    call.require_somebody()
    body = call.body("project", "ProjectReq", _FIELDS)
    _check_creator(call, body)
    name = body.get("project_name", "")
    if len(name) > _LONGEST_NAME:
        # The list of failures is nested in the recordings too.
        problem = "validation failure list:\nproject_name in body should be at most 255 chars long"
        raise invalid(problem)
    metadata = _known(call.state, body.get("metadata", {}), proxy="registry_id" in body)
    if not metadata.get("public"):
        metadata["public"] = str(body.get("public", False)).lower()
    _check_metadata(metadata)
    storage = _storage(call, body)
    _check_registry(call.state, body)
    _check_numbers(metadata)
    _check_name(call.state, name)
    owner = call.who.user_id or ROOT_USER
    row = call.state.add_project(name, owner, metadata, storage, body.get("registry_id", 0))
    if row["registry_id"]:
        policy = call.state.retentions.add(for_proxy_cache(row["project_id"]))
        row["metadata"]["retention_id"] = str(policy["id"])
    call.record("create", "project", name)
    return _created(call, row)


def _created(call: Call, row: Record) -> Reply:
    wants_name = call.request.headers.get("x-resource-name-in-location", "").lower() == "true"
    reply = created(call.location(row["project_id"]))
    if wants_name:
        reply.headers["location"] = f"{call.request.path.rstrip('/')}/{row['name']}"
    return reply


def _check_creator(call: Call, body: Record) -> None:
    if call.who.kind == "robot" and call.who.record["project_id"]:
        message = "Only system level robot can create project"
        raise RefusedError(403, message)
    may = call.who.may("project", "create")
    if call.state.settings["project_creation_restriction"] == "adminonly" and not may:
        message = "Only system admin can create project"
        raise RefusedError(403, message)
    if "registry_id" in body and not may:
        message = "Only system admin can create proxy cache project"
        raise RefusedError(403, message)


def _storage(call: Call, body: Record) -> int | None:
    settings = call.state.settings
    if not settings["quota_per_project_enable"]:
        return None
    limit: int = body.get("storage_limit", 0)
    if not limit or not call.who.may("project", "create"):
        limit = settings["storage_per_project"]
    check_limit(limit, "bad request: ")
    return limit


def _check_metadata(metadata: Record) -> None:
    value = metadata["public"]
    if value not in {"true", "false"}:
        message = f"metadata.public should only be 'true' or 'false', but got: '{value}'"
        raise bad_request(message)
    if metadata.pop("retention_id", ""):
        message = (
            "bad request: the retention_id in the request's payload when creating a project "
            "should be omitted, alternatively passing an empty string"
        )
        raise bad_request(message)


def _check_registry(state: State, body: Record) -> None:
    number = body.get("registry_id")
    if number is None:
        return
    if number <= 0:
        message = (
            f"bad request: {number} is invalid value of registry_id, it should be geater than 0"
        )
        raise bad_request(message)
    registry = state.registries.rows.get(number)
    if registry is None:
        raise internal_error()
    if registry["type"] in _NO_PROXIES or (registry["type"] == "quay" and state.release >= (2, 15)):
        message = f"bad request: unsupported registry type {registry['type']}"
        raise bad_request(message)


def _check_numbers(metadata: Record) -> None:
    """A proxy cache's, and only when it is made."""
    for name, wanted in (
        ("proxy_speed_kb", "should by an int32, but got:"),
        ("max_upstream_conn", "should be an int, but got"),
    ):
        text = metadata.get(name, "0")
        if not text.lstrip("+-").isdigit():
            problem = f'strconv.ParseInt: parsing "{text}": invalid syntax'
            message = f"metadata.{name} {wanted} '{text}', err: {problem}"
            raise bad_request(message)


def _check_name(state: State, name: str) -> None:
    if not name:
        message = f"Project name {name} is illegal in length. (greater than 255 or less than 1)"
        raise bad_request(message)
    if not _NAME.fullmatch(name):
        message = "project name is not in lower case or contains illegal characters"
        raise bad_request(message)
    if state.projects.find(name):
        state.projects.skip()
        message = f"The project named {name} already exists"
        raise RefusedError(409, message)


def _known(state: State, metadata: Record, *, proxy: bool) -> dict[str, str]:
    """The metadata that Harbor keeps: it looks at the names, and never at the values."""
    return {
        name: value
        for name, value in metadata.items()
        if value is not None
        and state.release >= _METADATA.get(name, (99,))
        and (proxy or name not in _OF_PROXIES)
        and not (proxy and name == "enable_content_trust")
    }


def _get(call: Call) -> Reply:
    return ok(show(call.state, call.who, call.project(SELF, "read")))


def _update(call: Call) -> Reply:
    """Merges metadata, so that no name can be taken away; `storage_limit` is ignored."""
    row = call.project(SELF, "update")
    body = call.body("project", "ProjectReq", _FIELDS)
    metadata = _known(call.state, body.get("metadata", {}), proxy=bool(row["registry_id"]))
    if "retention_id" in metadata and metadata["retention_id"] != row["metadata"].get(
        "retention_id"
    ):
        message = (
            "the retention_id in the request's payload when updating a project should be omitted, "
            "alternatively passing the one that has already been associated to this project"
        )
        raise bad_request(message)
    if "cve_allowlist" in body:
        _store_allowlist(call.state, row["project_id"], body["cve_allowlist"])
    row["metadata"] = row["metadata"] | {name: text for name, text in metadata.items() if text}
    return empty()


def _store_allowlist(state: State, project: int, body: Record) -> None:
    number = body.get("project_id") or project
    if number != project:
        message = f"project_id in cve_allowlist must be {project} but it's {number}"
        raise bad_request(message)
    allowlist.store(state, project, body)


def _delete(call: Call) -> Reply:
    row = call.project(SELF, "delete")
    if call.state.repositories.count(row["project_id"]):
        message = "precondition failed: the project contains repositories, can not be deleted"
        raise RefusedError(412, message)
    call.state.drop_project(row)
    call.record("delete", "project", row["name"])
    return empty()


def _deletable(call: Call) -> Reply:
    row = call.project(SELF, "delete")
    if call.state.repositories.count(row["project_id"]):
        return ok({"message": "the project contains repositories, can not be deleted"})
    return ok({"deletable": True})


def _summary(call: Call) -> Reply:
    """Counts of 0 are left out."""
    row = call.project(SELF, "read")
    number = row["project_id"]
    found: Record = {"repo_count": call.state.repositories.count(number)}
    quota = call.state.quotas.find(number)
    if quota and call.who.may_in(call.state, row, "quota", "read"):
        found["quota"] = {"hard": quota["hard"], "used": {"storage": quota["used"]}}
    if call.who.may_in(call.state, row, "member", "list"):
        roles = [member["role_id"] for member in call.state.members.of(number)]
        counts = {name: roles.count(role) for name, role in _COUNTS.items()}
        found |= {name: count for name, count in counts.items() if count}
    return ok(found)


ROUTES = (
    Route("GET", "/projects", _list),
    Route("HEAD", "/projects", _head),
    Route("POST", "/projects", _create),
    Route("GET", "/projects/{project}", _get),
    Route("PUT", "/projects/{project}", _update),
    Route("DELETE", "/projects/{project}", _delete),
    Route("GET", "/projects/{project}/_deletable", _deletable),
    Route("GET", "/projects/{project}/summary", _summary),
)
