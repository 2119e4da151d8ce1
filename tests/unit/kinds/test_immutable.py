"""Immutable tags: what is refused before Harbor is asked."""

from __future__ import annotations

import pytest

from harborconf.engine.load import read
from harborconf.engine.resolve import resolve
from harborconf.errors import DocumentError

RULES = b"""
version: 1
projects:
  team:
    immutable_tags:
      - {tags: [b, a], disabled: true}
      - {tags: [a, %s]}
"""


def test_rules_that_differ_in_disabled_alone_are_refused() -> None:
    with pytest.raises(DocumentError) as caught:
        resolve(read({"team.yaml": RULES % b"b"}))
    assert str(caught.value).startswith("team.yaml:6:7: two rules differ in `disabled` alone")


def test_other_rules_may_be_disabled() -> None:
    assert resolve(read({"team.yaml": RULES % b"c"})).resources
