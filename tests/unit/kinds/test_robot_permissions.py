"""What a robot can be given is what the live server says."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from harborconf.errors import DocumentError, NotPermittedError
from harborconf.kinds.permissions import PERMISSIONS
from harborconf.kinds.resource import Desired, Live
from harborconf.kinds.robot import Robot
from harborconf.spec.address import Address
from unit.kinds.workbench import HERE, workbench

GRANTED = {
    "project": [
        {"resource": "repository", "action": "pull"},
        {"resource": "repository", "action": "push"},
        {"resource": "robot", "action": "read"},
    ],
    "system": [{"resource": "project", "action": "list"}],
}
FORBIDDEN = NotPermittedError("forbidden", status=403, method="GET", path="/permissions")


def observed(permissions: object, reply: Any, live: object = None) -> list[str]:
    """What is wrong with them."""
    address = Address("robot", "ci", "team")
    bench, _ = workbench({"/permissions": reply})
    want = Desired(
        address, {"permissions": PERMISSIONS.read(permissions)}, HERE, {"permissions": HERE}
    )
    have = Live(address, {"permissions": PERMISSIONS.read(live)}) if live else None
    try:
        assert asyncio.run(Robot().observe(bench, want, have)) == {}
    except DocumentError as error:
        return [str(problem) for problem in error.problems]
    return []


NO_DESTROY = "in a project this Harbor gives no robot `destroy` of `repository`"
NO_UPDATE = "in a project this Harbor gives no robot `update` of `robot`"
NOTHING = "in a project this Harbor gives robots nothing of `repositori`"
NO_IMAGES = "in the system this Harbor gives robots nothing of `repository`"
GUESS = "did you mean `repository`? known are repository, robot"


@pytest.mark.parametrize(
    ("permissions", "expected"),
    [
        ({"repository": ["pull", "push"]}, []),
        ({"projects": {"*": {"robot": ["read"]}}, "system": {"project": ["list"]}}, []),
        ({"repository": ["pull", "destroy"]}, [(NO_DESTROY, "known are pull, push")]),
        (
            {"repositori": ["pull"], "robot": ["update"]},
            [(NOTHING, GUESS), (NO_UPDATE, "known are read")],
        ),
        ({"system": {"repository": ["pull"]}}, [(NO_IMAGES, "known are project")]),
    ],
)
def test_what_the_server_does_not_know_is_an_error(
    permissions: object, expected: list[tuple[str, str]]
) -> None:
    found = observed(permissions, GRANTED)
    assert found == [f"a.yaml:1:1: {message} ({advice})" for message, advice in expected]


@pytest.mark.parametrize("reply", [FORBIDDEN, {"project": None, "system": None}, {}])
def test_who_may_not_read_the_list_is_told_nothing(reply: Any) -> None:
    assert observed({"nonsense": ["read"]}, reply) == []


def test_what_a_live_robot_has_is_not_asked_about() -> None:
    old = {"helm-chart": ["read"], "repository": ["pull"]}
    assert observed(old, AssertionError("nothing needs to be asked"), old) == []
    assert len(observed({**old, "helm-chart": ["read", "list"]}, GRANTED, old)) == 1
