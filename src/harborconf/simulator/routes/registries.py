"""Registries elsewhere. Harbor tries each before it stores it; here a rule says which answer."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from harborconf.simulator.clock import ZERO_TIME
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
from harborconf.simulator.settings import HOST

if TYPE_CHECKING:
    from harborconf.simulator.call import Call
    from harborconf.simulator.http import Record
    from harborconf.simulator.state import State

_ADAPTERS = (
    "ali-acr",
    "aws-ecr",
    "azure-acr",
    "docker-hub",
    "docker-registry",
    "dtr",
    "github-ghcr",
    "gitlab",
    "google-gcr",
    "harbor",
    "huawei-SWR",
    "jfrog-artifactory",
    "quay",
    "tencent-tcr",
    "volcengine-cr",
)
# Not unhealthy but an internal error, where they do not answer.
_CRASHING = frozenset({"harbor", "ali-acr", "aws-ecr", "tencent-tcr", "volcengine-cr"})
# They must have a credential; the first two crash without the object.
_NEVER_ANONYMOUS = frozenset({"tencent-tcr", "google-gcr"})
_CRASHING_WITHOUT = frozenset({"dtr", "gitlab", "tencent-tcr", "ali-acr", "aws-ecr"})
_LONGEST_NAME, _LONGEST_CREDENTIAL_TYPE = 64, 16
_NOBODY = {"type": "", "access_key": "", "access_secret": ""}
_HIDDEN = "*****"
_FIELDS: dict[str, type] = {
    "name": str,
    "url": str,
    "type": str,
    "description": str,
    "insecure": bool,
    "credential": dict,
    "ca_certificate": str,
}
_UPDATED: dict[str, type] = {
    "name": str,
    "description": str,
    "url": str,
    "credential_type": str,
    "access_key": str,
    "access_secret": str,
    "insecure": bool,
    "ca_certificate": str,
}
_KEYS = {
    "id": lambda row: row["id"],
    "name": lambda row: row["name"],
    "type": lambda row: row["type"],
    "url": lambda row: row["url"],
    "creation_time": lambda row: row["creation_time"],
    "update_time": lambda row: row["update_time"],
}


def show(row: Record) -> Record:
    """A registry: its password is hidden, and what is empty is left out."""
    credential = {name: value for name, value in row["credential"].items() if value}
    if "access_secret" in credential:
        credential["access_secret"] = _HIDDEN
    optional = ("description", "ca_certificate", "insecure")
    found = {name: value for name, value in row.items() if value or name not in optional}
    return found | {"credential": credential}


def local() -> Record:
    """Harbor itself, which has the number 0."""
    return {
        "creation_time": ZERO_TIME,
        "credential": {"access_secret": _HIDDEN, "type": "secret"},
        "id": 0,
        "insecure": True,
        "name": "Local",
        "status": "healthy",
        "type": "harbor",
        "update_time": ZERO_TIME,
        "url": f"http://{HOST}",
    }


def _list(call: Call) -> Reply:
    call.require("registry", "list")
    wanted = keywords(call.request)
    if name := call.request.query.get("name"):
        wanted["name"] = f"~{name}"
    rows = matching(call.state.registries, wanted, _KEYS)
    return page(call.request, in_order(rows, call.request.query.get("sort", ""), _KEYS), show)


def _create(call: Call) -> Reply:
    call.require("registry", "create")
    body = call.body("registry", "Registry", _FIELDS)
    has_certificates = call.state.release >= (2, 15, 0)
    row: Record = {
        "name": body.get("name", ""),
        "type": body.get("type", ""),
        "url": body.get("url", ""),
        "description": body.get("description", ""),
        "insecure": body.get("insecure", False),
        "ca_certificate": _certificate(body) if has_certificates else "",
    }
    credential = body.get("credential")
    row["credential"] = _NOBODY | (credential or {})
    if credential is None and row["type"] in _CRASHING_WITHOUT:
        raise internal_error()
    _validate(call.state, row)
    row["credential"] = _stored(row["credential"])
    if call.state.registries.find(row["name"]):
        call.state.registries.skip()
        raise _taken(row["name"])
    row |= call.state.times()
    return created(call.location(call.state.registries.add(row)["id"]))


def _taken(name: str) -> RefusedError:
    return RefusedError(409, f"registry {name} already exists")


def _certificate(body: Record) -> str:
    text = str(body.get("ca_certificate", ""))
    if text.strip() and "-----BEGIN CERTIFICATE-----" not in text:
        message = "invalid CA certificate: no valid certificates found in PEM data"
        raise bad_request(message)
    return text


def _stored(credential: Record) -> Record:
    """Without a user name the rest is dropped."""
    if not credential["access_key"]:
        return _NOBODY
    return credential | {"type": credential["type"] or "basic"}


def _validate(state: State, row: Record) -> None:
    if not row["name"]:
        message = "name cannot be empty"
        raise bad_request(message)
    if len(row["name"].encode()) > _LONGEST_NAME:
        message = "the max length of name is 64"
        raise bad_request(message)
    row["url"] = _url(row["url"])
    if row["type"] not in _ADAPTERS:
        raise internal_error()
    _try(state, row)
    row["status"] = "healthy"
    if len(row["credential"]["type"]) > _LONGEST_CREDENTIAL_TYPE:
        raise internal_error()


def _url(text: str) -> str:
    """Scheme, host and path; the rest is dropped."""
    text = text.strip(" ").rstrip("/")
    if not text:
        message = "empty string"
        raise bad_request(message)
    parts = urlsplit(text if "://" in text else f"http://{text}")
    if parts.scheme not in {"http", "https"}:
        message = f"invalid HTTP scheme: {parts.scheme}"
        raise bad_request(message)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{unquote(parts.path)}"


def _try(state: State, row: Record) -> None:
    """Whether it answers, and takes the credential."""
    parts = urlsplit(row["url"])
    if parts.port == 1 or row["url"] in state.unreachable:
        if row["type"] in _CRASHING:
            raise internal_error()
        raise _unhealthy()
    user, secret = row["credential"]["access_key"], row["credential"]["access_secret"]
    if not user and (secret or row["type"] in _NEVER_ANONYMOUS):
        raise _unhealthy()
    known = state.credentials.get(row["url"])
    if known is not None and user and known != (user, secret):
        raise _unhealthy()


def _unhealthy() -> RefusedError:
    return bad_request("the registry is unhealthy")


def _found(call: Call, number: int) -> Record:
    row = call.state.registries.rows.get(number)
    if row is None:
        message = f"registry {number} not found"
        raise RefusedError(404, message)
    return row


def _get(call: Call) -> Reply:
    call.require("registry", "read")
    number = call.number("id")
    return ok(show(_found(call, number)) if number else local())


def _update(call: Call) -> Reply:
    """Changes what it names. The type is ignored; an empty user name ends the credential."""
    call.require("registry", "update")
    row = _found(call, call.number("id"))
    body = call.body("registry", "RegistryUpdate", _UPDATED)
    new = row | {
        name: body[name] for name in ("name", "description", "url", "insecure") & body.keys()
    }
    if call.state.release >= (2, 15, 0) and "ca_certificate" in body:
        new["ca_certificate"] = _certificate(body)
    flat = {"credential_type": "type", "access_key": "access_key", "access_secret": "access_secret"}
    new["credential"] = row["credential"] | {
        key: body[name] for name, key in flat.items() if name in body
    }
    _validate(call.state, new)
    new["credential"] = _stored(new["credential"])
    if call.state.registries.find(new["name"]) not in (None, row):
        raise _taken(new["name"])
    call.state.registries.change(row, **{**new, "update_time": call.state.now()})
    return empty()


def _ping(call: Call) -> Reply:
    """Tries a stored registry as it is."""
    call.require("registry", "read")
    body = call.body("registry", "RegistryPing", {"id": int})
    _try(call.state, _found(call, body.get("id", 0)))
    return empty()


def _delete(call: Call) -> Reply:
    call.require("registry", "delete")
    number = call.number("id")
    state = call.state
    _found(call, number)
    for row in state.replications:
        if number in (row["src_registry"], row["dest_registry"]):
            raise _used(number, "replication policies")
    if any(project["registry_id"] == number for project in state.projects):
        raise _used(number, "proxy cache project")
    state.registries.drop(number)
    return empty()


def _used(number: int, by: str) -> RefusedError:
    message = f"the registry {number} is referenced by {by}, cannot delete it"
    return RefusedError(412, message)


ROUTES = (
    Route("GET", "/registries", _list),
    Route("POST", "/registries", _create),
    Route("POST", "/registries/ping", _ping),
    Route("GET", "/registries/{id}", _get),
    Route("PUT", "/registries/{id}", _update),
    Route("DELETE", "/registries/{id}", _delete),
)
