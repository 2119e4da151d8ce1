"""Which file and line sets a value."""

from __future__ import annotations

import pytest

from harborconf.engine.why import why
from harborconf.spec.address import parse
from unit.engine.documents import resolved

DOCUMENT = """
# The platform's own file.
defaults:
  project:
    public: true
    scanning: {on_push: true, sbom: true}
    members: {groups: {"{project}-devs": guest}}
    quota: 1GiB
profiles:
  gold: {scanning: null, quota: 2GiB}
labels: {x: {color: "#abcdef"}}
projects:
  a:
    profile: gold
    public: false
    members: {users: {bob: null}, groups: {a-devs: admin}}
    robots: {ci: {expires: 90d, secret: {env: SECRET}}}
    labels: null
  b: {scanning: {sbom: null, block: high}, members: null}
  c: absent
"""


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (
            "project/a#public",
            ["public=True defaults 5 lost", "public=False project 15"],
        ),
        (
            "project/a#scanning.sbom",
            ["scanning=None profile gold 10", "scanning.sbom=True defaults 6 lost"],
        ),
        (
            "project/b#scanning",
            [
                "scanning.block.enabled=True project 19",
                "scanning.block.severity=high project 19",
                "scanning.on_push=True defaults 6",
                "scanning.sbom=True defaults 6 lost",
                "scanning.sbom=None project 19",
            ],
        ),
        ("project/a/quota", ["storage=1GiB defaults 8 lost", "storage=2GiB profile gold 10"]),
        (
            "project/a/member/group:a-devs#role",
            ["role=guest defaults 7 lost", "role=admin project 16"],
        ),
        ("project/b/member/group:b-devs", ["=None project 19", "role=guest defaults 7 lost"]),
        ("project/a/member/user:bob", ["=None project 16"]),
        ("project/a/robot/ci#secret", ["secret={'env': 'SECRET'} project 17"]),
        ("project/a/label/x", ["=None project 18"]),
        ("label/x", ["color=#ABCDEF file 11"]),
        ("label/x#description", []),
        ("label/y", []),
        ("project/a/member/eve", []),
        ("project/a/retention", []),
        ("project/z", []),
        ("nonsense/z", []),
        ("project/c", []),
    ],
)
def test_every_place_and_the_winner_last(address: str, expected: list[str]) -> None:
    found = why(resolved(DOCUMENT), *parse(address))
    assert [
        f"{one.path}={one.value} {one.layer} {one.position.line}{'' if one.wins else ' lost'}"
        for one in found
    ] == expected
