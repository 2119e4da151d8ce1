"""A plan as a page: what it is made of. What a browser makes of it is tested in tests/browser."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser

import pytest

from harborconf.engine.plan import Plan
from harborconf.report.html import Markup, render_plan, render_run, tag
from unit.report.plans import (
    EVERYTHING,
    HOSTILE,
    NOTHING,
    hostile,
    hostile_result,
    long,
    result_of,
)

VOID = {"meta", "input"}
# Everything the page may hold. Nothing here loads or points to anything.
TAGS = (
    "html head meta title style body header div p b h1 h2 ul li button span input select option"
    " output main details summary dl dt dd del ins mark i code footer script"
)
ATTRIBUTES = (
    "lang charset http-equiv content name class type data-only aria-pressed aria-label aria-live"
    " disabled id placeholder autocomplete spellcheck value hidden open title data-kind"
    " data-project data-action"
)


class Reader(HTMLParser):
    """A page: its tags and attributes, and its text but for style and script."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.open: list[str] = []
        self.raw: dict[str, str] = {}
        self.policy = ""
        self.text = ""
        self.odd: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        if ("http-equiv", "Content-Security-Policy") in attrs:
            self.policy = str(dict(attrs)["content"])
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in {"style", "script"}:
            self.raw[self.open[-1]] = self.raw.get(self.open[-1], "") + data
        else:
            self.text += data

    def handle_comment(self, data: str) -> None:
        self.odd.append(data)

    def handle_pi(self, data: str) -> None:
        self.odd.append(data)


def digest(text: str) -> str:
    return base64.b64encode(sha256(text.encode()).digest()).decode()


def page(plan: Plan) -> Reader:
    read = Reader(render_plan(plan))
    assert read.odd == []
    assert read.open == []
    assert set(read.tags) <= set(TAGS.split())
    assert read.attributes <= set(ATTRIBUTES.split())
    return read


def test_a_plan() -> None:
    read = page(EVERYTHING)
    assert read.tags.count("dl") == 10
    for text in (
        "4 to create, 4 to update, 1 to delete",
        "https://harbor.example.com with Harbor 2.15.2",
        "project/team-a/member/user:mallory",
        "{keep: {pulled_within: 30d}, repositories: [apps/**]}",
        "project/team-b/retention would delete 2 of 9 artifacts now (up to 2MiB)",
        "Not in the reviewed plan, left alone: 1",
        "project/team-a/robot/legacy: the robot has expired",
        "planned for project team-*",
    ):
        assert text in read.text


def test_it_needs_nothing_but_itself() -> None:
    text = render_run(EVERYTHING, result_of(EVERYTHING))
    assert not re.search(
        r"[ <](?:src|href|action|background)\s*=|@import|url\(|fetch\(|import\b", text
    )
    read = Reader(text)
    assert read.policy == (
        f"default-src 'none'; style-src 'sha256-{digest(read.raw['style'])}';"
        f" script-src 'sha256-{digest(read.raw['script'])}'; base-uri 'none'; form-action 'none'"
    )


def test_what_was_applied() -> None:
    read = Reader(render_run(EVERYTHING, result_of(EVERYTHING)))
    assert "Done: 7, failed: 1, skipped: 1. Run again to finish the rest." in read.text
    assert "POST /labels: 409 conflict: label release" in read.text


def test_nothing_to_do() -> None:
    assert "What is live is as desired." in page(NOTHING).text
    assert "cannot be applied" in page(replace(NOTHING, complete=False)).text


@pytest.mark.parametrize("name", HOSTILE)
def test_names_and_values_are_nothing_but_text(name: str) -> None:
    text = HOSTILE[name]
    read = page(hostile(text))
    assert "injected" not in " ".join([*read.tags, *read.attributes, *read.raw.values()])
    assert read.raw == page(NOTHING).raw
    assert not re.search(
        r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]", read.text.strip()
    )
    assert Reader(render_run(hostile(text), hostile_result(text))).odd == []
    if text.isprintable():
        assert read.text.count(text) > 10


def test_markup_is_only_what_says_so() -> None:
    assert tag("b", "<i>", tag("i", "&"), title='"') == (
        '<b title="&quot;">&lt;i&gt;<i>&amp;</i></b>'
    )
    assert tag("p", Markup("<b>")) == "<p><b></p>"
    assert tag("li", hidden=True, open=False, data_kind="x", class_="y") == (
        '<li hidden data-kind="x" class="y"></li>'
    )


def test_a_long_plan_begins_folded() -> None:
    text = render_plan(long(401, 1))
    assert '<details class="group" open>' not in text
    assert '<details class="group" open>' in render_plan(long(399, 1))
