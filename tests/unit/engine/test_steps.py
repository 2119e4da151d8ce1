"""A plan lowered to steps: what each waits for."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from harborconf.engine.planning import make_plan
from harborconf.engine.steps import lower
from harborconf.errors import RefusedError
from harborconf.kinds.member import Role
from harborconf.kinds.resource import Step
from unit.engine.documents import bench, live, resolved, state

PROJECT = live("project/a", {"project_id": 7}, public=True)


def steps(text: str, *resources: Any) -> dict[str, Step]:
    plan = make_plan(resolved(text), state(resources), bench())
    return {str(step): step for step in lower(plan)}


def needs(found: dict[str, Step]) -> dict[str, set[str]]:
    return {
        name: {f"{action} {address}" for address, action in step.needs}
        for name, step in found.items()
    }


@pytest.mark.parametrize(
    ("text", "resources", "expected"),
    [
        ("projects: {a: {public: false}}", [PROJECT], {"update project/a": set()}),
        (
            "projects: {a: {labels: {x: {}}, quota: 1GiB}}",
            [],
            {
                "create project/a": set(),
                "create project/a/label/x": {"create project/a"},
                "create project/a/quota": {"create project/a"},
            },
        ),
        # A user before being a member, and no longer one before being gone.
        (
            """
            users: {u: {email: a@b.cd, password: {env: X}}}
            projects: {a: {members: {users: {u: guest}, groups: {g: guest}}}}
            """,
            [PROJECT],
            {
                "create user/u": set(),
                "create project/a/member/user:u": {"create user/u"},
                "create project/a/member/group:g": set(),
            },
        ),
        (
            "users: {u: absent}\nprojects: {a: {members: {users: {u: absent}}}}",
            [PROJECT, live("user/u"), live("project/a/member/user:u", role=Role.GUEST)],
            {
                "delete user/u": {"delete project/a/member/user:u"},
                "delete project/a/member/user:u": set(),
            },
        ),
        # What Harbor makes along with a project goes after it has come.
        (
            "projects: {a: {members: {users: {}}}}",
            [],
            {
                "create project/a": set(),
                "delete project/a/member/user:admin": {"create project/a"},
            },
        ),
        # What uses an instance goes with its project, and nothing else waits for that.
        (
            """
            projects: {a: absent, b: {public: true}}
            preheat_instances: {p: absent, q: {vendor: kraken, url: "http://q"}}
            labels: {x: absent}
            """,
            [PROJECT, live("preheat_instance/p"), live("label/x")],
            {
                "delete project/a": set(),
                "create project/b": set(),
                "delete preheat_instance/p": {"delete project/a"},
                "create preheat_instance/q": set(),
                "delete label/x": set(),
            },
        ),
        # An instance is disabled when nothing uses it any more; what begins to use it waits.
        (
            """
            preheat_instances: {p: {enabled: false}, q: {enabled: true}}
            projects:
              a:
                prune: [preheat]
                preheat: {gone: absent, moves: {instance: q}, comes: {instance: p}}
              b: absent
            """,
            [
                PROJECT,
                live("project/b"),
                *(live(f"preheat_instance/{name}", enabled=name == "p") for name in "pq"),
                *(live(f"project/a/preheat/{name}", instance="p") for name in ("gone", "moves")),
                live("project/a/preheat/comes", instance="q"),
                live("project/a/preheat/pruned", instance="p"),
            ],
            {
                "update preheat_instance/p": {
                    "delete project/a/preheat/gone",
                    "update project/a/preheat/moves",
                    "delete project/a/preheat/pruned",
                    "delete project/b",
                },
                "update preheat_instance/q": set(),
                "delete project/a/preheat/gone": set(),
                "update project/a/preheat/moves": {"update preheat_instance/q"},
                "update project/a/preheat/comes": {"update preheat_instance/p"},
                "delete project/a/preheat/pruned": set(),
                "delete project/b": set(),
            },
        ),
        # A secret is stored before its robot exists, and set and disabled afterwards, in turn.
        (
            """
            robots:
              r:
                {expires: 1d, permissions: {system: {x: [y]}}, disabled: true, secret: {file: x}}
            """,
            [],
            {
                "store secret robot/r": set(),
                "create robot/r": {"store secret robot/r"},
                "set secret robot/r": {"create robot/r"},
                "disable robot/r": {"set secret robot/r"},
            },
        ),
    ],
)
def test_what_waits_for_what(
    text: str, resources: list[Any], expected: dict[str, set[str]]
) -> None:
    assert needs(steps(text, *resources)) == expected


def test_blocked_changes_have_no_steps_and_nobody_waits_for_them() -> None:
    text = "protect: [user/u]\nusers: {u: absent}\nlabels: {x: {}}"
    assert needs(steps(text, live("user/u"))) == {"create label/x": set()}


def test_a_step_knows_what_it_changes() -> None:
    found = steps("projects: {a: {public: false, scanning: {sbom: true}}}", PROJECT)
    step = found["update project/a"]
    assert step.changed == {"public"}
    assert step.desired is not None
    assert step.live == PROJECT


def test_what_harbor_makes_along_with_a_project_goes_in_the_same_run() -> None:
    found = steps(
        "projects: {a: {members: {users: {}}, labels: {x: {}}}, b: {labels: {x: absent}}}",
        live("project/b"),
        live("project/b/label/x"),
    )
    assert [name for name, step in found.items() if step.completes] == [
        "delete project/a/member/user:admin"
    ]


def test_every_order_of_steps_can_be_run() -> None:
    """What a step needs is a step too, and no step needs itself, even in a roundabout way."""
    found = steps(
        "users: {u: {email: a@b.cd, password: {env: X}}, v: absent}\n"
        "projects: {a: {public: false, members: {users: {u: admin, v: absent}}}, b: {labels: {}}}",
        PROJECT,
        live("user/v"),
        live("project/a/member/user:v", role=Role.GUEST),
    )
    keys = {step.key for step in found.values()}
    done: set[object] = set()
    waves: list[int] = []
    while len(done) < len(keys):
        ready = {step.key for step in found.values() if step.needs <= done} - done
        assert ready
        done |= ready
        waves.append(len(done))
    assert all(step.needs <= keys for step in found.values())
    assert all(one < two for one, two in pairwise(waves))


SCANNERS = (
    live("scanner/a", disabled=False, url="http://a"),
    live("scanner/b", disabled=False, url="http://b"),
    live("system/default_scanner", name="a"),
)
DEFAULT = "update system/default_scanner"


@pytest.mark.parametrize(
    ("scanners", "default", "expected"),
    [
        ("{a: {disabled: true}}", "b", {"update scanner/a": {DEFAULT}, DEFAULT: set()}),
        ("{a: absent}", "b", {"delete scanner/a": {DEFAULT}, DEFAULT: set()}),
        (
            "{c: {url: 'http://c'}}",
            "c",
            {"create scanner/c": set(), DEFAULT: {"create scanner/c"}},
        ),
    ],
)
def test_the_default_scanner_moves_in_between(
    scanners: str, default: str, expected: dict[str, set[str]]
) -> None:
    text = f"scanners: {scanners}\nsystem: {{default_scanner: {default}}}"
    assert needs(steps(text, *SCANNERS)) == expected


def test_changes_that_wait_for_one_another_are_refused() -> None:
    text = "scanners: {b: {disabled: true}}\nsystem: {default_scanner: b}"
    with pytest.raises(RefusedError) as caught:
        steps(text, *SCANNERS)
    assert "wait for one another" in caught.value.message
    assert "scanner/b" in caught.value.message
    assert "system/default_scanner" in caught.value.message
    assert "contradict" in caught.value.advice
