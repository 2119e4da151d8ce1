"""Immutable tags: what is refused before Harbor is asked."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from harborconf.engine.load import read
from harborconf.engine.resolve import resolve
from harborconf.errors import DocumentError, NotPermittedError
from harborconf.kinds.immutable import ImmutableRule, ImmutableTags
from harborconf.kinds.resource import Desired, Live
from harborconf.spec.address import Address
from unit.kinds.workbench import HERE, workbench

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


ADDRESS = Address("immutable_tags", None, "team")
FORBIDDEN = NotPermittedError("forbidden", status=403, method="GET", path="/retentions/7")


@pytest.mark.parametrize(
    ("number", "replies", "told"),
    [
        (None, {}, ""),  # nothing else is asked
        (7, {"/retentions/7": {"rules": []}}, ""),
        (7, {"/retentions/7": FORBIDDEN}, "this credential may not know"),
    ],
)
def test_what_is_asked_of_a_retention_that_is_not_written(
    number: int | None, replies: dict[str, Any], told: str
) -> None:
    bench, _ = workbench(replies)
    rules = frozenset({ImmutableRule()})
    live = Live(ADDRESS, {"rules": rules}, {"rules": [], "retention_id": number})
    desired = Desired(ADDRESS, {"rules": frozenset()}, HERE)
    seen = asyncio.run(ImmutableTags().observe(bench, desired, live))
    assert [one.risk for one in seen.values()] == ([None] if told else [])
    assert told in "".join(one.reason for one in seen.values())
