"""Repositories and artifacts, as much of them as a project's content needs."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

from harborconf.simulator.http import RefusedError, Reply, empty, ok
from harborconf.simulator.paging import in_order, keywords, matching, page
from harborconf.simulator.router import Route

if TYPE_CHECKING:
    from harborconf.simulator.call import Call
    from harborconf.simulator.http import Record
    from harborconf.simulator.state import State

_MEDIA_TYPE = "application/vnd.oci.image.config.v1+json"
_KEYS = {
    "name": lambda row: row["name"],
    "repository_id": lambda row: row["id"],
    "creation_time": lambda row: row["id"],
    "update_time": lambda row: row["update_time"],
}


def _show(state: State, row: Record) -> Record:
    found = {name: value for name, value in row.items() if value}
    return found | {"artifact_count": state.artifacts.count(row["id"]), "pull_count": 0}


def _of_project(call: Call) -> Reply:
    """The project by its name only: its number is not found."""
    project = call.project_of(call.params["project"], "repository", "list")
    return _page(call, call.state.repositories.of(project["project_id"]))


def _page(call: Call, rows: list[Record]) -> Reply:
    """The newest first."""
    rows = matching(rows, keywords(call.request), _KEYS)
    rows = in_order(rows, call.request.query.get("sort", ""), _KEYS, "-creation_time")
    return page(call.request, rows, lambda row: _show(call.state, row))


def _all(call: Call) -> Reply:
    call.touch_database()
    state = call.state
    readable = {
        project["project_id"]
        for project in state.projects
        if call.who.may_in(state, project, "repository", "list")
    }
    return _page(call, [row for row in state.repositories if row["project_id"] in readable])


def _found(call: Call, resource: str, action: str) -> Record:
    """A repository; the slashes of its name are encoded twice, and once does as well."""
    project = call.project_of(call.params["project"], resource, action)
    name = f"{project['name']}/{unquote(call.params['repository'])}"
    row = call.state.repositories.find((project["project_id"], name))
    if row is None:
        message = f"repository {name} not found"
        raise RefusedError(404, message)
    return row


def _get(call: Call) -> Reply:
    return ok(_show(call.state, _found(call, "repository", "read")))


def _update(call: Call) -> Reply:
    row = _found(call, "repository", "update")
    body = call.body("repository", "Repository", {"description": str})
    row |= {"description": body.get("description", ""), "update_time": call.state.now()}
    return empty()


def _delete(call: Call) -> Reply:
    row = _found(call, "repository", "delete")
    call.state.artifacts.drop_group(row["id"])
    call.state.repositories.drop(row["id"])
    return empty()


def _artifacts(call: Call) -> Reply:
    repository = _found(call, "artifact", "list")
    rows = call.state.artifacts.of(repository["id"])[::-1]
    tag = keywords(call.request).get("tags", "")
    rows = [row for row in rows if tag in {"", row["tag"]}]
    return page(call.request, rows, lambda row: _artifact(repository, row))


def _artifact(repository: Record, row: Record) -> Record:
    times = {name: row[name] for name in ("push_time", "pull_time")}
    tag = {
        "id": row["id"],
        "name": row["tag"],
        "artifact_id": row["id"],
        "repository_id": repository["id"],
        "immutable": False,
        **times,
    }
    return {
        "id": row["id"],
        "digest": row["digest"],
        "type": "IMAGE",
        "media_type": _MEDIA_TYPE,
        "manifest_media_type": "application/vnd.oci.image.manifest.v1+json",
        "artifact_type": _MEDIA_TYPE,
        "project_id": repository["project_id"],
        "repository_id": repository["id"],
        "repository_name": repository["name"],
        "size": 0,
        "tags": [tag],
        "labels": None,
        "references": None,
        "accessories": None,
        **times,
    }


ROUTES = (
    Route("GET", "/repositories", _all),
    Route("GET", "/projects/{project}/repositories", _of_project),
    Route("GET", "/projects/{project}/repositories/{repository}", _get),
    Route("PUT", "/projects/{project}/repositories/{repository}", _update),
    Route("DELETE", "/projects/{project}/repositories/{repository}", _delete),
    Route("GET", "/projects/{project}/repositories/{repository}/artifacts", _artifacts),
)
