"""A project's metadata, one name at a time. Unlike `PUT /projects`, this looks at the values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harborconf.simulator.http import RefusedError, Reply, bad_request, empty, ok
from harborconf.simulator.router import Route

if TYPE_CHECKING:
    from harborconf.simulator.call import Call

_TRUE, _FALSE = {"1", "t", "true"}, {"0", "f", "false"}
_SEVERITIES = {"none", "low", "medium", "high", "critical"}
_BOOLEANS = {
    "public": (2,),
    "enable_content_trust": (2,),
    "enable_content_trust_cosign": (2,),
    "auto_sbom_generation": (2,),
    "prevent_vul": (2,),
    "auto_scan": (2,),
    "reuse_sys_cve_allowlist": (2,),
    "proxy_cache_local_on_not_found": (2, 15, 1),
}
_NUMBERS = {"proxy_speed_kb": (2,), "max_upstream_conn": (2, 14, 1)}


def _list(call: Call) -> Reply:
    """As stored. No role of a project may do this, only administrators and robots."""
    return ok(call.project("metadata", "list")["metadata"])


def _get(call: Call) -> Reply:
    stored = call.project("metadata", "read")["metadata"]
    name = call.params["name"]
    return ok({name: stored[name]} if name in stored else {})


def _add(call: Call) -> Reply:
    row = call.project("metadata", "create")
    name, value = _checked(call, call.body("metadata", "map", {}))
    if name in row["metadata"]:
        message = f"metadata {name} already exists"
        raise RefusedError(409, message)
    row["metadata"] = row["metadata"] | {name: value}
    return empty()


def _update(call: Call) -> Reply:
    row = call.project("metadata", "update")
    name = call.params["name"]
    _, value = _checked(call, {name: call.body("metadata", "map", {}).get(name, "")})
    row["metadata"] = row["metadata"] | {name: value}
    return empty()


def _delete(call: Call) -> Reply:
    """The only way to take a name away, `retention_id` included."""
    row = call.project("metadata", "delete")
    row["metadata"] = {
        name: value for name, value in row["metadata"].items() if name != call.params["name"]
    }
    return empty()


def _checked(call: Call, body: dict[str, str]) -> tuple[str, str]:
    if len(body) != 1:
        message = "only allow one key/value pair"
        raise bad_request(message)
    ((name, text),) = body.items()
    release, word = call.state.release, str(text).lower()
    if release >= _BOOLEANS.get(name, (99,)) and word in _TRUE | _FALSE:
        return name, "true" if word in _TRUE else "false"
    if release >= _NUMBERS.get(name, (99,)) and word.lstrip("+-").isdigit():
        return name, str(int(word))
    if name == "severity" and word in _SEVERITIES:
        return name, word
    if name in {*_BOOLEANS, *_NUMBERS, "severity"}:
        message = f"invalid value: {text}"
        raise bad_request(message)
    message = f"invalid key: {name}"
    raise bad_request(message)


ROUTES = (
    Route("GET", "/projects/{project}/metadatas", _list),
    Route("POST", "/projects/{project}/metadatas", _add),
    Route("GET", "/projects/{project}/metadatas/{name}", _get),
    Route("PUT", "/projects/{project}/metadatas/{name}", _update),
    Route("DELETE", "/projects/{project}/metadatas/{name}", _delete),
)
