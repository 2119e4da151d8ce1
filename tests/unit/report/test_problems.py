"""Annotations: a problem at its line, and no text that is taken for a command."""

from __future__ import annotations

from harborconf.errors import Problem
from harborconf.position import Position
from harborconf.report.problems import annotation, of_problem
from unit.report.plans import HOSTILE


def test_a_problem_stands_at_its_line_with_its_advice() -> None:
    problem = Problem("no such field", Position("desired/a.yaml", 3, 5), "did you mean quota?")
    assert of_problem("error", problem) == (
        "::error file=desired/a.yaml,line=3,col=5::no such field (did you mean quota?)"
    )


def test_without_a_place_it_is_said_all_the_same() -> None:
    assert of_problem("warning", Problem("odd", None)) == "::warning::odd"


def test_no_text_begins_another_command() -> None:
    for text in (*HOSTILE.values(), "a\n::set-output name=x::y", "a\r\n::error::b"):
        written = annotation("error", text, Position(text, 1, 1))
        assert len(written.splitlines()) == 1
        where, _, _ = written.removeprefix("::error file=").partition(",line=")
        assert not set(where) & {":", ","}
