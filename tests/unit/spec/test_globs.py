"""Globs over names and addresses."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harborconf.spec.globs import matches


@pytest.mark.parametrize(
    ("glob", "names", "others"),
    [
        ("", [""], ["a"]),
        ("team-a", ["team-a"], ["team-ab", "a-team-a", ""]),
        ("team-*", ["team-", "team-a"], ["team-a/x", "team"]),
        ("project/*", ["project/a"], ["project/a/robot/b", "project"]),
        ("project/**", ["project/a", "project/a/robot/b", "project/"], ["project", "robot/a"]),
        ("**/robot/ci", ["project/a/robot/ci", "/robot/ci"], ["robot/ci", "project/a/robot/ci2"]),
        ("a***", ["a", "a/b"], ["b"]),
        ("a?c", ["abc", "a.c"], ["ac", "a/c", "abbc"]),
        ("a.c", ["a.c"], ["abc"]),
        ("[ab]", ["[ab]"], ["a"]),
        ("a\n*", ["a\nb"], ["ab"]),
        ("*a*b", ["ab", "xaxxb", "aab"], ["a/b", "ba"]),
        ("**a*b", ["a/ab"], ["ab/a"]),
    ],
)
def test_whole_names_match(glob: str, names: list[str], others: list[str]) -> None:
    assert [name for name in names if not matches(glob, name)] == []
    assert [name for name in others if matches(glob, name)] == []


def expression(glob: str) -> str:
    words = {"*": "[^/]*", "?": "[^/]"}
    tokens = re.findall(r"\*+|.", glob, re.DOTALL)
    return "".join(".*" if len(one) > 1 else words.get(one, re.escape(one)) for one in tokens)


@given(st.text("ab/*?", max_size=10), st.text("ab/", max_size=10))
def test_as_the_regular_expression_would(glob: str, name: str) -> None:
    expected = re.fullmatch(expression(glob), name, re.DOTALL) is not None
    assert matches(glob, name) == expected


@pytest.mark.parametrize("glob", ["*a" * 100 + "b", "**a" * 100 + "b", "?*" * 100 + "b"])
def test_no_glob_takes_long(glob: str) -> None:
    begin = time.process_time()
    assert not matches(glob, "a" * 1000)
    assert time.process_time() - begin < 1
