"""What of a value is shown, and that it cannot disturb a terminal."""

from __future__ import annotations

import sys
from typing import Any
from unicodedata import category

import pytest

from harborconf.engine.plan import Action, FieldChange
from harborconf.report.plain import cut, inline, pair, shown
from harborconf.report.safe import safe

LONG = [f"a rule that takes its room, number {number}" for number in range(4)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("plain ü 漢字 👍", "plain ü 漢字 👍"),
        ("\x1b[31m", "\\x1b[31m"),
        ("\x9b\x7f\x00\r\n\t", "\\x9b\\x7f\\x00\\r\\n\\t"),
        ("a\u202eb\u2066\u200b\ufeff\u2028", "a\\u202eb\\u2066\\u200b\\ufeff\\u2028"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),
    ],
)
def test_what_cannot_be_seen_is_spelled_out(text: str, told: str) -> None:
    assert safe(text) == told


def test_no_character_breaks_a_line_or_steers_a_terminal() -> None:
    disturbing = {"Cc", "Cs", "Zl", "Zp"}  # controls, surrogates, separators of lines
    every = (chr(number) for number in range(sys.maxunicode + 1))
    assert not [one for one in every if category(one) in disturbing and safe(one) == one]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "not set"),
        (True, "true"),
        (3, "3"),
        ("v1 (new)", "v1 (new)"),
        ("", '""'),
        ("a: b", '"a: b"'),
        ("two\nlines", '"two\\nlines"'),
        (["a", {"b": [1, False]}], "[a, {b: [1, false]}]"),
    ],
)
def test_values_as_yaml_says_them(value: Any, text: str) -> None:
    assert inline(value) == text


def test_a_long_text_is_cut_and_says_how_long_it_is() -> None:
    assert cut("x" * 20, 20) == "x" * 20
    assert cut("x" * 5000, 20) == f"{'x' * 20} ... (5,000 characters)"


def test_two_long_texts_are_cut_around_where_they_differ() -> None:
    before, after = pair(f"{'x' * 500}old{'y' * 500}", f"{'x' * 500}new{'y' * 500}", 60)
    assert before == f"... {'x' * 24}old{'y' * 33} ... (1,003 characters)"
    assert after == f"... {'x' * 24}new{'y' * 33} ... (1,003 characters)"
    assert pair("a", "b", 60) == ("a", "b")
    assert pair("x" * 99, "x" * 98, 60)[1].startswith("... xxx")


@pytest.mark.parametrize(
    ("action", "field", "removed", "added", "listed"),
    [
        (Action.CREATE, FieldChange("f", None, "x"), (), ("x",), False),
        (Action.CREATE, FieldChange("f", None, ["x", "y"]), (), (["x", "y"],), False),
        (Action.CREATE, FieldChange("f", None, LONG), (), tuple(LONG), True),
        (Action.BLOCKED, FieldChange("f", None, {"env": "X"}), (), ({"env": "X"},), False),
        (
            Action.UPDATE,
            FieldChange("f", None, {"env": "X"}, reason="r"),
            (),
            ({"env": "X"},),
            False,
        ),
        (Action.UPDATE, FieldChange("f", None, "x"), (None,), ("x",), False),
        (Action.UPDATE, FieldChange("f", 1, 2), (1,), (2,), False),
        (Action.UPDATE, FieldChange("f", [1], [2], [2], [1]), (1,), (2,), True),
        (Action.UPDATE, FieldChange("f", {}, {}, {"a": 1, "b": 2}), (), ({"a": 1}, {"b": 2}), True),
        (Action.UPDATE, FieldChange("f", LONG, LONG[1:]), (LONG[0],), (), True),
        (Action.UPDATE, FieldChange("f", None, LONG), (), tuple(LONG), True),
        (Action.UPDATE, FieldChange("f", LONG, LONG[::-1]), (LONG,), (LONG[::-1],), False),
        (Action.UPDATE, FieldChange("f", LONG, [*LONG, LONG[0]]), (), (LONG[0],), True),
        (Action.DELETE, FieldChange("f", "3 images", None), ("3 images",), (), False),
        (Action.BLOCKED, FieldChange("f", "3 images", None), ("3 images",), (), False),
    ],
)
def test_what_of_a_change_is_shown(
    action: Action,
    field: FieldChange,
    removed: tuple[Any, ...],
    added: tuple[Any, ...],
    listed: bool,
) -> None:
    what = shown(field, action)
    assert (what.removed, what.added, what.listed) == (removed, added, listed)
