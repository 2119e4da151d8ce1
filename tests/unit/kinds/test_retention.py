"""Retention rules and selectors, as Harbor keeps them."""

from __future__ import annotations

from typing import Any

import pytest

from harborconf.kinds.base import from_reply
from harborconf.kinds.retention import RetentionFields
from harborconf.kinds.retention_rules import KEEP, Keep, Rule
from harborconf.kinds.selectors import read_selectors, selectors
from harborconf.spec.patterns import EVERYTHING, Patterns
from harborconf.spec.records import Foreign
from harborconf.spec.value import Plain
from unit.refusals import refusal

ONE_OF = (
    "expected `always`, or one of most_recently_pushed, most_recently_pulled, pushed_within,"
    " pulled_within with its amount"
)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("always", Keep("always")),
        ({"most_recently_pushed": Plain("3")}, Keep("most_recently_pushed", 3)),
        ({"most_recently_pulled": Plain("1")}, Keep("most_recently_pulled", 1)),
        ({"pushed_within": "7d"}, Keep("pushed_within", 7)),
        ({"pulled_within": "30d"}, Keep("pulled_within", 30)),
    ],
)
def test_kept(raw: object, expected: Keep) -> None:
    assert KEEP.read(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("never", ONE_OF),
        ({}, ONE_OF),
        ({"pushed_within": "7d", "pulled_within": "7d"}, ONE_OF),
        (None, ONE_OF),
        ({"pushed_in": "7d"}, "unknown key `pushed_in`; did you mean `pushed_within`?"),
        (
            {"most_recently_pushed": Plain("0")},
            "keeping none would delete every image: expected 1 or more",
        ),
        ({"most_recently_pushed": "3d"}, "expected a whole number, got `3d`"),
        ({"pushed_within": "7"}, "expected a duration in days like 90d, or never, got `7`"),
        (
            {"pushed_within": "never"},
            "expected a number of days like 30d; to keep everything, write `always`",
        ),
    ],
)
def test_refused(raw: object, expected: str) -> None:
    assert refusal(KEEP.read, raw) == expected


def rule(**changes: Any) -> dict[str, Any]:
    """A rule as Harbor tells it."""
    return {
        "id": 1,
        "template": "latestPushedK",
        "params": {"latestPushedK": 3},
        "scope_selectors": {
            "repository": [
                {"kind": "doublestar", "decoration": "repoMatches", "pattern": "{a/**,b}"}
            ]
        },
        "tag_selectors": [
            {
                "kind": "doublestar",
                "decoration": "matches",
                "pattern": "v*",
                "extras": '{"untagged":false}',
            }
        ],
        **changes,
    }


WHOLE = {
    "keep": Keep("most_recently_pushed", 3),
    "repositories": Patterns(("a/**", "b")),
    "tags": Patterns(("v*",)),
    "untagged": False,
    "disabled": False,
}
EXCLUDING = [{"decoration": "excludes", "pattern": "v*", "extras": '{"untagged":true}'}]


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (rule(), WHOLE),
        (rule(disabled=True), {**WHOLE, "disabled": True}),
        (rule(template="always", params={}), {**WHOLE, "keep": Keep("always")}),
        (
            rule(template="nDaysSinceLastPull", params={"nDaysSinceLastPull": 7}),
            {**WHOLE, "keep": Keep("pulled_within", 7)},
        ),
        # Beside excluded tags, untagged images are one more thing that is excluded.
        (
            rule(tag_selectors=EXCLUDING),
            {**WHOLE, "tags": Patterns(("v*",), excluding=True), "untagged": False},
        ),
        # Untagged images are selected unless the rule says otherwise.
        (
            rule(scope_selectors=None, tag_selectors=[]),
            {**WHOLE, "repositories": EVERYTHING, "tags": EVERYTHING, "untagged": True},
        ),
    ],
)
def test_harbors_rules(reply: dict[str, Any], expected: dict[str, Any]) -> None:
    found = from_reply(RetentionFields, {"rules": [reply]})["rules"]
    assert found == {Rule.model_construct(**expected)}


@pytest.mark.parametrize(
    "reply",
    [
        rule(template="odd"),
        rule(params={"latestPushedK": "three"}),
        rule(tag_selectors=[{"decoration": "matches", "extras": "odd"}]),
        rule(scope_selectors={"repository": [{"decoration": "odd", "pattern": "x"}]}),
        rule(tag_selectors=[{"decoration": "matches"}, {"decoration": "matches"}]),
    ],
)
def test_what_cannot_be_written_is_kept_apart(reply: dict[str, Any]) -> None:
    (found,) = from_reply(RetentionFields, {"rules": [reply]})["rules"]
    assert isinstance(found, Foreign)
    assert '"id"' in found.text


def test_selectors_come_back_as_they_were_sent() -> None:
    repositories, tags = Patterns(("a", "b/**")), Patterns(("v{1,2}",), excluding=True)
    sent = selectors(repositories, tags, "{}")
    assert read_selectors(sent) == (repositories, tags, "{}")
    assert read_selectors(selectors(EVERYTHING, EVERYTHING)) == (EVERYTHING, EVERYTHING, "")
