"""Nodes in words, and changed."""

from __future__ import annotations

import pytest

from harborconf.position import Position
from harborconf.spec import yaml
from harborconf.spec.nodes import Null, describe, map_text

AT = Position("f", 1, 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x", "`x`"),
        ("x" * 41, f"`{'x' * 37}...`"),
        ("~", "null"),
        ("[1]", "a list"),
        ("{a: 1}", "a map"),
    ],
)
def test_in_words(text: str, expected: str) -> None:
    node = yaml.load(text.encode(), "f")
    assert node is not None
    assert describe(node) == expected


def test_nothing_in_words() -> None:
    assert describe(Null(AT, empty=True)) == "nothing"


def test_every_key_and_text_is_changed_and_keeps_its_place() -> None:
    before = yaml.load(b"a: [b, {c: ~, d: e}]", "f")
    after = yaml.load(b"A: [B, {C: ~, D: E}]", "f")
    assert before is not None
    assert map_text(before, str.upper) == after
