"""Names of other resources, without a Harbor."""

from __future__ import annotations

import pytest

from harborconf.engine.load import read
from harborconf.engine.mentions import contradictions, unknown
from harborconf.engine.resolve import resolve
from harborconf.spec.address import Address

TEXT = """\
version: 1
registries: {hub: {url: "https://hub.example.com"}, gone: absent}
replications:
  good: {pull_from: hub}
  typo: {pull_from: hubb}
  late: {push_to: gone}
  gone: absent
projects:
  cache: {proxy_cache: elsewhere}
  team: {}
"""
STATE = resolve(read({"a.yaml": TEXT.encode()}))


def told(live: set[Address] | None, barred: set[tuple[str | None, str]] | None = None) -> list[str]:
    return [
        str(problem)
        for desired in STATE.resources
        for problem in unknown(desired, STATE.by_address, live, barred or set())
    ]


TYPO = "a.yaml:5:21: `pull_from` names registry/hubb, which"
OTHER = "a.yaml:9:24: `proxy_cache.registry` names registry/elsewhere, which"
NOWHERE = "Harbor does not have and nothing here makes"


@pytest.mark.parametrize(
    ("live", "expected"),
    [
        (
            None,
            [
                f"{TYPO} stands in no file (did you mean `hub`?)",
                f"{OTHER} stands in no file (describe it, or correct the name)",
            ],
        ),
        (
            {Address("registry", "elsewhere"), Address("registry", "hubbb")},
            [f"{TYPO} {NOWHERE} (did you mean `hubbb`?)"],
        ),
        ({Address("registry", "elsewhere"), Address("registry", "hubb")}, []),
        (
            {Address("registry", "elsewhere", "team"), Address("user", "hubb")},
            [
                f"{TYPO} {NOWHERE} (did you mean `hub`?)",
                f"{OTHER} {NOWHERE} (describe it, or correct the name)",
            ],
        ),
    ],
)
def test_a_name_that_means_nothing_is_told(live: set[Address] | None, expected: list[str]) -> None:
    assert told(live) == expected


def test_what_may_not_be_read_is_left_to_harbor() -> None:
    assert told(set(), {(None, "registry")}) == []


def test_what_is_absent_cannot_be_named() -> None:
    found = [
        str(problem)
        for desired in STATE.resources
        for problem in contradictions(desired, STATE.by_address)
    ]
    assert found == [
        "a.yaml:6:19: `push_to` names registry/gone, which is `absent` (keep one of them)"
    ]
