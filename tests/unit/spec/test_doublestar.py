"""Patterns as Harbor's library has them: the table is what doublestar 1.3.4 itself answered."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harborconf.spec.doublestar import Names, PatternError, can_match, matches

NAMES = (
    "v1",
    "v1.0",
    "v",
    "release-1",
    "apps",
    "apps/web",
    "apps/x/web",
    "a",
    "b",
    "c",
    "a/b",
    "a/x/b",
    "a/x/y/b",
    "b/c",
    "a/c",
    "ax",
    "bx",
    "cx",
    "dx",
    "x",
    "ab",
    "ba",
    "v1.1",
    "a.x",
    ".x",
    "latest",
    "-v1",
    "x-v1",
    "a/xb",
    "v*",
    "-x",
    "",
    ".hidden",
)
EVERYTHING = " ".join(NAMES)
WITHOUT_SLASH = " ".join(name for name in NAMES if "/" not in name)
TABLE = [
    ("**", EVERYTHING),
    ("*", WITHOUT_SLASH),
    ("v*", "v1 v1.0 v v1.1 v*"),
    ("v?", "v1 v*"),
    ("**/v*", "v1 v1.0 v v1.1 v*"),
    ("apps/**", "apps/web apps/x/web"),
    ("apps/*", "apps/web"),
    ("a**", "apps a ax ab a.x"),
    ("**a", "a ba"),
    ("a/**/b", "a/b a/x/b a/x/y/b"),
    ("{v*,release-*}", "v1 v1.0 v release-1 v1.1 v*"),
    ("{a,b}/c", "b/c a/c"),
    ("[a-c]x", "ax bx cx"),
    ("[!a]x", "ax"),
    ("[^a]x", "bx cx dx .x -x"),
    ("{v1.{0,1},x}", "v1.0 x v1.1"),
    ("*.*", "v1.0 v1.1 a.x .x .hidden"),
    ("release-[0-9]*", "release-1"),
    ("apps/**/web", "apps/web apps/x/web"),
    ("**/*", EVERYTHING),
    ("{**,x}", WITHOUT_SLASH),
    ("a", "a"),
    ("{a,{b,c}}", "a b c"),
    ("*-v?", "-v1 x-v1"),
    ("{}", ""),
    ("{,a}", "a"),
    ("**.x", "a.x .x"),
    ("a/**b", "a/b a/xb"),
    ("?", "v a b c x"),
    ("v\\*", "v*"),
]


@pytest.mark.parametrize(("pattern", "names"), TABLE)
def test_matches(pattern: str, names: str) -> None:
    found = " ".join(name for name in NAMES if name and matches(pattern, name))
    assert found == " ".join(names.split())


def test_an_empty_pattern_is_everything_in_harbor() -> None:
    assert matches("", "anything/at/all")


@pytest.mark.parametrize("pattern", ["v[", "v{", "v{a,{b}", "[]", "[a-]x", "a\\", "{a,b}" * 20])
def test_no_pattern(pattern: str) -> None:
    with pytest.raises(PatternError):
        matches(pattern, "v1")


TAGS = Names("ab1.-", "ab1", "ab1.-")
PATHS = Names("ab1.-", "ab1", "ab1", nested=True)
PIECES = [
    "a",
    "b1",
    ".",
    "-",
    "*",
    "**",
    "?",
    "/",
    "/**/",
    "[ab]",
    "[^a]",
    "[.]",
    "{a,.}",
    "X",
    "é",
]


@pytest.mark.parametrize(
    ("pattern", "names", "expected"),
    [
        ("a*", TAGS, True),
        ("**/a", TAGS, True),
        ("**/*", TAGS, True),
        ("{X,a}", TAGS, True),
        ("[Xa]", TAGS, True),
        ("a/b", TAGS, False),
        ("a/**", TAGS, False),
        ("aX*", TAGS, False),
        ("{X,é}a", TAGS, False),
        ("[X-Z]", TAGS, False),
        (".a", TAGS, False),
        ("a.", TAGS, True),
        ("{,X}", TAGS, False),
        ("a/**", PATHS, True),
        ("a/b/?", PATHS, True),
        ("/a", PATHS, False),
        ("a/", PATHS, False),
        ("a//b", PATHS, False),
        ("a.", PATHS, False),
        ("**/-a", PATHS, False),
    ],
)
def test_whether_any_name_can_match(pattern: str, names: Names, expected: bool) -> None:
    assert can_match(pattern, names) is expected


@pytest.mark.parametrize(
    ("names", "grammar"),
    [(TAGS, r"[ab1][ab1.-]*"), (PATHS, r"(?:[ab1](?:[.-]?[ab1])*/)*[ab1](?:[.-]?[ab1])*")],
)
@given(data=st.data())
def test_what_matches_could_match(names: Names, grammar: str, data: st.DataObject) -> None:
    pattern = "".join(data.draw(st.lists(st.sampled_from(PIECES), min_size=1, max_size=4)))
    name = data.draw(st.from_regex(grammar, fullmatch=True))
    assert can_match(pattern, names) or not matches(pattern, name)
