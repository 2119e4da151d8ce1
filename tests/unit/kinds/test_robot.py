"""Robots: their permissions in the YAML and in Harbor, their names, their steps."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harborconf.kinds.catalog import BY_NAME
from harborconf.kinds.permissions import PERMISSIONS, Permission
from harborconf.kinds.resource import Desired, Live, Place, Step, Who
from harborconf.spec.address import Address
from harborconf.spec.records import ValueProblemError
from harborconf.spec.reference import Env, File
from unit.kinds.workbench import HERE, workbench

ROBOT = BY_NAME["robot"]
PULL = Permission("project", "", "repository", "pull")


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"repository": ["pull"]}, {PULL}),
        ({"repository": ["pull", "pull"]}, {PULL}),
        (
            {"system": {"project": ["list"]}, "projects": {"*": {"repository": ["pull"]}}},
            {
                Permission("system", "/", "project", "list"),
                Permission("project", "*", "repository", "pull"),
            },
        ),
    ],
)
def test_permissions(raw: object, expected: set[Permission]) -> None:
    found = PERMISSIONS.read(raw)
    assert found == expected
    assert PERMISSIONS.read(PERMISSIONS.write(found)) == found


A_MAP = "expected a map like {repository: [pull, push]}"


@pytest.mark.parametrize(
    ("raw", "expected", "path"),
    [
        (None, f"{A_MAP}; Harbor refuses an empty one", ()),
        ({}, f"{A_MAP}; Harbor refuses an empty one", ()),
        (
            {"repository": "pull"},
            "expected a list of actions for `repository`, like [pull, push]",
            ("repository",),
        ),
        (
            {"repository": []},
            "expected a list of actions for `repository`, like [pull, push]",
            ("repository",),
        ),
        ({"repository": [["pull"]]}, "an action must be text", ("repository", 0)),
        ({"system": {}}, A_MAP, ("system",)),
        ({"system": {"project": ["list"]}, "projects": {"a": None}}, A_MAP, ("projects", "a")),
        (
            {"projects": {}},
            "`projects` names no project; Harbor refuses a robot without permissions",
            ("projects",),
        ),
        (
            {"projects": ["a"]},
            "beside `system` and `projects` (a map of project names) nothing may stand",
            ("projects",),
        ),
        (
            {"system": {"project": ["list"]}, "repository": ["pull"]},
            "beside `system` and `projects` (a map of project names) nothing may stand",
            ("repository",),
        ),
    ],
)
def test_permissions_refused(raw: object, expected: str, path: tuple[str | int, ...]) -> None:
    with pytest.raises(ValueProblemError) as caught:
        PERMISSIONS.read(raw)
    assert (str(caught.value), caught.value.path) == (expected, path)


WORDS = st.text("abc*", min_size=1, max_size=3)
OWN = st.builds(Permission, st.just("project"), st.just(""), WORDS, WORDS)
OTHERS = st.builds(Permission, st.just("project"), WORDS, WORDS, WORDS) | st.builds(
    Permission, st.just("system"), st.just("/"), WORDS, WORDS
)


@given(st.frozensets(OWN, min_size=1) | st.frozensets(OTHERS, min_size=1))
def test_permissions_round_trip(permissions: frozenset[Permission]) -> None:
    if not {one.resource for one in permissions if not one.namespace} & {"system", "projects"}:
        assert PERMISSIONS.read(PERMISSIONS.write(permissions)) == permissions


@pytest.mark.parametrize(
    ("name", "good"),
    [("ci", True), ("a.b_c-d9", True), ("CI", False), ("a--b", False), ("-a", False), ("", False)],
)
def test_names(name: str, good: bool) -> None:
    assert (ROBOT.check_name(name) is None) is good


def reply(**changes: Any) -> dict[str, Any]:
    """A robot of project `team` as Harbor tells it."""
    return {
        "id": 5,
        "name": "robot$team+ci",
        "duration": 30,
        "expires_at": 2_000_000_000,
        "disable": False,
        "permissions": [
            {
                "kind": "project",
                "namespace": "team",
                "access": [{"resource": "repository", "action": "pull"}],
            }
        ],
        **changes,
    }


def read(robot: dict[str, Any], project: str | None = "team", now: float = 0) -> Live:
    bench, _ = workbench(
        {"/robots": [robot], "/configurations": {"robot_name_prefix": {"value": "robot$"}}}
    )
    place = Place(project, {"project_id": 1} if project else {})
    (found,) = asyncio.run(ROBOT.read(replace(bench, now=now), place))
    return found


@pytest.mark.parametrize(("project", "most"), [(None, 255), ("team", 250)])
def test_a_name_has_its_project_in_front(project: str | None, most: int) -> None:
    def problems(length: int) -> list[tuple[str, str]]:
        address = Address("robot", "x" * length, project)
        return list(ROBOT.check(Desired(address, {}, HERE)))

    assert problems(most) == []
    assert problems(most + 1) == [
        ("", f"Harbor keeps at most {most} characters of a robot's name here")
    ]


def test_live_ones() -> None:
    found = read(reply())
    assert found.address == Address("robot", "ci", "team")
    assert found.fields == {
        "description": "",
        "expires": 30,
        "disabled": False,
        "permissions": frozenset({PULL}),
    }
    assert found.note == ""
    assert read(reply(name="robot$fleet"), None).address == Address("robot", "fleet")


def test_what_is_denied_is_no_permission() -> None:
    access = [{"resource": "repository", "action": "pull", "effect": "deny"}]
    group = {"kind": "project", "namespace": "team", "access": access}
    (found,) = read(reply(permissions=[group])).fields["permissions"]
    assert found != PULL
    assert found.action == "deny pull"


@pytest.mark.parametrize(
    ("expires_at", "now", "expired"),
    [(100, 99.0, False), (100, 101.0, True), (-1, 101.0, False), (0, 101.0, False)],
)
def test_the_clock_is_an_argument(expires_at: int, now: float, expired: bool) -> None:
    assert ("expired" in read(reply(expires_at=expires_at), now=now).note) is expired


def step(action: str, **fields: Any) -> Step:
    address = Address("robot", "ci", "team")
    desired = Desired(address, fields, HERE)
    return Step(action, address, desired, changed=frozenset(fields))


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (step("create", expires=1), ("create",)),
        (step("create", secret=File("x")), ("store secret", "create", "set secret")),
        (step("create", disabled=True), ("create", "disable")),
        (step("update", description="x"), ("update",)),
        (step("delete"), ("delete",)),
    ],
)
def test_steps(one: Step, expected: tuple[str, ...]) -> None:
    assert ROBOT.actions(one) == expected


def test_an_exported_secret_is_a_file() -> None:
    assert ROBOT.place_for(Address("robot", "ci", "team"), "secret") == File("secrets/team/ci")
    assert ROBOT.place_for(Address("robot", "ci"), "secret") == File("secrets/_system/ci")
    user = BY_NAME["user"].place_for(Address("user", "bob o'neil"), "password")
    assert user == Env("HARBOR_USER_BOB_20O_NEIL_PASSWORD")


@pytest.mark.parametrize(
    ("who", "changed", "told"),
    [
        (Who("robot$team+ci", is_system_admin=False, is_robot=True), {"disabled"}, True),
        (Who("robot$team+ci", is_system_admin=False, is_robot=True), {"description"}, False),
        (Who("robot$other", is_system_admin=False, is_robot=True), {"disabled"}, False),
        (Who("admin", is_system_admin=True), {"disabled"}, False),
    ],
)
def test_a_robot_does_not_lock_itself_out(who: Who, changed: set[str], told: bool) -> None:
    desired = Desired(Address("robot", "ci", "team"), {}, HERE)
    assert bool(ROBOT.locks_out(desired, read(reply()), frozenset(changed), who)) is told
    assert bool(ROBOT.locks_out(None, read(reply()), frozenset(), who)) is (
        who.username == "robot$team+ci"
    )
