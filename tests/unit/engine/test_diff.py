"""Desired against live: changes, extras, what is left alone, and what nobody can tell."""

from __future__ import annotations

from typing import Any

import pytest

from harborconf.engine.diff import diff
from harborconf.engine.planning import make_plan
from harborconf.engine.selection import Selection
from harborconf.errors import DocumentError
from harborconf.kinds.allowlist import Allowlist
from harborconf.kinds.member import Role
from harborconf.kinds.project import Severity
from harborconf.kinds.resource import Comparison, Verdict
from harborconf.kinds.retention_rules import Keep, Rule
from harborconf.spec.address import parse
from harborconf.spec.records import Foreign
from unit.engine.documents import bench, differences, live, resolved, state, told

GIB = 2**30
PROJECT = live("project/a", {"project_id": 7}, public=False)


def rule(keep: Keep) -> Rule:
    return Rule.model_construct(keep=keep)


# ---- one resource --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "resources", "expected"),
    [
        ("projects: {a: {public: false}}", [PROJECT], []),
        ("projects: {a: {public: true}}", [PROJECT], ["update project/a public"]),
        ("projects: {a: {}}", [PROJECT], []),
        ("projects: {a: {public: null}}", [PROJECT], []),
        ("projects: {a: {}}", [], ["create project/a"]),
        (
            "projects: {a: {public: true, quota: 1GiB}}",
            [],
            ["create project/a public", "create project/a/quota storage"],
        ),
        # What Harbor makes along with a project is as good as live.
        ("projects: {a: {retention: {schedule: never, rules: []}}}", [], ["create project/a"]),
        (
            "projects: {a: {immutable_tags: [{tags: [x]}]}}",
            [],
            ["create project/a", "create project/a/immutable_tags rules"],
        ),
        (
            "projects: {a: {quota: unlimited}}",
            [PROJECT, live("project/a/quota", storage=GIB)],
            ["update project/a/quota storage"],
        ),
        ("projects: {a: absent}", [PROJECT], ["delete project/a"]),
        ("projects: {a: absent}", [], []),
        ("labels: {x: absent}", [live("label/x")], ["delete label/x"]),
        # A colour's case means nothing.
        ('labels: {x: {color: "#abcdef"}}', [live("label/x", color="#ABCDEF")], []),
        ('labels: {x: {color: "#abcdef"}}', [live("label/x", color="#abcdef")], []),
    ],
)
def test_changes(text: str, resources: list[Any], expected: list[str]) -> None:
    assert told(differences(text, *resources)) == expected


@pytest.mark.parametrize(
    ("text", "resource", "field", "before", "after"),
    [
        (
            "projects: {a: {scanning: {block: high}}}",
            live(
                "project/a", scanning__block__severity=Severity.LOW, scanning__block__enabled=True
            ),
            "scanning.block.severity",
            "low",
            "high",
        ),
        # Nonsense that Harbor keeps is shown as it is.
        (
            "projects: {a: {scanning: {block: high}}}",
            live("project/a", scanning__block__severity="bogus", scanning__block__enabled=True),
            "scanning.block.severity",
            "bogus",
            "high",
        ),
        (
            "projects: {a: {quota: 1GiB}}",
            live("project/a/quota", storage=5),
            "storage",
            "5B",
            "1GiB",
        ),
        (
            "projects: {a: {quota: unlimited}}",
            live("project/a/quota", storage=GIB),
            "storage",
            "1GiB",
            "unlimited",
        ),
        (
            "projects: {a: {members: {users: {x: guest}}}}",
            live("project/a/member/user:x", role=77),
            "role",
            77,
            "guest",
        ),
        (
            "labels: {x: {description: new}}",
            live("label/x", description=["odd", {"a": None}]),
            "description",
            ["odd", {"a": None}],
            "new",
        ),
    ],
)
def test_before_and_after_are_as_yaml_would_say_them(
    text: str, resource: Any, field: str, before: object, after: object
) -> None:
    found = differences(text, PROJECT, resource) if "a/" in str(resource.address) else None
    found = found or differences(text, resource)
    (change,) = (one for change in found.changes for one in change.fields)
    assert (change.path, change.before, change.after) == (field, before, after)
    assert change.position is not None


def test_a_date_that_no_calendar_has_is_shown_as_it_is() -> None:
    huge = Allowlist(frozenset({"CVE-2024-1"}), 10**15)
    found = differences("projects: {a: {cve_allowlist: []}}", live("project/a", cve_allowlist=huge))
    (change,) = found.changes
    assert "CVE-2024-1" in str(change.fields[0].before)
    assert change.fields[0].after == []


def test_of_sets_what_comes_and_what_goes_is_shown() -> None:
    kept, gone = rule(Keep("always")), Foreign('{"template": "odd"}')
    found = differences(
        "projects: {a: {retention: {rules: [{keep: always}, {keep: {most_recently_pushed: 3}}]}}}",
        PROJECT,
        live("project/a/retention", rules=frozenset({kept, gone}), schedule=""),
    )
    (change,) = found.changes
    (field,) = change.fields
    assert field.added == [{"keep": {"most_recently_pushed": 3}}]
    assert field.removed == [{"unreadable": '{"template": "odd"}'}]
    assert {"keep": "always"} in field.before
    assert {"keep": "always"} in field.after


def test_a_field_that_harbor_does_not_tell() -> None:
    found = differences(
        """
        users: {u: {email: a@b.cd, password: {env: X}}}
        projects: {a: {members: {groups: {g: {role: guest, type: oidc}}}}}
        """,
        PROJECT,
        live("user/u", email="a@b.cd"),
        live("project/a/member/group:g", role=Role.GUEST),
    )
    assert found.changes == []
    assert [
        (one.address.field(one.path), one.reason, str(one.position)) for one in found.unknown
    ] == [
        ("user/u#password", "Harbor never tells it", "a.yaml:2:38"),
        ("project/a/member/group:g#type", "Harbor does not tell it here", "a.yaml:3:58"),
    ]


# ---- what was found out of fields that Harbor does not tell --------------------------


def observed(address: str, **verdicts: Comparison) -> dict[str, Any]:
    found, _ = parse(address)
    return {"observed": {found: verdicts}}


USER = "users: {u: {email: a@b.cd, admin: true, password: {env: X}}}"
BLOCKED = Comparison(Verdict.BLOCKED, "no")
PENDING = Comparison(Verdict.PENDING, "later")
DIFFERENT = Comparison(Verdict.DIFFERENT, "another one")


@pytest.mark.parametrize(
    ("resources", "verdict", "expected", "reasons"),
    [
        ([], None, ["create user/u email admin password"], [""]),
        ([], DIFFERENT, ["create user/u email admin password"], [""]),
        ([], BLOCKED, ["blocked user/u email admin password"], ["no"]),
        ([], PENDING, ["pending user/u email admin password"], ["later"]),
        (
            [live("user/u", email="a@b.cd", admin=False)],
            DIFFERENT,
            ["update user/u admin password"],
            [""],
        ),
        # One field's obstacle does not hold the others up.
        (
            [live("user/u", email="a@b.cd", admin=False)],
            BLOCKED,
            ["blocked user/u password", "update user/u admin"],
            ["no", ""],
        ),
        (
            [live("user/u", email="a@b.cd", admin=True)],
            PENDING,
            ["pending user/u password"],
            ["later"],
        ),
        (
            [live("user/u", email="a@b.cd", admin=True)],
            Comparison(Verdict.EQUAL),
            [],
            [],
        ),
    ],
)
def test_observed_fields(
    resources: list[Any], verdict: Comparison | None, expected: list[str], reasons: list[str]
) -> None:
    more = observed("user/u", password=verdict) if verdict else {}
    found = differences(USER, *resources, **more)
    assert told(found) == expected
    assert [change.reason for change in found.changes] == reasons


# ---- what cannot be --------------------------------------------------------------------


def refused(text: str, version: tuple[int, ...] = (2, 15, 2)) -> list[str]:
    with pytest.raises(DocumentError) as caught:
        diff(resolved(text), state([PROJECT]), bench(version))
    return list(caught.value.lines())


NEEDS = "does not exist yet, and creating it needs"


def test_creating_needs_what_harbor_needs() -> None:
    assert refused(
        """
        users: {u: {admin: true}}
        projects: {a: {robots: {r: {}}, members: {users: {x: }}}}
        """
    ) == [
        f"a.yaml:2:9: user/u {NEEDS} `email`, `password`",
        f"a.yaml:3:25: project/a/robot/r {NEEDS} `expires`, `permissions`",
        f"a.yaml:3:51: project/a/member/user:x {NEEDS} `role`",
    ]


def test_a_field_that_this_harbor_has_not_got() -> None:
    (found,) = refused("projects: {a: {public: true}}", (2, 12, 9))
    assert found == (
        "a.yaml:2:24: `public` exists since Harbor 2.13, this one is 2.12.9"
        " (remove it, or upgrade Harbor)"
    )


# ---- extras, prune, protect, null ----------------------------------------------------

ROBOT = live("project/a/robot/old")
LABEL = live("label/old")
BOB = live("project/a/member/user:bob", role=Role.GUEST)
DEVS = live("project/a/member/group:devs", role=Role.GUEST)


@pytest.mark.parametrize(
    ("text", "changes", "extras"),
    [
        # A section that is not written is not touched.
        ("projects: {a: {}}", [], []),
        ("projects: {a: {robots: null, members: {users: null}}}", [], []),
        # One that is written is managed.
        ("projects: {a: {robots: {}}}", [], ["project/a/robot/old"]),
        ("labels: {}", [], ["label/old"]),
        ("projects: {a: {members: {users: {}}}}", [], ["project/a/member/user:bob"]),
        ("projects: {a: {members: {groups: {}}}}", [], ["project/a/member/group:devs"]),
        # Prune deletes extras of its kinds, in its project only.
        (
            "projects: {a: {robots: {}, members: {users: {}}, prune: [robot]}}",
            ["delete project/a/robot/old"],
            ["project/a/member/user:bob"],
        ),
        ("projects: {a: {prune: [robot, member]}}", [], []),
        ("prune: [label]\nlabels: {}", ["delete label/old"], []),
        ("prune: [label]\nprojects: {a: {robots: {}}}", [], ["project/a/robot/old"]),
        # What is protected is never deleted.
        (
            "protect: [project/a/**]\nprojects: {a: {robots: {}, prune: [robot]}}",
            [],
            ["project/a/robot/old"],
        ),
        (
            "protect: ['project/*']\nprojects: {a: {robots: {old: absent}}}",
            ["delete project/a/robot/old"],
            [],
        ),
        (
            "protect: ['**/robot/*']\nprojects: {a: {robots: {old: absent}}}",
            ["blocked project/a/robot/old"],
            [],
        ),
        # Null leaves one resource alone, whatever prune says.
        ("projects: {a: {robots: {old: null}, prune: [robot]}}", [], []),
    ],
)
def test_what_is_live_and_not_desired(text: str, changes: list[str], extras: list[str]) -> None:
    found = differences(text, PROJECT, ROBOT, LABEL, BOB, DEVS)
    assert told(found) == changes
    assert [str(address) for address in found.extras] == extras


def test_reasons_of_deletions() -> None:
    found = differences(
        "protect: [label/old]\nlabels: {old: absent}\nprojects: {a: {robots: {}, prune: [robot]}}",
        PROJECT,
        ROBOT,
        LABEL,
    )
    assert [(change.action.value, change.reason, change.position) for change in found.changes][
        1:
    ] == [("delete", "not desired, and `prune` names its kind", None)]
    assert found.changes[0].reason == "it is protected"
    assert str(found.changes[0].position) == "a.yaml:3:15"


@pytest.mark.parametrize(
    ("users", "changes"),
    [
        ("null", ["create project/a"]),
        ("{}", ["create project/a", "delete project/a/member/user:admin"]),
        ("{admin: admin}", ["create project/a"]),
        ("{admin: null}", ["create project/a"]),
        ("{admin: guest}", ["create project/a", "update project/a/member/user:admin role"]),
        ("{admin: absent}", ["create project/a", "delete project/a/member/user:admin"]),
    ],
)
def test_the_creators_own_membership(users: str, changes: list[str]) -> None:
    assert told(differences(f"projects: {{a: {{members: {{users: {users}}}}}}}")) == changes


# ---- reads that failed ---------------------------------------------------------------

TEXT = """
labels: {x: {}}
projects:
  a: {public: true, quota: 1GiB, robots: {}, prune: [robot]}
  b: {public: true}
"""


def test_a_project_that_could_not_be_read_is_blocked_and_the_rest_goes_on() -> None:
    found = differences(TEXT, PROJECT, failed={"a": "quota could not be read: 500"})
    assert told(found) == ["create label/x", "blocked project/a", "create project/b public"]
    assert found.changes[1].reason == "quota could not be read: 500"


def test_what_may_not_be_read_is_blocked_and_never_taken_for_absent() -> None:
    barred = {("a", "quota"): "not permitted: no", ("a", "robot"): "not permitted: no"}
    found = differences(TEXT, PROJECT, barred=barred)
    assert told(found) == [
        "create label/x",
        "update project/a public",
        "blocked project/a/robot",
        "blocked project/a/quota",
        "create project/b public",
    ]
    assert found.changes[2].reason == "`prune` cannot know what to delete: not permitted: no"


def test_a_section_that_may_not_be_read_is_told_of() -> None:
    found = differences("robots: {}\nlabels: {}", barred={(None, "robot"): "not permitted: no"})
    assert found.changes == []
    assert found.notices == ["system/robot: nobody can tell what is extra: not permitted: no"]


def test_with_kinds_selected_a_project_that_is_not_there_is_no_reason_to_make_things() -> None:
    desired = Selection(kinds=("quota",)).of(resolved(TEXT))
    found = diff(desired, state(), bench())
    assert told(found) == ["blocked project/a/quota"]
    assert "`--kind` leaves the project out" in found.changes[0].reason


def test_notes_of_what_is_known_are_told() -> None:
    robot = live("project/a/robot/r", note="the robot has expired", expires=1, disabled=False)
    text = "projects: {a: {robots: {r: {expires: 1d}}}}"
    assert differences(text, PROJECT, robot).notices == ["project/a/robot/r: the robot has expired"]
    assert differences("projects: {a: {}}", PROJECT, robot).notices == []


# ---- the plan ------------------------------------------------------------------------


def test_changes_stand_in_a_fixed_order() -> None:
    text = """
    projects:
      b: {labels: {z: {}, a: {}}, quota: 1GiB, immutable_tags: [{}]}
      a: {}
    labels: {x: {}}
    robots: {r: {expires: 1d, permissions: {system: {project: [list]}}}}
    """
    assert told(differences(text)) == [
        "create label/x",
        "create robot/r expires permissions",
        "create project/a",
        "create project/b",
        "create project/b/label/a",
        "create project/b/label/z",
        "create project/b/quota storage",
        "create project/b/immutable_tags rules",
    ]


def test_the_plan_says_what_it_was_computed_from() -> None:
    plan = make_plan(resolved("labels: {x: {}}"), state(), bench(), digest="d", notices=("n",))
    assert (plan.url, plan.harbor_version, plan.digest) == (
        "https://harbor.example.com",
        "2.15.2",
        "d",
    )
    assert plan.notices == ("n",)
    assert plan.is_applicable
    assert not make_plan(resolved("labels: {}"), state(), bench()).is_applicable
