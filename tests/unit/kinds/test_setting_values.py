"""The types of settings, and what Harbor has in their place."""

from __future__ import annotations

from typing import Any

import pytest

from harborconf.kinds.banner import BANNER, Banner, banner_from_api, banner_to_api
from harborconf.kinds.setting_values import (
    CERTIFICATE,
    ENDPOINT,
    LDAP_SCOPES,
    PARAMETERS,
    PARAMETERS_CODEC,
    PREFIX,
    SCOPE,
    URL,
    LdapScope,
    number,
)
from harborconf.spec.value import Plain, ValueType
from unit.refusals import refusal

MINUTES = number("minutes", 1, 90)
PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"


def _loaded(written: object) -> object:
    """What the loader makes of a file with this in it."""
    if isinstance(written, dict):
        return {key: _loaded(value) for key, value in written.items()}
    return Plain(str(written).lower()) if isinstance(written, bool) else written


@pytest.mark.parametrize(
    ("kind", "raw", "expected"),
    [
        (MINUTES, Plain("90"), 90),
        (URL, "", ""),
        (URL, "HTTPS://sso.example.com/x/", "https://sso.example.com/x/"),
        (ENDPOINT, "", ""),
        (ENDPOINT, "syslog:514", "syslog:514"),
        (ENDPOINT, "[::1]:514", "[::1]:514"),
        (PREFIX, "robot$", "robot$"),
        (CERTIFICATE, f"{PEM}\n", PEM),
        (CERTIFICATE, "", ""),
        (SCOPE, Plain("one_level"), LdapScope.ONE_LEVEL),
        (SCOPE, Plain("2"), LdapScope.SUBTREE),
        (PARAMETERS, {"a": Plain("1")}, frozenset({("a", "1")})),
        (PARAMETERS, '{"a": "1"}', frozenset({("a", "1")})),
        (PARAMETERS, {}, frozenset()),
    ],
)
def test_read(kind: ValueType, raw: object, expected: object) -> None:
    found = kind.read(raw)
    assert found == expected
    written = kind.write(found)
    assert kind.read(Plain(written) if isinstance(written, int) else written) == expected


@pytest.mark.parametrize(
    ("kind", "raw", "expected"),
    [
        (MINUTES, Plain("0"), "expected minutes, 1 to 90, got `0`"),
        (MINUTES, Plain("91"), "expected minutes, 1 to 90, got `91`"),
        (MINUTES, "90", "expected minutes, got `90`"),
        (ENDPOINT, "https://syslog:514", "expected a host and a port like"),
        (PREFIX, "a b", "expected a prefix without spaces"),
        (SCOPE, "3", "expected a scope, one of base, one_level, subtree (Harbor's 0, 1, 2)"),
        (PARAMETERS, "[]", "expected a map of texts like {prompt: login}, got `[]`"),
        (PARAMETERS, '{"a": 1}', "expected a map of texts"),
        (PARAMETERS, [], "expected a map of texts like {prompt: login}, got a list"),
    ],
)
def test_refused(kind: ValueType, raw: object, expected: str) -> None:
    assert expected in refusal(kind.read, raw)


@pytest.mark.parametrize("raw", ["x", "[]", '{"a": 1}', None, 7])
def test_parameters_that_are_none_stay_as_they_came(raw: object) -> None:
    assert PARAMETERS_CODEC.from_api(raw) == raw


def test_scopes_are_harbors_numbers() -> None:
    assert [LDAP_SCOPES[scope] for scope in LdapScope] == [0, 1, 2]


# ---- the banner ----------------------------------------------------------------------


def banner(**fields: Any) -> Banner:
    return Banner.model_construct(**fields)


@pytest.mark.parametrize(
    ("raw", "expected", "api"),
    [
        ("", "", ""),
        (
            {"message": "hi", "ends": Plain("2031-01-31")},
            banner(message="hi", ends="2031-01-31"),
            '{"closable": false, "message": "hi", "type": "warning", "toDate": "2031-01-31"}',
        ),
        (
            {"message": "hi", "type": "info", "closable": Plain("true"), "starts": "01/31/2031"},
            banner(message="hi", type="info", closable=True, starts="01/31/2031"),
            '{"closable": true, "message": "hi", "type": "info", "fromDate": "01/31/2031"}',
        ),
        (
            '{"message": "hi"}',
            banner(message="hi"),
            '{"closable": false, "message": "hi", "type": "warning"}',
        ),
    ],
)
def test_a_banner(raw: object, expected: object, api: str) -> None:
    found = BANNER.read(raw)
    assert found == expected
    assert banner_to_api(found) == api
    if api:
        assert banner_from_api(api) == expected
    assert BANNER.read(_loaded(BANNER.write(found))) == expected


@pytest.mark.parametrize(
    "raw", ["hello", "{", "[1]", '{"type": "info"}', '{"message": 7}', '{"message": "", "x": 1}', 7]
)
def test_what_is_no_banner_stays_as_it_came(raw: object) -> None:
    assert banner_from_api(raw) == raw


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("hello", "Harbor's pages show only a banner like {message: ..., starts: 2027-01-31}"),
        ({"message": "hi"}, "never show a banner without a date: write `starts` or `ends`"),
        ({"message": "x" * 801, "ends": "2031-01-31"}, "1 to 800 characters, here are 801"),
        ({"message": "hi", "type": "loud", "ends": "2031-01-31"}, "expected a type of banner"),
        ({"message": "hi", "ends": "2031-02-30"}, "expected a date like 2027-01-31"),
    ],
)
def test_banners_that_nobody_would_see(raw: object, expected: str) -> None:
    assert expected in refusal(BANNER.read, raw)
