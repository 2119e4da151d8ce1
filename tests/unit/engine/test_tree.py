"""Nodes to trees: what each kind of place accepts, and what is said of the rest."""

from __future__ import annotations

import pytest

from harborconf.engine.shape import document_shape
from harborconf.engine.tree import Fields, Leaf, Reader, Tree, Unmanaged, at_path, leaves, locate
from harborconf.position import Position
from harborconf.spec import yaml
from harborconf.spec.nodes import Node
from unit.engine.documents import document, problems


def node(text: str) -> Node:
    found = yaml.load(text.encode(), "f")
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("projcts: {}", "a.yaml:2:1: unknown key `projcts` (did you mean `projects`?)"),
        (
            "harbor: {xyz: 1}",
            "a.yaml:2:10: unknown key `xyz` (known are url)",
        ),
        ("harbor: x", "a.yaml:2:9: expected a map of url, got `x`"),
        ("harbor:", "a.yaml:2:8: expected a map of url, got nothing"),
        ("harbor: []", "a.yaml:2:9: expected a map of url, got a list"),
        ("projects: [a]", "a.yaml:2:11: expected a map with a key for each project, got a list"),
        ("projects:", "a.yaml:2:10: expected a map with a key for each project, got nothing"),
        ("profiles: x", "a.yaml:2:11: expected a map with a key for each name, got `x`"),
        ("policies: {}", "a.yaml:2:11: expected a list, got a map"),
        ("policies: [x]", "a.yaml:2:12: expected a map of match, enforced, project, got `x`"),
        (
            "projects:\n  a:\n    public:\n    quota: 1GiB",
            "a.yaml:4:12: nothing is written after the colon (expected: true or false; null",
        ),
        ("projects: {a: {public: 'true'}}", "a.yaml:2:24: expected true or false, got `true`"),
        ("projects: {'': {}}", "a.yaml:2:12: a name is empty"),
        ("profiles: {'': {}}", "a.yaml:2:12: a name is empty"),
        (
            "projects: {Team: {}}",
            "a.yaml:2:12: `Team` is no project name: lower-case letters and digits",
        ),
        (
            "projects: {a: {absent: true, public: true}}",
            "a.yaml:2:15: beside `absent: true` only `with_contents: true` may stand",
        ),
        (
            "projects: {a: {absent: false}}",
            "a.yaml:2:15: beside `absent: true` only `with_contents: true` may stand",
        ),
        (
            "projects: {a: {absent: 'true'}}",
            "a.yaml:2:15: beside `absent: true` only `with_contents: true` may stand",
        ),
        (
            "projects: {a: {previously: b}}",
            "a.yaml:2:16: `previously`: Harbor cannot rename this (keep the name, or write the old",
        ),
        ("projects: {a: {with_contents: true}}", "a.yaml:2:16: unknown key `with_contents`"),
        (
            "labels: {a: {absent: true, with_contents: true}}",
            "a.yaml:2:13: `with_contents` is for projects",
        ),
        (
            "projects: {a: {quota: absent}}",
            "a.yaml:2:23: expected a size like 100GiB, or unlimited",
        ),
        ("profiles: {a: absent}", "a.yaml:2:15: expected a map of public, scanning"),
        (
            "labels: {a: red}",
            "a.yaml:2:13: expected a map of color, description, previously, got `red`",
        ),
        (
            "projects: {'{project}': {}}",
            "a.yaml:2:12: `{project}`: {project} has a meaning in defaults, policies and profiles",
        ),
        # Braces are alternatives to Harbor: this would keep what is called `project-x`.
        (
            "projects: {a: {immutable_tags: [{tags: [x, '{project}-x']}]}}",
            "a.yaml:2:44: {project} has a meaning in defaults, policies and profiles only (write",
        ),
        (
            "robots: {r: {secret: {file: 'out/{project}'}}}",
            "a.yaml:2:29: {project} has a meaning in defaults, policies and profiles only",
        ),
        (
            "projects: {a: {members: {groups: {'{project}-devs': guest}}}}",
            "a.yaml:2:35: `{project}-devs`: {project} has a meaning in defaults",
        ),
        (
            "projects: {a: {retention: {rules: [{keep: always}, {keep: always, tag: [x]}]}}}",
            "a.yaml:2:67: unknown key `tag`; did you mean `tags`?",
        ),
        (
            "projects: {a: {retention: {rules: [{keep: {pulled_withn: 3d}}]}}}",
            "a.yaml:2:44: unknown key `pulled_withn`; did you mean `pulled_within`?",
        ),
        (
            "projects: {a: {retention: {rules: [{keep: {pulled_within: 3}}]}}}",
            "a.yaml:2:59: expected a duration in days like 90d, or never, got `3`",
        ),
        (
            "projects: {a: {retention: {rules: [{keep: {most_recently_pushed: 0}}]}}}",
            "a.yaml:2:66: keeping none would delete every image: expected 1 or more",
        ),
        ("prune: [project]", "a.yaml:2:8: `project` cannot stand here; only "),
        ("prune: label", "a.yaml:2:8: expected a list of kinds"),
        ("protect: [null]", "a.yaml:2:10: expected a list of address globs"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, expected: str) -> None:
    found = problems(text)
    assert len(found) == 1
    assert found[0].startswith(expected)


@pytest.mark.parametrize(
    "text",
    [
        "projects: null",
        "projects: ~\nprune: null",
        "harbor: {url: null}",
        "projects: {a: null}",
        "projects: {a: {members: {users: {x: null}}, quota: null, scanning: {block: null}}}",
        "projects: {a: {profile: null, prune: null}}",
        "defaults: {project: null}",
        "policies: null",
    ],
)
def test_null_may_stand_at_every_depth(text: str) -> None:
    assert document(text).files


def tree(text: str) -> Tree:
    reader = Reader()
    found = reader.read(document_shape(), node(text))
    assert reader.problems == []
    assert found is not None
    return found


def test_leaves_have_dotted_paths_and_unmanaged_ones_are_none() -> None:
    found = tree("defaults: {project: {public: true, signing: null, scanning: {block: high}}}")
    assert {path: leaf.raw for path, leaf in leaves(found)}.keys() == {
        "defaults.project.public",
        "defaults.project.scanning.block.enabled",
        "defaults.project.scanning.block.severity",
    }


def test_a_short_form_has_the_place_of_what_is_written() -> None:
    found = at_path(tree("defaults: {project: {scanning: {block: high}}}"), ("defaults", "project"))
    places = {path: leaf.position for path, leaf in leaves(found)}
    assert set(places.values()) == {Position("f", 1, 40)}


def test_at_a_path() -> None:
    found = tree("harbor: {url: x}\nusers: null")
    assert isinstance(at_path(found, ("harbor", "url")), Leaf)
    assert isinstance(at_path(found, ("users",)), Unmanaged)
    assert isinstance(at_path(found, ()), Fields)
    assert at_path(found, ("users", "bob")) is None
    assert at_path(found, ("nowhere",)) is None


@pytest.mark.parametrize(
    ("path", "at_key", "column"),
    [
        ((), False, 1),
        (("a",), False, 5),
        (("a",), True, 2),
        (("a", 1, "b"), False, 13),
        (("a", 1, "b"), True, 10),
        (("a", 1, "c"), True, 9),
        (("a", 7), False, 5),
        (("a", 0, "x"), False, 6),
    ],
)
def test_located(path: tuple[str | int, ...], at_key: bool, column: int) -> None:
    assert locate(node("{a: [x, {b: c}]}"), path, at_key=at_key) == Position("f", 1, column)
