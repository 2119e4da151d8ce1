"""The settings of the system."""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING

from harborconf.simulator.call import JSON_TYPES
from harborconf.simulator.http import RefusedError, Reply, bad_request, empty, ok
from harborconf.simulator.router import Route
from harborconf.simulator.settings import (
    AUTH_MODES,
    DEFAULTS,
    LDAP_SCOPES,
    NOT_EMPTY,
    POSITIVE,
    WRITE_ONLY,
)
from harborconf.simulator.state import ROOT_USER
from harborconf.simulator.storage import check_limit

if TYPE_CHECKING:
    from harborconf.simulator.call import Call
    from harborconf.simulator.http import Json, Record
    from harborconf.simulator.state import State

_TYPES = {name: type(value) for name, value in DEFAULTS.items()}
# Ten digits, what the portal's fields take.
_LARGEST = 9_999_999_999
_LARGEST_INT = 2**31 - 1
_IN_32_BITS = frozenset({"token_expiration", "robot_token_duration", "ldap_timeout"})
# With a filter for groups, these two are needed.
_GROUP_NEEDS = {
    "ldap_group_attribute_name": "name attribute",
    "ldap_group_membership_attribute": "membership attribute",
}
_GROUP_KEYS = frozenset({"ldap_group_search_filter", *_GROUP_NEEDS})


def _show(call: Call) -> Reply:
    call.require("configuration", "read")
    state = call.state
    found: Record = {
        name: {"editable": _is_editable(state, name), "value": value}
        for name, value in state.settings.items()
        if name not in WRITE_ONLY
    }
    # A relic: it is listed without a value.
    found["scan_all_policy"] = {}
    return ok(found)


def _is_editable(state: State, name: str) -> bool:
    return not state.settings_overwritten and (name != "auth_mode" or _no_users(state))


def _change(call: Call) -> Reply:
    """Unknown names are ignored; so are three that the server has and its API has not."""
    call.require("configuration", "update")
    body = call.body("configurations", "Configurations", _TYPES)
    if call.state.settings_overwritten:
        message = (
            "current config is init by env variable: CONFIG_OVERWRITE_JSON, it cannot be updated"
        )
        raise RefusedError(403, message)
    wanted = {name: value for name, value in body.items() if name in DEFAULTS}
    _check_auth_mode(call.state, wanted)
    for name, value in wanted.items():
        _check_value(name, value)
    _check_together(call.state, wanted)
    kept = {name: _kept(name, value) for name, value in wanted.items()}
    _dial(call.state, kept)
    call.state.settings |= kept
    call.state.settings_stored |= kept.keys()
    call.record("update", "configuration", "configuration")
    return empty()


def _kept(name: str, value: Json) -> Json:
    """Some numbers lose precision where they do not fit into 32 bits."""
    if name in _IN_32_BITS and value > _LARGEST_INT:
        return int(struct.unpack("f", struct.pack("f", value))[0])
    if name == "oidc_extra_redirect_parms":
        found = json.loads(value)
        return json.dumps(found, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    if name == "ldap_group_admin_dn":
        return value.lower().strip()
    return value


def _dial(state: State, wanted: Record) -> None:
    """An endpoint that does not answer is refused, and everything with it.

    The database forgets it, but the server's memory does not: what was never stored before is
    shown as if it were accepted.
    """
    endpoint = wanted.get("audit_log_forward_endpoint")
    if endpoint and endpoint not in state.reachable:
        unstored = wanted.keys() - state.settings_stored
        state.settings |= {name: wanted[name] for name in unstored}
        message = f"bad request: could not connect to the audit endpoint: {endpoint}"
        raise bad_request(message)


def _no_users(state: State) -> bool:
    return all(number == ROOT_USER for number in state.users.rows)


def _check_auth_mode(state: State, wanted: Record) -> None:
    mode = wanted.get("auth_mode", state.settings["auth_mode"])
    if mode != state.settings["auth_mode"] and not _no_users(state):
        message = "the auth mode cannot be modified as new users have been inserted into database"
        raise bad_request(message)


def _check_value(name: str, value: Json) -> None:
    problem = ""
    if name in NOT_EMPTY and not value.strip():
        problem = "the configure value can not be empty"
    elif name in LDAP_SCOPES and value not in {0, 1, 2}:
        problem = "invalid scope, should be 0, 1 or 2"
    elif name == "auth_mode" and value not in AUTH_MODES:
        problem = f"invalid auth_mode, shoud be one of {', '.join(AUTH_MODES)}"
    elif name == "oidc_extra_redirect_parms":
        problem = _parameters_problem(value)
    elif name == "project_creation_restriction" and value not in {"adminonly", "everyone"}:
        problem = f"invalid {name}, should be adminonly or everyone"
    if problem:
        message = f"bad request: item name {name}: {problem}"
        raise bad_request(message)
    if name == "storage_per_project":
        # It comes as a number with a fraction, which loses precision.
        check_limit(int(float(value)), "bad request: ")
    if name in POSITIVE and value <= 0:
        message = f"the {name} value must be positive"
        raise bad_request(message)
    if name in POSITIVE and value > _LARGEST:
        message = f"the {name} value is over the limit value: {_LARGEST}"
        raise bad_request(message)


def _parameters_problem(text: str) -> str:
    """What Go's decoder says of a text that is no map of texts."""
    try:
        found = json.loads(text)
    except ValueError:
        if text.startswith("n"):
            return f"invalid character '{text[1]}' in literal null (expecting 'u')"
        return "unexpected end of JSON input"
    values = found.values() if isinstance(found, dict) else ()
    wrong = next((value for value in values if not isinstance(value, str)), None)
    if wrong is None:
        return ""
    return f"json: cannot unmarshal {JSON_TYPES[type(wrong)]} into Go value of type string"


def _check_together(state: State, wanted: Record) -> None:
    after = state.settings | wanted
    if after["ldap_group_search_filter"] and _GROUP_KEYS & wanted.keys():
        for key, words in _GROUP_NEEDS.items():
            if not after[key]:
                message = f"bad request: ldap group {words} can not be empty"
                raise bad_request(message)
    endpoint = after["audit_log_forward_endpoint"]
    changed = {"skip_audit_log_database", "audit_log_forward_endpoint"} & wanted.keys()
    if changed and after["skip_audit_log_database"] and not endpoint:
        message = (
            "bad request: audit log forward endpoint should be configured before enable skip "
            "audit log in database"
        )
        raise bad_request(message)


ROUTES = (
    Route("GET", "/configurations", _show),
    Route("PUT", "/configurations", _change),
)
