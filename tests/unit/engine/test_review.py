"""A reviewed plan holds as long as each of its changes would come out the same."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from harborconf.engine.plan import Action, Change, FieldChange, Plan, Unknown
from harborconf.engine.planning import make_plan
from harborconf.engine.review import Of, differences, part, restricted
from harborconf.kinds.resource import Live
from harborconf.position import Position
from harborconf.report.text import stale_lines
from harborconf.spec.address import Address
from unit.engine.documents import bench, live, resolved, state

HERE, ELSEWHERE = Position("a.yaml", 1, 1), Position("moved/b.yaml", 9, 9)
PROJECT = Change(
    Address("project", "a"),
    Action.UPDATE,
    (
        FieldChange("public", before=True, after=False, position=HERE),
        FieldChange("scanning.on_push", before=False, after=True, reason="policy", position=HERE),
    ),
    "because",
    HERE,
)
RETENTION = Change(
    Address("retention", None, "a"),
    Action.UPDATE,
    (FieldChange("rules", ["one", "two"], ["two", "three"], ["three"], ["one"]),),
)
MALLORY = Change(Address("member", "user:mallory", "a"), Action.DELETE)
ROBOT = Change(
    Address("robot", "ci", "b"), Action.CREATE, (FieldChange("expires", None, "90d"),), "", HERE
)
FLEET = Change(
    Address("robot", "fleet"), Action.BLOCKED, (FieldChange("secret", None, {"env": "FLEET"}),)
)
OTHER = Change(
    Address("quota", None, "c"), Action.UPDATE, (FieldChange("storage", "1GiB", "2GiB"),)
)
PLAN = Plan("https://h", "2.15.2", "0.1.0", "abc", (PROJECT, RETENTION, MALLORY, ROBOT, FLEET))


def with_field(change: Change, field: FieldChange) -> Change:
    fields = tuple(field if one.path == field.path else one for one in change.fields)
    return replace(change, fields=fields)


def instead(old: Change, *new: Change) -> Plan:
    changes = [one for change in PLAN.changes for one in (new if change is old else (change,))]
    return replace(PLAN, changes=tuple(changes))


def rules(before: list[str]) -> FieldChange:
    return replace(RETENTION.fields[0], before=before)


def moved(change: Change) -> Change:
    fields = tuple(replace(one, position=ELSEWHERE, reason="!") for one in change.fields)
    return replace(change, fields=fields, reason="another", position=ELSEWHERE)


FRESH: dict[str, Plan] = {
    "nothing changed": PLAN,
    "files moved, comments and reasons changed": replace(
        PLAN, digest="def", changes=tuple(map(moved, PLAN.changes))
    ),
    "another order": replace(PLAN, changes=tuple(reversed(PLAN.changes))),
    "changes elsewhere": replace(PLAN, changes=(OTHER, *PLAN.changes)),
    "extras, notices and what nobody can tell": replace(
        PLAN,
        extras=(Address("label", "x"),),
        notices=("news",),
        unknown=(Unknown(Address("user", "u"), "password", "?"),),
    ),
    "another patch of Harbor": replace(PLAN, harbor_version="2.15.9"),
    "another harborconf": replace(PLAN, harborconf_version="9"),
    "more is blocked at the same resource": instead(
        PROJECT, PROJECT, replace(PROJECT, action=Action.BLOCKED, fields=())
    ),
}


@pytest.mark.parametrize("name", FRESH)
def test_fresh(name: str) -> None:
    now = FRESH[name]
    assert differences(PLAN, now) == ()
    assert differences(PLAN, restricted(now, PLAN)) == ()


STALE: dict[str, tuple[Plan, str]] = {
    "another server": (
        replace(PLAN, url="https://other"),
        "it is of https://h, and this is https://other",
    ),
    "another minor version": (
        replace(PLAN, harbor_version="2.14.2"),
        "it is of Harbor 2.15.2, and this is Harbor 2.14.2",
    ),
    "done by somebody": (instead(ROBOT), "project/b/robot/ci: create when planned, nothing now"),
    "exists already": (
        instead(ROBOT, replace(ROBOT, action=Action.UPDATE)),
        "project/b/robot/ci: create when planned, update now",
    ),
    "blocked now": (
        instead(MALLORY, MALLORY.blocked("protected")),
        "project/a/member/user:mallory: delete when planned, blocked now (protected)",
    ),
    "blocked no more": (
        instead(FLEET, replace(FLEET, action=Action.UPDATE)),
        "robot/fleet: blocked when planned, update now",
    ),
    "live changed": (
        instead(PROJECT, with_field(PROJECT, FieldChange("public", None, after=False))),
        "project/a#public: true in Harbor when planned, not set now",
    ),
    "desired changed": (
        instead(ROBOT, with_field(ROBOT, FieldChange("expires", None, "30d"))),
        "project/b/robot/ci#expires: 90d in the files when planned, 30d now",
    ),
    "a field less": (
        instead(PROJECT, replace(PROJECT, fields=PROJECT.fields[:1])),
        "project/a#scanning.on_push: false -> true when planned, no change now",
    ),
    "a field more": (
        instead(
            ROBOT, replace(ROBOT, fields=(*ROBOT.fields, FieldChange("disabled", None, after=True)))
        ),
        "project/b/robot/ci#disabled: no change when planned, not set -> true now",
    ),
    "true is not 1": (
        instead(PROJECT, with_field(PROJECT, FieldChange("public", 1, after=False))),
        "project/a#public: true in Harbor when planned, 1 now",
    ),
    "an item of a list": (
        instead(RETENTION, with_field(RETENTION, rules(["one", "TWO"]))),
        "project/a/retention#rules: [one, two] in Harbor when planned, [one, TWO] now",
    ),
}


@pytest.mark.parametrize("name", STALE)
def test_stale(name: str) -> None:
    now, line = STALE[name]
    assert stale_lines(differences(PLAN, now)) == [line]
    assert stale_lines(differences(PLAN, restricted(now, PLAN))) == [line]


def test_every_difference_is_named_and_of_very_many_the_first() -> None:
    nothing = replace(PLAN, changes=())
    assert [one.of for one in differences(PLAN, nothing)] == [Of.CHANGE] * len(PLAN.changes)
    many = tuple(replace(MALLORY, address=Address("label", f"l{n:02}")) for n in range(30))
    lines = stale_lines(differences(replace(PLAN, changes=many), nothing))
    assert lines[0] == "label/l00: delete when planned, nothing now"
    assert lines[-1] == "and 10 differences more"


def test_of_long_lists_only_what_differs_is_named() -> None:
    many = [f"a rule that is rather long {number}" for number in range(9)]
    then = instead(RETENTION, with_field(RETENTION, rules(many)))
    now = instead(RETENTION, with_field(RETENTION, rules([*many[:-1], "new"])))
    assert stale_lines(differences(then, now)) == [
        (
            "project/a/retention#rules: [a rule that is rather long 8] in Harbor when planned,"
            " [new] now"
        )
    ]


def test_what_is_left_of_a_new_plan() -> None:
    blocked = replace(PROJECT, action=Action.BLOCKED)
    now = instead(PROJECT, OTHER, blocked, PROJECT)
    left = restricted(now, PLAN)
    assert left.changes == PLAN.changes
    assert left.elsewhere == (OTHER, blocked)


def test_guards_see_all_changes_of_the_reviewed_resources_and_no_others() -> None:
    blocked = replace(PROJECT, action=Action.BLOCKED)
    assert part([OTHER, blocked, ROBOT], PLAN) == ([blocked, ROBOT], [OTHER])
    assert part([OTHER], None) == ([OTHER], ())


def test_fields_of_several_blocked_changes_of_one_resource_count_together() -> None:
    one = replace(FLEET, fields=(FieldChange("a", 1, 2),))
    other = replace(FLEET, fields=(FieldChange("b", 1, 2),))
    then = replace(PLAN, changes=(one, other))
    assert differences(then, replace(PLAN, changes=(other, one))) == ()
    found = differences(then, replace(PLAN, changes=(one,)))
    assert [(one.where, one.of) for one in found] == [("robot/fleet#b", Of.FIELD)]


def needing(change: Change) -> Plan:
    """The plan with one more change, which the reviewed one does not hold."""
    return replace(PLAN, changes=(change, *PLAN.changes))


PROJECT_B = Address("project", "b")
NEEDED: dict[str, tuple[Change, list[str]]] = {
    "its project is gone": (
        Change(PROJECT_B, Action.CREATE),
        ["project/b/robot/ci: create needs create project/b first now, which is not in the plan"],
    ),
    "its project only changes": (Change(PROJECT_B, Action.UPDATE), []),
    "its project gets that name only now": (
        Change(PROJECT_B, Action.UPDATE, live=Live(Address("project", "old"), {})),
        ["project/b/robot/ci: create needs update project/b first now, which is not in the plan"],
    ),
}


@pytest.mark.parametrize("name", NEEDED)
def test_a_change_that_now_needs_another_is_stale(name: str) -> None:
    change, lines = NEEDED[name]
    assert stale_lines(differences(PLAN, needing(change))) == lines
    assert stale_lines(differences(PLAN, restricted(needing(change), PLAN))) == lines


@pytest.mark.parametrize("action", [Action.UPDATE, Action.DELETE])
def test_what_references_a_deleted_resource_has_to_let_go_of_it_first(action: Action) -> None:
    user, address = Address("user", "eve"), Address("member", "user:eve", "a")
    gone = Change(user, Action.DELETE, live=Live(user, {}))
    member = Change(address, action, live=Live(address, {"role": "guest"}))
    now = replace(PLAN, changes=(gone, member))
    assert stale_lines(differences(replace(PLAN, changes=(gone,)), now)) == [
        (
            f"user/eve: delete needs {action.value} project/a/member/user:eve first now,"
            " which is not in the plan"
        )
    ]
    assert differences(now, now) == ()


@pytest.mark.parametrize(("enabled", "needed"), [(False, True), (True, False)])
def test_what_references_a_disabled_instance_has_to_let_go_of_it_first(
    *, enabled: bool, needed: bool
) -> None:
    text = f"""
    preheat_instances: {{p: {{enabled: {enabled}, insecure: true}}, q: {{}}}}
    projects: {{a: {{preheat: {{nightly: {{instance: q}}}}}}}}
    """
    resources = [
        live("project/a", {"project_id": 1}),
        *(live(f"preheat_instance/{name}", enabled=True, insecure=False) for name in "pq"),
        live("project/a/preheat/nightly", instance="p"),
    ]
    now = make_plan(resolved(text), state(resources), bench())
    instance, policy = now.changes
    found = stale_lines(differences(replace(now, changes=(instance,)), now))
    line = "preheat_instance/p: update needs update project/a/preheat/nightly first now"
    assert found == ([f"{line}, which is not in the plan"] if needed else [])
    assert differences(replace(now, changes=(policy,)), now) == ()


def test_whoever_adds_something_to_a_change_decides_whether_it_makes_a_plan_stale() -> None:
    compared = {"address", "action", "fields"}
    for_people = {"reason", "position"}
    made_from = {"desired", "live", "wanted"}
    assert {one.name for one in fields(Change)} == compared | for_people | made_from
    compared = {"path", "before", "after"}
    derived = {"added", "removed"}
    assert {one.name for one in fields(FieldChange)} == compared | derived | for_people
