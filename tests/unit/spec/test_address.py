"""The names of things."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harborconf.spec.address import Address, parse, quote

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("team-a", "team-a"),
        ("group:cn=devs,dc=example", "group:cn=devs,dc=example"),
        ("100% a/b#c", "100%25%20a%2Fb%23c"),
        ("a\nb\x1b\x7f\x9b", "a%0Ab%1B%7F%C2%9B"),
        ("a\u2028b\u00a0c", "a%E2%80%A8b%C2%A0c"),
        ("é", "é"),
    ],
)
def test_quoted(name: str, expected: str) -> None:
    assert quote(name) == expected


@pytest.mark.parametrize(
    ("text", "address", "path"),
    [
        ("project/team-a", Address("project", "team-a"), ""),
        ("project/team-a#scanning.on_push", Address("project", "team-a"), "scanning.on_push"),
        ("project/team-a/quota", Address("quota", None, "team-a"), ""),
        ("project/team-a/robot/ci#secret", Address("robot", "ci", "team-a"), "secret"),
        (
            "project/team-a/member/group:devs",
            Address("member", "group:devs", "team-a"),
            "",
        ),
        ("user/a%2Fb", Address("user", "a/b"), ""),
        ("system/settings", Address("settings"), ""),
        ("system/settings#session_timeout", Address("settings"), "session_timeout"),
    ],
)
def test_written_and_read(text: str, address: Address, path: str) -> None:
    assert parse(text) == (address, path)
    assert address.field(path) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "#public",
        "project/",
        "system/",
        "settings",
        "project//quota",
        "project/a/robot/ci/x",
        "a/b/c",
        "/a",
    ],
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match="is no address; one looks like project/team-a/robot/ci"):
        parse(text)


@given(NAMES, NAMES, st.sampled_from(["robot", "label", "user", "member"]))
def test_addresses_round_trip(name: str, project: str, kind: str) -> None:
    for address in (
        Address(kind, name, project),
        Address(kind, None, project),
        Address(kind, name),
        Address("project", name),
    ):
        assert parse(str(address)) == (address, "")
        assert parse(address.field("a.b")) == (address, "a.b")
        assert "\n" not in str(address)


def test_the_owner_is_the_project() -> None:
    assert Address("robot", "ci", "team-a").owner == Address("project", "team-a")
    assert Address("robot", "ci").owner is None


@pytest.mark.parametrize(
    ("globs", "address", "expected"),
    [
        ((), Address("project", "prod"), False),
        (("project/*",), Address("project", "prod"), True),
        (("project/*",), Address("robot", "ci", "prod"), False),
        (("user/bob", "project/prod/**"), Address("robot", "ci", "prod"), True),
        (("label/a%20b",), Address("label", "a b"), True),
        (("label/a?b",), Address("label", "a/b"), False),
    ],
)
def test_protected(globs: tuple[str, ...], address: Address, expected: bool) -> None:
    assert address.is_protected(globs) is expected
