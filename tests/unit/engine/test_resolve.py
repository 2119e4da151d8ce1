"""A document to what is desired: layers, placeholders, null, absent, what is managed."""

from __future__ import annotations

from typing import Any

import pytest

from harborconf.engine.load import read
from harborconf.engine.resolve import SectionKey, resolve, unknown_kinds
from harborconf.engine.selection import Selection
from harborconf.errors import DocumentError, UsageError
from harborconf.kinds.base import declared
from harborconf.kinds.catalog import BY_NAME
from harborconf.kinds.resource import Absent
from harborconf.spec.address import Address, parse
from unit.engine.documents import desired, document, problems, resolved

GIB = 2**30


# ---- layers --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("defaults", "profile", "project", "expected"),
    [
        # The highest layer that says something wins.
        ("public: true", "", "", {"public": True}),
        ("public: true", "public: false", "", {"public": False}),
        ("public: true", "public: false", "public: true", {"public": True}),
        # Maps merge by key, to any depth.
        (
            "scanning: {on_push: true, block: high}",
            "scanning: {sbom: true}",
            "scanning: {block: {severity: low}}",
            {
                "scanning.on_push": True,
                "scanning.sbom": True,
                "scanning.block.enabled": True,
                "scanning.block.severity": "low",
            },
        ),
        # Short forms are expanded before.
        (
            "scanning: {block: {enabled: false, severity: critical}}",
            "scanning: {block: low}",
            "scanning: {block: false}",
            {"scanning.block.enabled": False, "scanning.block.severity": "low"},
        ),
        # A map's own `{}` adds nothing.
        ("scanning: {sbom: true}", "scanning: {}", "{}", {"scanning.sbom": True}),
        # Null takes a value, a section or everything out of management; a higher layer may
        # write it again.
        ("public: true\nsigning: {cosign: true}", "public: null", "", {"signing.cosign": True}),
        ("scanning: {sbom: true, on_push: true}", "", "scanning: null", {}),
        (
            "scanning: {sbom: true}",
            "scanning: null",
            "scanning: {on_push: true}",
            {"scanning.on_push": True},
        ),
        ("scanning: {block: high}", "", "scanning: {block: null}", {}),
        (
            "scanning: {block: high}",
            "",
            "scanning: {block: {severity: null, enabled: false}}",
            {"scanning.block.enabled": False},
        ),
        ("null", "public: true", "", {"public": True}),
        ("public: true", "null", "", {}),
    ],
)
def test_a_projects_own_fields(
    defaults: str, profile: str, project: str, expected: dict[str, Any]
) -> None:
    found = desired(resolved(layered(defaults, profile, project)))
    assert found["project/a"] == expected


def layered(defaults: str, profile: str, project: str) -> str:
    """Three layers of project `a`; each begins a line of its own and is flow or block YAML."""

    def block(text: str, indent: int) -> str:
        lines = (text or "{}").split("\n")
        return "".join(f"\n{' ' * indent}{line}" for line in lines)

    return (
        f"defaults:\n  project:{block(defaults, 4)}\n"
        f"profiles:\n  p:{block(profile, 4)}\n"
        f"projects:\n  a:{block('profile: p', 4)}"
        + (block(project, 4) if project not in ("", "{}") else "")
        + "\n"
    )


def members(defaults: str, profile: str, project: str) -> dict[str, str]:
    """The members that three layers of `members.users` make."""
    text = layered(*(f"members: {{users: {one}}}" for one in (defaults, profile, project)))
    return {
        str(one.address.name).removeprefix("user:"): (
            "absent" if one.absent else one.fields["role"].value
        )
        for one in resolved(text).resources
        if one.address.kind == "member"
    }


@pytest.mark.parametrize(
    ("defaults", "profile", "project", "expected"),
    [
        ("{a: guest}", "{b: guest}", "{c: guest}", {"a": "guest", "b": "guest", "c": "guest"}),
        ("{a: guest}", "{a: admin}", "{a: developer}", {"a": "developer"}),
        # A section's `{}` replaces, a resource's own adds nothing.
        ("{a: guest}", "{}", "{c: guest}", {"c": "guest"}),
        ("{a: guest}", "{b: guest}", "{}", {}),
        ("{a: guest}", "{a: {}}", "{a: }", {"a": "guest"}),
        # Null takes one, or all, out of management.
        ("{a: guest, b: guest}", "{a: null}", "{c: guest}", {"b": "guest", "c": "guest"}),
        ("{a: guest}", "{a: null}", "{a: admin}", {"a": "admin"}),
        ("{a: guest}", "null", "{c: guest}", {"c": "guest"}),
        # Absent in the highest layer that names it discards the rest.
        ("{a: guest}", "{a: absent}", "{b: guest}", {"a": "absent", "b": "guest"}),
        ("{a: absent}", "{a: guest}", "{b: guest}", {"a": "guest", "b": "guest"}),
        ("{a: {role: guest}}", "{}", "{a: {absent: true}}", {"a": "absent"}),
    ],
)
def test_named_resources(
    defaults: str, profile: str, project: str, expected: dict[str, str]
) -> None:
    assert members(defaults, profile, project) == expected


@pytest.mark.parametrize(
    ("section", "low", "high", "expected"),
    [
        # One value, replaced whole even where it is written as a map or a list.
        (
            "robots: {ci: {permissions: %s}}",
            "{repository: [pull, push], artifact: [read]}",
            "{repository: [pull]}",
            {"permissions": {"repository": ["pull"]}},
        ),
        (
            "robots: {ci: {secret: %s}}",
            "{file: a}",
            "{env: B}",
            {"secret": {"env": "B"}},
        ),
        (
            "retention: {rules: %s}",
            "[{keep: always}]",
            "[{keep: {most_recently_pushed: 1}, tags: {except: [x]}}]",
            {"rules": [{"keep": {"most_recently_pushed": 1}, "tags": {"except": ["x"]}}]},
        ),
        ("retention: {rules: %s}", "[{keep: always}]", "[]", {"rules": []}),
        ("retention: %s", "{rules: [{keep: always}]}", "{}", {"rules": [{"keep": "always"}]}),
        ("retention: %s", "{schedule: daily}", "{rules: []}", {"schedule": "daily", "rules": []}),
        ("immutable_tags: %s", "[{tags: [x]}]", "[]", {"rules": []}),
        (
            "immutable_tags: %s",
            "[{tags: [x]}]",
            "{rules: [{tags: [y]}]}",
            {"rules": [{"tags": ["y"]}]},
        ),
        ("quota: %s", "1GiB", "{storage: unlimited}", {"storage": "unlimited"}),
        ("quota: %s", "1GiB", "{}", {"storage": "1GiB"}),
    ],
)
def test_values_are_replaced_whole(
    section: str, low: str, high: str, expected: dict[str, Any]
) -> None:
    state = resolved(layered(section % low, "", section % high))
    (found,) = (one for one in state.resources if one.address.kind != "project")
    types = {item.path: item.type for item in declared(BY_NAME[found.address.kind].model)}
    assert {path: types[path].write(value) for path, value in found.fields.items()} == expected


def test_an_empty_section_of_fields_desires_nothing() -> None:
    assert set(desired(resolved("projects: {a: {quota: {}, retention: {}, scanning: {}}}"))) == {
        "project/a"
    }


def test_an_empty_key_is_a_resource_with_nothing_of_its_own() -> None:
    assert desired(resolved("projects:\n  a:\n  b: {}\nlabels:\n  x:\n")) == {
        "project/a": {},
        "project/b": {},
        "label/x": {},
    }


def test_a_profile_that_does_not_exist() -> None:
    text = "profiles: {gold: {}, iron: {}}\nprojects: {a: {profile: silver}}"
    assert problems(text) == [
        "a.yaml:3:25: there is no profile `silver` (known are gold, iron)",
    ]
    assert problems("projects: {a: {profile: x}}") == [
        "a.yaml:2:25: there is no profile `x` (known are none)",
    ]
    assert problems("profiles: {gold: {}}\nprojects: {a: {profile: golf}}") == [
        "a.yaml:3:25: there is no profile `golf` (did you mean `gold`?)",
    ]


# ---- {project} -----------------------------------------------------------------------

TEMPLATE = """
defaults:
  project:
    members: {groups: {"{project}-devs": developer, "ops": guest}}
    robots:
      "{project}-ci": {expires: 90d, secret: {file: "out/{project}/{project}-ci"}}
    immutable_tags: [{repositories: ["{project}/**"], tags: {except: ["x-{project}"]}}]
projects: {team-a: {members: {groups: {team-a-devs: admin}}}, b: {}}
"""


def test_the_projects_name_stands_in_keys_and_text_before_merging() -> None:
    state = resolved(TEMPLATE)
    found = desired(state)
    roles = {address: fields["role"] for address, fields in found.items() if "/member/" in address}
    assert roles == {
        "project/team-a/member/group:team-a-devs": "admin",
        "project/team-a/member/group:ops": "guest",
        "project/b/member/group:b-devs": "developer",
        "project/b/member/group:ops": "guest",
    }
    assert str(found["project/b/robot/b-ci"]["secret"]) == "file out/b/b-ci"
    (rule,) = found["project/team-a/immutable_tags"]["rules"]
    assert (rule.repositories.items, rule.tags.items) == (("team-a/**",), ("x-team-a",))


def test_what_a_template_makes_keeps_the_place_of_the_template() -> None:
    state = resolved(TEMPLATE)
    (robot,) = (one for one in state.resources if str(one.address) == "project/b/robot/b-ci")
    assert str(robot.position) == "a.yaml:6:7"
    assert str(robot.origins["secret"]) == "a.yaml:6:46"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            'defaults: {project: {robots: {"{project}-CI": {expires: 1d}}}}\nprojects: {a: {}}',
            "a.yaml:2:31: `a-CI` is no robot name",
        ),
        (
            'defaults: {project: {labels: {"{project}": {}, a: {}}}}\nprojects: {a: {}}',
            "a.yaml:2:48: `a` becomes `a`, which stands here too",
        ),
        (
            'profiles: {p: {labels: {"{project}": {description: "x"}}, quota: "{project}"}}',
            "a.yaml:2:66: expected a size like 100GiB, or unlimited, got `{project}`",
        ),
    ],
)
def test_what_a_template_makes_is_checked(text: str, expected: str) -> None:
    found = problems(text)
    assert len(found) == 1
    assert found[0].startswith(expected)


# ---- what is managed -----------------------------------------------------------------


def test_managed_pruned_protected_and_left_alone() -> None:
    state = resolved(
        """
        protect: ["project/x*"]
        prune: [robot, label]
        harbor: {url: https://h}
        users: null
        robots: {}
        labels: {keep: null, gone: absent}
        defaults: {project: {prune: [member]}}
        projects:
          a: {members: {users: {bob: null}, groups: null}, labels: {}}
          b: {members: null, prune: []}
          c: null
          d: {absent: true, with_contents: true}
        """
    )
    assert state.managed == {
        SectionKey(None, "robot"),
        SectionKey(None, "label"),
        SectionKey("a", "member", "user:"),
        SectionKey("a", "label"),
    }
    assert state.left_alone == {
        Address("label", "keep"),
        Address("member", "user:bob", "a"),
    }
    assert state.prune == {(None, "robot"), (None, "label"), ("a", "member")}
    assert state.protect == ("project/x*",)
    assert state.url == "https://h"
    gone = {str(one.address): one.absent for one in state.resources if one.absent}
    assert gone == {"label/gone": Absent(), "project/d": Absent(with_contents=True)}
    assert set(desired(state)) == {"project/a", "project/b"}


OWN_ONLY = (
    "a project's robot has permissions in its own project only: write {repository: [pull]}, or"
    " make it a system robot"
)


def test_fields_that_contradict_each_other() -> None:
    assert problems(
        """
        users: {admin: {admin: true}}
        robots: {x: {permissions: {repository: [pull]}}}
        projects:
          a:
            scanning: {block: {enabled: true}}
            members: {users: {u: {role: guest, type: ldap}}}
            robots: {y: {permissions: {projects: {b: {repository: [pull]}}}}}
        """
    ) == [
        "a.yaml:2:9: Harbor's own `admin` is managed in Harbor, not here",
        "a.yaml:3:27: a system robot's permissions stand under `system` and `projects`",
        "a.yaml:6:33: blocking needs a severity, for example `block: high`",
        "a.yaml:7:46: a user has no `type`; it belongs to groups",
        f"a.yaml:8:31: {OWN_ONLY}",
    ]


def test_absent_harbor_admin_is_refused_too() -> None:
    assert problems("users: {admin: absent}") == [
        "a.yaml:2:16: Harbor's own `admin` is managed in Harbor, not here"
    ]


# ---- selection -----------------------------------------------------------------------

WHOLE = """
labels: {x: {}}
projects:
  team-a: {labels: {y: {}}, quota: 1GiB}
  team-b: {labels: {}}
  other: {}
"""


@pytest.mark.parametrize(
    ("projects", "kinds", "expected", "managed"),
    [
        (
            (),
            (),
            {
                "label/x",
                "project/team-a",
                "project/team-a/label/y",
                "project/team-a/quota",
                "project/team-b",
                "project/other",
            },
            {None, "team-a", "team-b"},
        ),
        (("team-b",), (), {"project/team-b"}, {"team-b"}),
        (("team-*", "x"), ("label",), {"project/team-a/label/y"}, {"team-a", "team-b"}),
        ((), ("label",), {"label/x", "project/team-a/label/y"}, {None, "team-a", "team-b"}),
        (
            (),
            ("quota", "project"),
            {f"project/{x}" for x in ("team-a", "team-b", "other", "team-a/quota")},
            set(),
        ),
        (("*",), ("user",), None, set()),
        (("nobody",), (), None, set()),
    ],
)
def test_selected(
    projects: tuple[str, ...],
    kinds: tuple[str, ...],
    expected: set[str] | None,
    managed: set[str | None],
) -> None:
    whole = resolved(WHOLE)
    if expected is None:
        with pytest.raises(UsageError, match="no project in the files matches"):
            Selection(projects, kinds).of(whole)
        return
    found = Selection(projects, kinds).of(whole)
    assert {str(one.address) for one in found.resources} == expected
    assert {key.project for key in found.managed} == managed


def test_unknown_kinds() -> None:
    assert list(unknown_kinds(("label", "labels", "x"))) == ["labels", "x"]


def test_by_address() -> None:
    state = resolved(WHOLE)
    address, _ = parse("project/team-a/quota")
    assert state.by_address[address].fields == {"storage": GIB}
    assert document(WHOLE).files == ("a.yaml",)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{key: {env: KEY}}", "fingerprints need both `key` and `store`"),
        ("{store: {file: x}}", "fingerprints need both `key` and `store`"),
        ("{key: {env: KEY}, store: {env: X}}", "expected a file that can be written"),
        ("{key: secret, store: {file: x}}", "a secret never stands in the YAML itself"),
    ],
)
def test_fingerprints_need_a_key_and_a_file(text: str, complaint: str) -> None:
    with pytest.raises(DocumentError, match=complaint):
        resolve(read({"a.yaml": f"version: 1\nfingerprints: {text}\n".encode()}))
