"""Distinguished names of LDAP."""

from __future__ import annotations

import pytest

from harborconf.spec.dn import canonical_dn, first_value, is_dn


@pytest.mark.parametrize(
    "text",
    [
        "cn=devs,dc=example",
        "CN=Devs, OU=Groups, DC=example, DC=com",
        r"cn=a\,b,dc=x",
        r"cn=a\=b,dc=x",
        "cn=a+uid=b,dc=x",
        "2.5.4.3=devs,dc=x",
        "cn=ÄÖ,dc=x",
    ],
)
def test_a_dn(text: str) -> None:
    assert is_dn(text)


@pytest.mark.parametrize(
    "text",
    ["devs", "", "a=b", "cn=,dc=x", "=a,b=c", "a,b", "cn=devs,", "c n=a,dc=x", "cn=a=b,dc=x"],
)
def test_no_dn(text: str) -> None:
    assert not is_dn(text)


@pytest.mark.parametrize(
    ("text", "expected", "name"),
    [
        ("CN=Devs, OU = Groups ,DC=x", "cn=devs,ou=groups,dc=x", "Devs"),
        (r"cn=A\, b , dc=x", r"cn=a\, b,dc=x", "A, b"),
        ("cn=a + uid=b,dc=x", "cn=a+uid=b,dc=x", "a"),
        ("cn=two words,dc=x", "cn=two words,dc=x", "two words"),
    ],
)
def test_one_form(text: str, expected: str, name: str) -> None:
    assert canonical_dn(text) == expected
    assert canonical_dn(expected) == expected
    assert first_value(text) == name
