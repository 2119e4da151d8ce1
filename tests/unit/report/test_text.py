"""A plan at a terminal."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from rich.console import Console

from harborconf.engine.plan import Action, Change, FieldChange, Plan
from harborconf.report.text import render_plan, render_result
from harborconf.spec.address import Address
from unit.report.plans import EVERYTHING, HOSTILE, NOTHING, hostile, hostile_result, plan_of

SUMMARY = (
    "Plan for https://harbor.example.com (Harbor 2.15.2): 4 to create, 4 to update, 1 to delete,"
    " 1 blocked, 1 pending, 1 cannot tell, 3 extra."
)


def lines(plan: Plan) -> list[str]:
    return [line.plain for line in render_plan(plan)]


def test_a_plan() -> None:
    told = lines(EVERYTHING)
    assert told[-1] == SUMMARY
    for line in (
        "+ label/release  desired/platform.yaml:9:5",
        "    email  alice@example.org -> alice@example.com",
        "    scanning.on_push  false -> true",
        "- project/team-a/member/user:mallory  asked for by `absent`  desired/team-a.yaml:9:5",
        "    secret       {file: out/team-a-ci}  (Harbor does not accept it)",
        "? user/bob#password: cannot tell (Harbor never tells it)",
        "Not in the reviewed plan (1, left alone):",
        "  ~ project/team-c/quota  storage",
        "project/team-b/retention would delete 2 of 9 artifacts now (up to 2MiB)",
        "    apps/web: keeps 2, deletes 2: v1; sha256:0123456789ab",
        "    base: keeps 5",
        "note: project/team-a/robot/legacy: the robot has expired",
    ):
        assert line in told
    start = told.index("    rules")
    assert told[start + 1 : start + 4] == [
        "      + {keep: {most_recently_pushed: 10}, tags: [v*]}",
        "      + {keep: {pulled_within: 30d}, repositories: [apps/**]}",
        "      + {keep: always, tags: [release-*, lts-*], untagged: false}",
    ]


def test_nothing_to_do() -> None:
    where = "https://harbor.example.com (Harbor 2.15.2)"
    assert lines(NOTHING) == [f"Nothing to do: {where} is as desired; 0 extra."]
    left = replace(NOTHING, elsewhere=EVERYTHING.elsewhere)
    assert lines(left)[-1] == f"Nothing to do: the reviewed plan for {where} is empty."


def test_a_long_text_is_cut_where_nobody_would_read_on() -> None:
    field = FieldChange("description", "x" * 9000, "x" * 9000 + "!")
    line = lines(plan_of(Change(Address("robot", "r"), Action.UPDATE, (field,))))[1]
    assert len(line) < 400
    assert line.endswith('x!" (9,003 characters)')


def test_a_deletion_says_what_goes_with_it() -> None:
    field = FieldChange("contents", "3 repositories, 7 artifacts and 1GiB", None)
    told = lines(plan_of(Change(Address("project", "x"), Action.DELETE, (field,), "asked for")))
    assert told[:2] == [
        "- project/x  asked for",
        '    contents  "3 repositories, 7 artifacts and 1GiB"',
    ]


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_hostile_reaches_the_terminal(name: str) -> None:
    text = HOSTILE[name]
    out = io.StringIO()
    console = Console(file=out, soft_wrap=True, highlight=False, markup=False, emoji=False)
    every = [*render_plan(hostile(text)), *render_result(hostile_result(text))]
    for line in every:
        console.print(line)
    assert not re.search(
        r"[^\n -~\xa1-\ud7ff]|[\xad\u200b-\u200f\u2028-\u202e\u2060-\u206f]", out.getvalue()
    )
    assert out.getvalue().count("\n") == len(every) + sum(line.plain.count("\n") for line in every)
    if text.isprintable() and text.isascii() and '"' not in text and "\\" not in text:
        assert out.getvalue().count(text) > 10
