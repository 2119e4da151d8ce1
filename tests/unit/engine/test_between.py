"""How two live Harbors differ."""

from __future__ import annotations

import pytest

from harborconf.engine.between import between
from harborconf.engine.plan import Change
from harborconf.engine.read import LiveState
from harborconf.kinds.resource import Live
from harborconf.spec.secret import Secret
from unit.engine.documents import live, state

OLD, NEW = (2, 13, 2), (2, 15, 2)


def told(changes: tuple[Change, ...]) -> list[str]:
    return [
        " ".join(
            [
                f"{one.action.value} {one.address}",
                *(f"{field.path}={field.before}->{field.after}" for field in one.fields),
            ]
        )
        for one in changes
    ]


def has(*resources: Live, version: tuple[int, ...] = NEW) -> LiveState:
    return state(resources, version=version)


TEAM = live("project/team", public=True)
LABEL = live("label/x", description="one", color="#FFFFFF")
CASES: dict[str, tuple[LiveState, LiveState, list[str]]] = {
    "the same": (has(TEAM, LABEL), has(TEAM, LABEL), []),
    "another value": (
        has(LABEL),
        has(live("label/x", description="two", color="#FFFFFF")),
        ["update label/x description=one->two"],
    ),
    "only the other has it": (
        has(TEAM),
        has(TEAM, live("project/team/label/y", description="why", color="#FFFFFF")),
        ["create project/team/label/y color=None->#FFFFFF description=None->why"],
    ),
    "only the one has it": (has(TEAM, LABEL), has(TEAM), ["delete label/x"]),
    "what is in a project goes with it": (
        has(TEAM, live("project/team/label/y"), live("project/team/quota", storage=5)),
        has(),
        ["delete project/team"],
    ),
    "a project comes with what is in it": (
        has(),
        has(TEAM, live("project/team/quota", storage=2**30)),
        ["create project/team public=None->True", "create project/team/quota storage=None->1GiB"],
    ),
    "what has no name and is as ever is no difference": (
        has(TEAM),
        has(TEAM, live("project/team/immutable_tags", rules=frozenset())),
        [],
    ),
    "a field that only one tells": (
        has(live("label/x", description="one")),
        has(live("label/x")),
        ["update label/x description=one->None"],
    ),
    "a field that one version has not": (
        has(live("system/garbage_collection", workers=1), version=OLD),
        has(live("system/garbage_collection", workers=2, delete_tag=True), version=NEW),
        ["update system/garbage_collection workers=1->2"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_would_change_in_one_to_be_as_the_other(case: str) -> None:
    one, other, expected = CASES[case]
    assert told(between(one, other)) == expected


def test_what_one_has_more_the_other_has_less() -> None:
    one, other = has(TEAM, LABEL), has(TEAM)
    assert told(between(one, other)) == ["delete label/x"]
    assert [change.action.value for change in between(other, one)] == ["create"]


def test_secrets_are_not_compared() -> None:
    changes = between(
        has(live("user/ann", email="a@example.com", password=Secret("one"))),
        has(live("user/ann", email="b@example.com", password=Secret("two"))),
    )
    assert told(changes) == ["update user/ann email=a@example.com->b@example.com"]
