"""The types of settings that are more than text, truths and numbers."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from enum import Enum

from harborconf.kinds.base import Codec
from harborconf.spec.lists import word_set
from harborconf.spec.records import ValueProblemError
from harborconf.spec.url import url_type
from harborconf.spec.value import SCALAR_SCHEMA, ValueType, read_count, read_text, shown, words

_LONGEST_URL = 2048
# Harbor keeps days and seconds in 32 bits, whatever it answers (2.13 to 2.15).
_LARGEST = 2**31 - 1
# 292 years. Harbor counts in nanoseconds, takes more and overflows: every token has expired then,
# and a session ends whenever (2.13 to 2.15).
_MOST_MINUTES = 2**63 // (60 * 10**9)


class AuthMode(Enum):
    """Where users come from; Harbor's five."""

    DB = "db_auth"
    LDAP = "ldap_auth"
    UAA = "uaa_auth"
    HTTP = "http_auth"
    OIDC = "oidc_auth"


class Creators(Enum):
    """Who may create projects."""

    EVERYONE = "everyone"
    ADMINS = "adminonly"


AUTH_MODE = words("authentication mode", AuthMode)
CREATORS = words("circle of creators", Creators)
NAMES = word_set("names")
SCOPES = word_set("scopes")


def number(name: str, low: int, high: int) -> ValueType:
    """A type of whole numbers within bounds."""

    def read(raw: object) -> int:
        try:
            count = read_count(raw)
        except ValueError:
            message = f"expected {name}, got {shown(raw)}"
            raise ValueError(message) from None
        if not low <= count <= high:
            message = f"expected {name}, {low} to {high}, got {shown(raw)}"
            raise ValueError(message)
        return count

    return ValueType(name, read, int, {"type": "integer", "minimum": low, "maximum": high})


MINUTES = number("a number of minutes", 1, _MOST_MINUTES)
DAYS = number("a number of days", 1, _LARGEST)
SECONDS = number("a number of seconds", 0, _LARGEST)
_URL = url_type(_LONGEST_URL)


def _read_url(raw: object) -> str:
    return "" if raw == "" else str(_URL.read(raw))


URL = ValueType("URL", _read_url, str, {"type": "string"})


def _read_endpoint(raw: object) -> str:
    text = read_text(raw)
    if text and not re.fullmatch(r"[^\s/:]+:[0-9]{1,5}|\[[0-9A-Fa-f:.]+\]:[0-9]{1,5}", text):
        message = f"expected a host and a port like syslog.example.com:514, got {shown(raw)}"
        raise ValueError(message)
    return text


ENDPOINT = ValueType("host and port", _read_endpoint, str, {"type": "string"})


def _read_prefix(raw: object) -> str:
    text = read_text(raw)
    if not text or re.search(r"\s", text):
        message = f"expected a prefix without spaces like `robot$`, got {shown(raw)}"
        raise ValueError(message)
    return text


PREFIX = ValueType("prefix", _read_prefix, str, SCALAR_SCHEMA)


def _read_certificate(raw: object) -> str:
    text = read_text(raw).strip()
    if text and not text.startswith("-----BEGIN CERTIFICATE-----"):
        message = "expected a certificate as text that begins with -----BEGIN CERTIFICATE-----"
        raise ValueError(message)
    return text


CERTIFICATE = ValueType("certificate", _read_certificate, str, {"type": "string"})
STRIPPED = Codec(lambda value: value, lambda raw: raw.strip() if isinstance(raw, str) else raw)


def _read_lowered(raw: object) -> str:
    """In lower case and without spaces around it, as Harbor (2.13 to 2.15) keeps it."""
    return read_text(raw).lower().strip()


LOWERED = ValueType("text", _read_lowered, str, SCALAR_SCHEMA)


class LdapScope(Enum):
    """How deep a search in LDAP goes."""

    BASE = "base"
    ONE_LEVEL = "one_level"
    SUBTREE = "subtree"


LDAP_SCOPES = {LdapScope.BASE: 0, LdapScope.ONE_LEVEL: 1, LdapScope.SUBTREE: 2}
_SCOPES = {
    **{scope.value: scope for scope in LdapScope},
    **{str(code): scope for scope, code in LDAP_SCOPES.items()},
}


def _read_scope(raw: object) -> LdapScope:
    if isinstance(raw, str) and raw in _SCOPES:
        return _SCOPES[raw]
    words = ", ".join(scope.value for scope in LdapScope)
    message = f"expected a scope, one of {words} (Harbor's 0, 1, 2), got {shown(raw)}"
    raise ValueError(message)


SCOPE = ValueType(
    "scope",
    _read_scope,
    lambda scope: scope.value,
    {"enum": [*(scope.value for scope in LdapScope), *LDAP_SCOPES.values()]},
)


Parameters = frozenset[tuple[str, str]]


def _read_parameters(raw: object) -> Parameters:
    if isinstance(raw, str):
        found = parameters_from_api(raw)
        if isinstance(found, frozenset):
            return found
    elif isinstance(raw, Mapping):
        for key, value in raw.items():
            if not isinstance(value, str):
                message = f"expected text, got {shown(value)}"
                raise ValueProblemError(message, (key,))
        return frozenset((str(key), str(value)) for key, value in raw.items())
    message = f"expected a map of texts like {{prompt: login}}, got {shown(raw)}"
    raise ValueProblemError(message, ())


PARAMETERS = ValueType(
    "map of texts",
    _read_parameters,
    lambda parameters: dict(sorted(parameters)),
    {"anyOf": [{"type": "object", "additionalProperties": SCALAR_SCHEMA}, {"type": "string"}]},
)


def parameters_from_api(raw: object) -> object:
    """Harbor's JSON in a text as a set of pairs; what is none stays as it came."""
    try:
        found = json.loads(raw) if isinstance(raw, str) else None
    except ValueError:
        return raw
    if not isinstance(found, dict) or not all(isinstance(one, str) for one in found.values()):
        return raw
    return frozenset(found.items())


PARAMETERS_CODEC = Codec(
    lambda parameters: json.dumps(dict(sorted(parameters)), ensure_ascii=False),
    parameters_from_api,
)
