"""Sets of words that Harbor keeps as one text."""

from __future__ import annotations

import pytest

from harborconf.spec.lists import word_set, words_from_api, words_to_api
from harborconf.spec.value import Plain
from unit.refusals import refusal

ANY = word_set("names")
KNOWN = word_set("events", ("create_user", "delete_user"))


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ([], set()),
        (["a", Plain("b"), "a", " c "], {"a", "b", "c"}),
        ("", set()),
        ("a, b,,a", {"a", "b"}),
        (Plain("a"), {"a"}),
    ],
)
def test_read(raw: object, expected: set[str]) -> None:
    found = ANY.read(raw)
    assert found == expected
    assert ANY.read(ANY.write(found)) == found
    assert words_from_api(words_to_api(found)) == found


def test_what_is_no_text_stays_as_it_came() -> None:
    assert words_from_api(7) == 7


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({}, "expected a list of names, got a map"),
        ([1], "expected text, got `1`"),
        (["a,b"], "`a,b` is empty or has a comma, which Harbor takes for two items"),
        ([" "], "` ` is empty or has a comma, which Harbor takes for two items"),
    ],
)
def test_refused(raw: object, expected: str) -> None:
    assert refusal(ANY.read, raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (["create_usr"], "Harbor does not know `create_usr`; did you mean `create_user`?"),
        ("create_user,x", "Harbor does not know `x`; known are create_user, delete_user"),
    ],
)
def test_unknown_words(raw: object, expected: str) -> None:
    assert refusal(KNOWN.read, raw) == expected
