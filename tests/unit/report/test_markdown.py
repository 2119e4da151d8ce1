"""A plan as a comment: what a renderer of CommonMark makes of it."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt

from harborconf.engine.plan import Action, Change, FieldChange, Plan
from harborconf.report.markdown import MOST, render_plan, render_run
from harborconf.spec.address import Address
from unit.report.plans import (
    EVERYTHING,
    HOSTILE,
    NOTHING,
    hostile,
    hostile_result,
    long,
    plan_of,
    result_of,
)

GITHUB = 65_536
# Everything a comment of ours may hold.
TAGS = {"h3", "p", "strong", "code", "pre", "details", "summary"}
IN_CODE = {"code", "pre"}


class Reader(HTMLParser):
    """The rendered comment: its tags, and its text in code and outside of it."""

    def __init__(self, markdown: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.code = ""
        self.prose = ""
        self.odd: list[str] = []
        self.feed(MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(markdown))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.open.append(tag)
        plain = tag == "code" and all(
            re.fullmatch(r"language-(diff|text)", str(v)) for _, v in attrs
        )
        if tag not in TAGS or not (plain or {name for name, _ in attrs} <= {"open"}):
            self.odd.append(f"<{tag} {attrs}>")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if IN_CODE & set(self.open):
            self.code += data
        else:
            self.prose += data

    def handle_comment(self, data: str) -> None:
        self.odd.append(data)

    def handle_decl(self, decl: str) -> None:
        self.odd.append(decl)

    handle_pi = unknown_decl = handle_comment


def test_a_plan() -> None:
    text = render_plan(EVERYTHING)
    assert text.startswith("### harborconf: 4 to create, 4 to update, 1 to delete\n")
    assert "`https://harbor.example.com`, Harbor `2.15.2`: 1 blocked, 1 pending," in text
    assert "**To delete**: 1\n\n```diff\n- project/team-a/member/user:mallory" in text
    assert "<details open><summary><code>project/team-a</code>: 3 to update</summary>" in text
    assert (
        "@@ project/team-a/quota @@  # desired/team-a.yaml:4:5\n"
        "-   storage: 100GiB\n+   storage: 200GiB\n" in text
    )
    assert "\n    permissions:\n-     {artifact: [read]}\n+     {repository: [push]}\n" in text
    assert "\n+   rules:\n+     {keep: {most_recently_pushed: 10}, tags: [v*]}\n" in text
    assert "@@ project/team-b/retention would delete 2 of 9 artifacts now (up to 2MiB) @@\n" in text
    assert "\n- apps/web: keeps 2, deletes 2: v1; sha256:0123456789ab\n  base: keeps 5\n" in text
    assert Reader(text).odd == []


def test_what_was_applied() -> None:
    text = render_run(EVERYTHING, result_of(EVERYTHING))
    assert "**Done: 7, failed: 1, skipped: 1. Run again to finish the rest.**" in text
    assert "- create label/release\n-   POST /labels: 409 conflict: label release\n" in text


@pytest.mark.parametrize(
    ("plan", "title"),
    [
        (NOTHING, "nothing to do"),
        (plan_of(Change(Address("user", "u"), Action.BLOCKED)), "nothing that can be done"),
    ],
)
def test_nothing_to_do(plan: Plan, title: str) -> None:
    assert render_plan(plan).startswith(f"### harborconf: {title}\n")


def test_an_incomplete_plan_says_so() -> None:
    assert "**The plan is incomplete" in render_plan(replace(EVERYTHING, complete=False))


@pytest.mark.parametrize("name", HOSTILE)
def test_names_and_values_are_nothing_but_text(name: str) -> None:
    text = HOSTILE[name]
    harmless = Reader(render_run(hostile("x" * len(text)), hostile_result("x" * len(text))))
    read = Reader(render_run(hostile(text), hostile_result(text)))
    assert read.odd == []
    assert read.tags == harmless.tags
    # Outside of code is only what we say ourselves: no mention, no link, no word of theirs.
    assert read.prose == harmless.prose
    assert len(read.code) >= len(harmless.code) * 3 / 4


def test_a_long_plan_is_folded() -> None:
    text = render_plan(long(40, 1))
    assert "<details><summary>" in text
    assert "<details open>" not in text


def cut_note(text: str) -> tuple[int, str]:
    match = re.search(
        r"\*\*Cut here: (\d+) entries more.\*\* The whole is shown by (.*)\.\n$", text
    )
    assert match, text[-300:]
    return int(match[1]), match[2]


@pytest.mark.parametrize(
    "plan",
    [
        long(3000),
        long(1, 3000),
        long(700, 1),
        plan_of(
            *(Change(Address("user", f"u{n}"), Action.BLOCKED, (), "`" * 900) for n in range(999))
        ),
        replace(long(2000), url=f"https://{'x' * 90_000}"),
        replace(NOTHING, notices=("n" * 500,) * 900),
    ],
)
def test_a_plan_that_is_too_long_is_cut_and_says_where_the_whole_is(plan: Plan) -> None:
    text = render_plan(plan, "harborconf show plan.json")
    assert MOST - 2000 < len(text) <= MOST < GITHUB
    number, where = cut_note(text)
    assert number > 0
    assert where == "`harborconf show plan.json`"
    read = Reader(text)
    assert read.odd == []
    assert read.open == []
    assert "Cut here" in read.prose


def test_the_note_counts_what_is_not_there_in_full() -> None:
    text = render_plan(long(3000))
    number, _ = cut_note(text)
    assert number == 3000 - len(re.findall(r"^\+ .*v\d+\.2\]}$", text, re.MULTILINE))


def test_deletions_are_never_cut_before_anything_else() -> None:
    text = render_plan(long(3000))
    assert text.index("- project/zzz/member/user:zed") < text.index("project-0000")


def test_a_plan_that_just_fits_is_not_cut() -> None:
    sizes = [len(render_plan(long(number, 1))) for number in range(1, 300, 50)]
    assert max(sizes) < MOST
    assert "Cut here" not in render_plan(long(250, 1))


def test_a_field_whose_values_are_long_is_cut_around_the_difference() -> None:
    field = FieldChange("description", "x" * 9000, "x" * 8999 + "y")
    text = render_plan(plan_of(Change(Address("robot", "r"), Action.UPDATE, (field,))))
    assert len(text) < 1000
    assert re.search(r"^\+ .*xy", text, re.MULTILINE)
