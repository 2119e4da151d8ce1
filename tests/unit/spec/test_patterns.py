"""Patterns: lists of them, and what Harbor keeps instead."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harborconf.spec.patterns import PATTERNS, Patterns, alternatives, from_pattern
from unit.refusals import refusal


@pytest.mark.parametrize(
    ("raw", "expected", "pattern"),
    [
        (["v*"], Patterns(("v*",)), "v*"),
        (["v*", "latest", "v*"], Patterns(("latest", "v*")), "{latest,v*}"),
        ({"except": ["dev-*"]}, Patterns(("dev-*",), excluding=True), "dev-*"),
        (["v{1,2}"], Patterns(("v{1,2}",)), "v{1,2}"),
        (["v{1,2}", "x"], Patterns(("v{1,2}", "x")), "{v{1,2},x}"),
        (["{a,b}"], Patterns(("a", "b")), "{a,b}"),
        (["{a,{b,c}}"], Patterns(("a", "b", "c")), "{a,b,c}"),
        (["{a}"], Patterns(("a",)), "a"),
        (["{a,}"], Patterns(("{a,}",)), "{a,}"),
        (["{}"], Patterns(("{}",)), "{}"),
        (["{a}{b}"], Patterns(("{a}{b}",)), "{a}{b}"),
        (["**"], Patterns(("**",)), "**"),
        (["[a-z]?"], Patterns(("[a-z]?",)), "[a-z]?"),
    ],
)
def test_read_and_compiled(raw: object, expected: Patterns, pattern: str) -> None:
    found = PATTERNS.read(raw)
    assert found == expected
    assert found.pattern == pattern
    assert from_pattern(pattern, excluding=expected.excluding) == expected
    assert PATTERNS.read(PATTERNS.write(found)) == found


LIST_OR_EXCEPT = "expected a list of at least one pattern, or {except: [...]}"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("v*", LIST_OR_EXCEPT),
        ([], LIST_OR_EXCEPT),
        (None, LIST_OR_EXCEPT),
        ({"except": []}, LIST_OR_EXCEPT),
        ({"except": "v*"}, LIST_OR_EXCEPT),
        ({"only": ["v*"]}, "expected a list of patterns, or {except: [...]}"),
        ({}, "expected a list of patterns, or {except: [...]}"),
        ([["v*"]], "a pattern is text of 1 to 1024 characters, got a list"),
        ([""], "a pattern is text of 1 to 1024 characters, got ``"),
        (
            ["x" * 1025],
            f"a pattern is text of 1 to 1024 characters, got `{'x' * 57}...`",
        ),
        (["a,b"], "`a,b` is one pattern with a comma in it: write a list of two"),
        (["{a,b"], "the braces of `{a,b` do not match"),
        (["a}"], "the braces of `a}` do not match"),
        (["}{"], "the braces of `}{` do not match"),
        (["a\\b"], "`a\\b` has a backslash, which no name of a repository or tag needs"),
        (["[a"], "`[a` is no pattern: its brackets are left open"),
    ],
)
def test_refused(raw: object, expected: str) -> None:
    assert refusal(PATTERNS.read, raw) == expected


PIECES = st.text("ab*?{},\\[]/", max_size=12)


@given(st.lists(PIECES, min_size=1, max_size=4), st.booleans())
def test_what_is_accepted_comes_back_from_harbor_as_it_was(
    items: list[str], excluding: bool
) -> None:
    try:
        found = PATTERNS.read({"except": items} if excluding else items)
    except ValueError:
        return
    assert from_pattern(found.pattern, excluding=excluding) == found
    assert PATTERNS.read(PATTERNS.write(found)) == found


@given(PIECES)
def test_whatever_harbor_has_is_sent_back_with_the_same_meaning(pattern: str) -> None:
    found = from_pattern(pattern, excluding=False)
    assert from_pattern(found.pattern, excluding=False) == found


@pytest.mark.parametrize("pattern", ["{a\\,b}", "\\{a,b\\}", "{a,b\\}"])
def test_what_harbor_has_behind_a_backslash_is_left_alone(pattern: str) -> None:
    assert from_pattern(pattern, excluding=False).items == (pattern,)


def test_deep_braces_are_no_danger() -> None:
    assert alternatives("{" * 2000 + "a" + "}" * 2000) == ("a",)
    assert alternatives("{" * 5000) == ("{" * 5000,)


@pytest.mark.parametrize(
    ("raw", "pattern"),
    [
        (["**", "x"], "**"),  # in braces ** is no more than *
        (["{**,x}"], "{**,x}"),  # written so on purpose
        (["**/x"], "**/x"),
        (["apps/**", "db"], "{apps/**,db}"),
    ],
)
def test_what_crosses_slashes_stays_itself(raw: object, pattern: str) -> None:
    assert PATTERNS.read(raw).pattern == pattern


def test_what_braces_would_change_is_refused() -> None:
    assert refusal(PATTERNS.read, ["**/web", "x"]) == (
        "`**/web` cannot stand beside other patterns:"
        " in a list Harbor reads it as `*/web`; give it a rule of its own"
    )


def test_what_harbor_has_is_not_taken_apart_where_that_would_change_it() -> None:
    assert from_pattern("{**,x}", excluding=False).items == ("{**,x}",)
