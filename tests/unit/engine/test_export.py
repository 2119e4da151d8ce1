"""What is live, written as YAML, desires exactly that."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from enum import Enum
from typing import Any

import pytest
import yaml as pyyaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from harborconf.engine.diff import Difference, diff
from harborconf.engine.export import PLAIN, Style, export
from harborconf.engine.load import SKIPPED, read
from harborconf.engine.read import LiveState
from harborconf.engine.resolve import resolve
from harborconf.engine.schema import schema
from harborconf.engine.tree import plain
from harborconf.kinds.allowlist import Allowlist
from harborconf.kinds.base import UNSET, Declared, Kind, declared
from harborconf.kinds.catalog import KINDS, PROJECT
from harborconf.kinds.immutable import ImmutableRule
from harborconf.kinds.member import Role
from harborconf.kinds.resource import Desired, Live
from harborconf.kinds.retention_rules import Keep, Rule
from harborconf.position import Position
from harborconf.spec.address import Address
from harborconf.spec.patterns import EVERYTHING, from_pattern
from harborconf.spec.records import Foreign
from harborconf.spec.value import TEXT
from unit.engine.documents import bench, live, state
from unit.engine.values import accepted, node

VERSION = (2, 15, 2)
URL = "https://harbor.example.com"
HERE = Position("a.yaml", 1, 1)
VALIDATOR = Draft202012Validator(schema())
PROJECT_A = live("project/a", public=False)


def seen(found: Iterable[Live], *, system: bool = True) -> LiveState:
    """A live state of which everything was read."""
    whole = state(found)
    kinds: set[tuple[str | None, str]] = {
        (name, kind.name) for name in whole.places for kind in KINDS if kind.in_project
    }
    kinds.add((None, PROJECT.name))
    if system:
        kinds |= {(None, kind.name) for kind in KINDS if kind.in_system}
    return LiveState(whole.resources, whole.places, seen=frozenset(kinds), version=VERSION)


def planned(whole: LiveState, style: Style = PLAIN) -> Difference:
    """The plan of an export."""
    files = export(whole, URL, style)
    desired = resolve(read({name: text.encode() for name, text in files.items()}))
    return diff(desired, whole, bench())


def text(*found: Live, style: Style = PLAIN) -> str:
    """What the export of these resources says, files one after the other."""
    files = export(seen([PROJECT_A, *found]), URL, style)
    return "".join(files.values())


# ---- what is generated ---------------------------------------------------------------

HOSTILE = st.text(
    st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8
) | st.sampled_from(
    [
        "absent",
        "null",
        "~",
        "<<",
        "true",
        "{project}",
        "a: b # c",
        "- a",
        "&a *b !c",
        "comment-0",
        "x" * 300,
        " lead and trail ",
        "a\n\n  b\t\r\n",
        "\u0085\u2028\u202e\ufeff",
        "'\"",
        "\x1b[31m",
        "2027-01-31",
        "é😀",
        "? x",
        "---",
        "...",
    ]
)
NONSENSE = st.sampled_from(["bogus", 77, "\x1b"])


def values(item: Declared) -> st.SearchStrategy[Any]:
    """What Harbor may have in a field that can be written."""
    good = st.sampled_from(accepted(item.type)).map(lambda text: item.type.read(plain(node(text))))
    return good | HOSTILE if item.type is TEXT else good


@st.composite
def resource(draw: st.DrawFn, kind: Kind, address: Address) -> Live:
    """One that Harbor may have, now and then with nonsense in a field of one word."""
    items = [item for item in declared(kind.model) if not item.write_only]
    chosen = [item for item in items if item.required or draw(st.booleans())]
    defaults = {item.path: item.default for item in items if item.default is not UNSET}
    fields = {**defaults, **{item.path: draw(values(item)) for item in chosen}}
    wrong = [path for path, _ in kind.check(Desired(address, fields, HERE))]
    for path in (*kind.mentions(fields), *wrong):
        fields.pop(path, None)
    fields = {**defaults, **fields}
    words = [path for path, value in fields.items() if isinstance(value, str | int | Enum)]
    if words and draw(st.integers(0, 3)) == 0:
        path = draw(st.sampled_from(words))
        odd = {**fields, path: draw(NONSENSE)}
        fields = fields if path in kind.mentions(odd) else odd  # Harbor has what it names
    return Live(address, fields, {"id": 1, "registry_id": 0, "name": "x", "user_id": 2})


@st.composite
def resources(draw: st.DrawFn, kind: Kind, project: str | None) -> list[Live]:
    names: list[str | None] = [None]
    if kind.named:
        prefixes = [at.prefix for at in (kind.in_project if project else kind.in_system)]
        short = HOSTILE.map(lambda text: text[:200])  # the shortest limit is 255, prefix included
        own = draw(st.lists(short | st.sampled_from(["ci", "b-1"]), max_size=2, unique=True))
        names = [draw(st.sampled_from(prefixes)) + name for name in own]
    return [draw(resource(kind, Address(kind.name, name, project))) for name in names]


@st.composite
def live_states(draw: st.DrawFn) -> LiveState:
    found: list[Live] = []
    for name in draw(st.sampled_from([[], ["a"], ["a", "b", "c"]])):
        found.append(draw(resource(PROJECT, Address("project", name))))
        for kind in KINDS:
            if kind.in_project:
                found += draw(resources(kind, name))
    for kind in KINDS:
        if kind.in_system and kind is not PROJECT:
            found += draw(resources(kind, None))
    return seen(found)


STYLES = st.builds(Style, st.booleans(), st.booleans(), st.booleans())
SECRETS = {
    (kind.name, item.path) for kind in KINDS for item in declared(kind.model) if item.write_only
}


@settings(max_examples=40)
@given(live_states(), STYLES)
def test_an_export_plans_empty(whole: LiveState, style: Style) -> None:
    found = planned(whole, style)
    assert found.changes == []
    unknown = {(one.address.kind, one.path) for one in found.unknown}
    assert unknown <= (SECRETS if style.references else set())


@settings(max_examples=40)
@given(live_states(), STYLES)
def test_an_export_fits_the_schema_that_it_names(whole: LiveState, style: Style) -> None:
    for name, content in export(whole, URL, style).items():
        depth = name.count("/")
        first = f"# yaml-language-server: $schema={'../' * depth}harborconf.schema.json\n"
        assert content.startswith(first)
        assert next(VALIDATOR.iter_errors(pyyaml.safe_load(content)), None) is None


# ---- the text ------------------------------------------------------------------------


def test_it_reads_as_people_write() -> None:
    rules = frozenset(
        Rule.model_construct(keep=keep) for keep in (Keep("always"), Keep("pulled_within", 30))
    )
    resources = [
        live("project/a", {"project_id": 7}, public=False, cve_allowlist="inherit"),
        live("project/a/quota", storage=100 * 2**30),
        live("project/a/member/user:bob", role=Role.DEVELOPER),
        live("project/a/member/group:devs", role=Role.GUEST, type="odd"),
        live("project/a/retention", rules=rules, schedule="0 0 0 * * *"),
        live("project/a/robot/ci", expires=-1, disabled=False, description="two\nlines"),
    ]
    assert export(seen(resources, system=False), URL) == {
        "projects/a.yaml": """\
# yaml-language-server: $schema=../harborconf.schema.json
version: 1
projects:
  a:
    public: false
    cve_allowlist: inherit
    labels: {}
    robots:
      ci:
        description: "two\\nlines"
        expires: never
        disabled: false
        # secret: {file: secrets/a/ci}
    quota: 100GiB
    members:
      users:
        bob: developer
      groups:
        devs:
          role: guest
          # type: 'odd' (harborconf cannot write what Harbor has here)
    retention:
      schedule: daily
      rules:
        - {keep: always}
        - {keep: {pulled_within: 30d}}
    webhooks: {}
    preheat: {}
"""
    }


def test_only_what_was_read_is_written() -> None:
    assert export(seen([], system=False), URL) == {
        "system.yaml": f"""\
# yaml-language-server: $schema=harborconf.schema.json
version: 1
harbor:
  url: {URL}
"""
    }
    assert set(export(seen([PROJECT_A], system=False), URL)) == {"projects/a.yaml"}
    assert set(export(seen([PROJECT_A]), URL)) == {"system.yaml", "projects/a.yaml"}
    half = replace(seen([PROJECT_A]), seen=frozenset())
    assert "robots" not in export(half, URL)["projects/a.yaml"]


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("team-a", "team-a.yaml"),
        ("a.b_c", "a.b_c.yaml"),
        ("kustomization", "_kustomization.yaml"),
        ("../../etc/x", "_..%2F..%2Fetc%2Fx.yaml"),
        (".hidden", "_.hidden.yaml"),
        ("x" * 255, f"{'x' * 72}-d22609da3ae3.yaml"),
    ],
)
def test_a_projects_file(name: str, file: str) -> None:
    whole = seen([live_project(name)], system=False)
    (path,) = export(whole, URL)
    assert path == f"projects/{file}"
    assert file not in SKIPPED


def live_project(name: str) -> Live:
    return Live(Address("project", name), {"public": False}, {"project_id": 7})


def rule_of_tags(pattern: str) -> ImmutableRule:
    tags = from_pattern(pattern, excluding=False)
    return ImmutableRule.model_construct(repositories=EVERYTHING, tags=tags, disabled=False)


COMMENT = "(harborconf cannot write what Harbor has here)"


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        # A section of which nothing can be written is a comment as a whole.
        (
            live("project/a/retention", rules=frozenset({Foreign("{}")}), schedule="odd"),
            f"    # retention: schedule: 'odd' {COMMENT}; rules: frozenset({{Foreign(text='{{}}')",
        ),
        (live("project/a/quota", storage=-7), f"    # quota: storage: -7 {COMMENT}\n"),
        (
            live("project/a", scanning__block__enabled="maybe", scanning__block__severity="bogus"),
            f"    # scanning: block: enabled: 'maybe' {COMMENT}; severity: 'bogus' {COMMENT}\n",
        ),
        (
            live("project/a", scanning__block__enabled=True, scanning__block__severity="bogus"),
            "    # scanning: block: enabled: True (blocking needs a severity, for example `block:",
        ),
        (
            live("project/a", cve_allowlist=Allowlist(frozenset({"CVE-1"}), 10**15)),
            "    # cve_allowlist: Allowlist(ids=frozenset({'CVE-1'}), expires=1000000000000000",
        ),
        # A member whose role is none stays one; a name that cannot be written is a comment.
        (
            live("project/a/member/user:x y", role=77),
            f"        x y:\n          # role: 77 {COMMENT}\n",
        ),
        (
            Live(Address("label", "x" * 128, "a"), {"color": "odd", "description": ""}, {"id": 1}),
            f"      :\n        # color: 'odd' {COMMENT}\n        description: ''\n",
        ),
        (
            Live(Address("label", "{project}", "a"), {}, {"id": 1}),
            "    # other_labels: ['{project}'] (harborconf cannot write these names)\n",
        ),
        # What would be taken for a project's name cannot be written either.
        (
            live("project/a/immutable_tags", rules=frozenset({rule_of_tags("x{project}")})),
            "    # immutable_tags: rules: frozenset({ImmutableRule(",
        ),
        # A comment cannot break out of its line.
        (
            live("label/x", color="\nprotect: []\u0085\u2028"),
            f"    # color: '\\nprotect: []\\x85\\u2028' {COMMENT}\n",
        ),
    ],
)
def test_what_cannot_be_written_is_a_comment(resource: Live, expected: str) -> None:
    assert expected in text(resource)


def test_secrets_stand_as_comments_that_can_be_uncommented() -> None:
    robot = live("project/a/robot/ci", expires=1)
    user = live("user/bob o'neil", email="a@b.cd")
    written = text(robot, user)
    assert "        # secret: {file: secrets/a/ci}\n" in written
    assert "    # password: {env: HARBOR_USER_BOB_20O_NEIL_PASSWORD}\n" in written
    assert text(robot, user, style=Style(references=True)) == written.replace(
        "# secret", "secret"
    ).replace(
        "# password: {env: HARBOR_USER_BOB_20O_NEIL_PASSWORD}",
        "password:\n      env: HARBOR_USER_BOB_20O_NEIL_PASSWORD",
    ).replace("secret: {file: secrets/a/ci}", "secret:\n          file: secrets/a/ci")


def test_no_two_resources_share_a_place_for_secrets() -> None:
    names = ["zoë", "zo\u00e9", "bob-x", "bob.x", "li"]
    users = [live(f"user/{name}", email="a@b.cd") for name in names]
    written = text(*users, style=Style(references=True))
    places = re.findall(r"env: (\S+)", written)
    assert len(set(places)) == len(names)
    assert "HARBOR_USER_LI_PASSWORD" in places
    others = [live("user/bob_x", email="a@b.cd"), *users]
    assert set(places) < set(re.findall(r"env: (\S+)", text(*others, style=Style(references=True))))


def test_names_that_look_like_something_else() -> None:
    names = ["absent", "null", "<<", "true", "1", "a: b", "- x", "\u0085", "é", "x" * 128]
    whole = seen([PROJECT_A, *(Live(Address("label", name), {}, {"id": 1}) for name in names)])
    desired = resolve(read({name: one.encode() for name, one in export(whole, URL).items()}))
    assert {one.address.name for one in desired.resources if one.address.kind == "label"} == set(
        names
    )
    assert planned(whole).changes == []
