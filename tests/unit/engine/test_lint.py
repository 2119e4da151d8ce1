"""What cannot do what it seems to is told in each plan, with its place, and once."""

from __future__ import annotations

from harborconf.engine.lint import lint
from harborconf.engine.planning import make_plan
from unit.engine.documents import bench, resolved, state

TEXT = """
    defaults:
      project:
        retention: {rules: [{keep: {most_recently_pushed: 3}, tags: ["v*", "x y"]}]}
        immutable_tags: [{tags: ["v*"]}, {repositories: ["{project}/**"]}, {tags: [a/b]}]
    projects: {a: , b: , c: {retention: {rules: []}, immutable_tags: [{tags: ["v*", "x y"]}]}}
"""


def test_what_many_projects_have_from_one_place_is_told_once() -> None:
    assert [(str(one.position), one.message) for one in lint(resolved(TEXT))] == [
        ("a.yaml:4:72", "no tag can match `x y`"),
        ("a.yaml:5:80", "no tag can match `a/b`"),
        ("a.yaml:5:54", "`a/**` is for the repository a/a/**"),
        ("a.yaml:6:81", "no tag can match `x y`"),
    ]


def test_every_plan_says_so() -> None:
    desired = resolved(TEXT)
    notices = make_plan(desired, state(), bench()).notices
    assert set(notices) >= {str(one) for one in lint(desired)}
