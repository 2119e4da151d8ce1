"""Guards over a whole plan: what they count, what they stop, and how they are lifted."""

from __future__ import annotations

from dataclasses import replace
from textwrap import dedent
from typing import Any

import pytest

from harborconf.engine.diff import diff
from harborconf.engine.guard import GUARDS, UNLIMITED, guarded, waiting
from harborconf.engine.plan import Action, Change, Refusal
from harborconf.kinds.member import Role
from harborconf.kinds.resource import Live
from harborconf.spec.value import Plain
from unit.engine.documents import bench, live, problems, resolved, state
from unit.refusals import refusal

PROJECT = live("project/a", {"project_id": 1, "repo_count": 0}, public=False)
LIMITS = {guard.name: guard for guard in GUARDS}


def looked(
    text: str, *resources: Live, allowed: tuple[str, ...] = (), **limits: float
) -> tuple[list[str], list[Refusal]]:
    """Changes as `action address`, and what stops the whole apply."""
    whole = state(resources)
    changes = diff(resolved(text), whole, bench()).changes
    found, refusals = guarded(changes, whole.resources, {}, limits, allowed)
    return [shown(change) for change in found], list(refusals)


def shown(change: Change) -> str:
    return f"{change.action.value} {change.address}"


def labels(count: int) -> list[Live]:
    return [live(f"label/l{number}") for number in range(count)]


def absent(count: int) -> str:
    return f"labels: {{{', '.join(f'l{number}: absent' for number in range(count))}}}"


@pytest.mark.parametrize(
    ("gone", "population", "allowed", "limits", "refused"),
    [
        (3, 10, (), {}, []),
        (4, 10, (), {}, ["removal_share 40 % 30 %"]),
        (9, 9, (), {}, []),  # a share of fewer than 10 says nothing
        (4, 10, ("removal_share",), {}, []),
        (4, 10, (), {"removal_share": 50}, []),
        (4, 10, (), {"removal_share": UNLIMITED}, []),
        (21, 100, (), {}, ["removals 21 20"]),
        (21, 100, (), {"removals": 21}, []),
        (1, 100, (), {"removals": 0}, ["removals 1 0"]),
        (40, 100, (), {}, ["removals 40 20", "removal_share 40 % 30 %"]),
    ],
)
def test_removals(
    gone: int,
    population: int,
    allowed: tuple[str, ...],
    limits: dict[str, float],
    refused: list[str],
) -> None:
    changes, refusals = looked(absent(gone), *labels(population), allowed=allowed, **limits)
    assert len(changes) == gone
    assert [f"{one.guard} {one.figure} {one.limit}" for one in refusals] == refused


def test_what_a_refusal_says() -> None:
    _, (refusal_,) = looked(absent(4), *labels(10))
    assert refusal_.message == "4 of 10 resources of kind label would be deleted"


def members(role: Role) -> list[Live]:
    return [live(f"project/a/member/user:u{number}", role=role) for number in range(5)]


def test_permissions_that_are_lost() -> None:
    """Five administrators hold 25 permissions; as guests they hold 10."""
    users = ", ".join(f"u{number}: guest" for number in range(5))
    text = f"projects: {{a: {{members: {{users: {{{users}}}}}}}}}"
    _, (found,) = looked(text, PROJECT, *members(Role.ADMIN))
    assert found.guard == "permission_share"
    assert found.message == "15 of 25 permissions of robots and members would be lost"
    assert looked(text, PROJECT, *members(Role.GUEST))[1] == []


@pytest.mark.parametrize(
    ("text", "allowed", "expected"),
    [
        ("projects: {a: {public: true}}", (), ["blocked project/a"]),
        ("projects: {a: {public: true}}", ("security",), ["update project/a"]),
        ("projects: {a: {public: true}}", ("quota",), ["blocked project/a"]),
        ("guards: {security: 1}\nprojects: {a: {public: true}}", (), ["update project/a"]),
    ],
)
def test_a_guard_of_one_change_blocks_it(
    text: str, allowed: tuple[str, ...], expected: list[str]
) -> None:
    desired = resolved(text)
    changes, _ = looked(text, PROJECT, allowed=allowed, **dict(desired.limits))
    assert changes == expected


INSTANCES = [live(f"preheat_instance/{name}", enabled=True, insecure=False) for name in "pq"]
PROTECTED = "protect: [project/a/member/user:u, project/a/preheat/gone]\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "users: {u: absent}\nprojects: {a: {members: {users: {u: absent}}}}",
            {"blocked user/u": "it waits for project/a/member/user:u, which is blocked"},
        ),
        # Only what needs it gone waits.
        (
            "projects: {a: {public: true, members: {users: {u: absent}}}}",
            {"update project/a": ""},
        ),
        (
            """
            preheat_instances: {p: {enabled: false}, q: absent}
            projects: {a: {preheat: {gone: absent}}}
            """,
            {
                "blocked preheat_instance/p": "it waits for project/a/preheat/gone,"
                " which is blocked",
                "delete preheat_instance/q": "asked for by `absent`",
            },
        ),
        (
            """
            preheat_instances: {p: {enabled: true, insecure: true}}
            projects: {a: {preheat: {gone: absent}}}
            """,
            {"update preheat_instance/p": ""},
        ),
    ],
)
def test_what_waits_for_something_blocked_is_blocked_too(
    text: str, expected: dict[str, str]
) -> None:
    resources = [
        live("user/u"),
        PROJECT,
        live("project/a/member/user:u", role=Role.GUEST),
        *INSTANCES,
        live("project/a/preheat/gone", instance="p"),
    ]
    whole = state(resources)
    changes = diff(resolved(PROTECTED + dedent(text)), whole, bench()).changes
    found, _ = guarded(changes, whole.resources, {}, {}, ["security"])
    reasons = {shown(change): change.reason for change in found}
    told = [address for address, reason in reasons.items() if reason == "it is protected"]
    assert len(told) == 1
    assert {name: reason for name, reason in reasons.items() if name not in told} == expected


@pytest.mark.parametrize(
    ("fields", "waits"), [("instance", True), ("description", False)], ids=["moves", "stays"]
)
def test_what_is_let_go_of_waits_for_that_to_be_possible(fields: str, *, waits: bool) -> None:
    text = """
    preheat_instances: {p: absent}
    projects: {a: {preheat: {nightly: {instance: q, description: x}}}}
    """
    policy = live("project/a/preheat/nightly", instance="p", description="")
    whole = state([PROJECT, *INSTANCES, policy])
    gone, changed = diff(resolved(text), whole, bench()).changes
    kept = tuple(one for one in changed.fields if one.path == fields)
    found = waiting([gone, replace(changed, fields=kept).blocked("so it is")])
    assert found[0].action is (Action.BLOCKED if waits else Action.DELETE)


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name)
def test_limits_are_written_and_read(guard: Any) -> None:
    for limit in (guard.limit, 0, 7, UNLIMITED):
        written = guard.type.write(limit)
        again = guard.type.read(written if isinstance(written, str) else _plain(written))
        assert again == limit
    assert guard.doc.endswith(".")
    assert guard.show(UNLIMITED) == "unlimited"


def _plain(number: object) -> object:
    return Plain(number)


def test_limits_that_are_none() -> None:
    assert problems("guards: {removal_share: 30}") == [
        "a.yaml:2:25: expected a share like 30%, or unlimited, got `30`"
    ]
    assert problems("guards: {removals: many}") == [
        "a.yaml:2:20: expected a whole number, got `many`"
    ]
    assert refusal(LIMITS["removals"].type.read, "x") == "expected a whole number, got `x`"
