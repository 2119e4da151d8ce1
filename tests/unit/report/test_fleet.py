"""Many targets: what is shown once, what is folded, and what fits."""

from __future__ import annotations

import json
from dataclasses import replace

from jsonschema import Draft202012Validator

from harborconf.engine.apply import Result, Skipped
from harborconf.engine.plan import Action, Change, FieldChange, Plan, Refusal
from harborconf.kinds.resource import Step
from harborconf.report.fleet import (
    matrix,
    render_json,
    render_markdown,
    render_matrix,
    render_plans,
)
from harborconf.report.plans_format import schema
from harborconf.report.run import Run
from harborconf.spec.address import parse
from unit.report.plans import EVERYTHING, HOSTILE, hostile, hostile_result

WIDTH = 100


def change(address: str, action: Action = Action.UPDATE, after: str = "new") -> Change:
    return Change(parse(address)[0], action, (FieldChange("description", "old", after),))


def plan(*changes: Change, extras: tuple[str, ...] = ()) -> Plan:
    found = tuple(parse(address)[0] for address in extras)
    return Plan("https://harbor.example.com", "2.15.2", "0", "", changes, found)


def run(made: Plan | None, *errors: str, advice: str = "") -> Run:
    code = 1 if errors else 2 if made and made.is_applicable else 0
    return Run("plan", 1.0, 2.0, code, made, errors=errors, advice=advice)


def table(runs: dict[str, Run], width: int = WIDTH) -> list[str]:
    return [line.plain for line in render_matrix(runs, width)]


SMALL = plan(change("label/x"))


def test_changes_blocked_ones_and_extras_are_told_apart() -> None:
    runs = {
        "a": run(
            plan(
                change("label/x"),
                change("label/y", Action.BLOCKED),
                change("user/ann", Action.PENDING),
                extras=("project/t/member/user:bob",),
            )
        ),
        "b": run(None, "no answer", advice="look"),
        "c": run(plan()),
    }
    assert table(runs) == [
        "target  label  member  all",
        "a       1 !1   (1)     1 !1 (1)",
        "b       error",
        "c       .      .       .",
        "Changes by kind, of which those after a ! are blocked; extras in ().",
        "! b: no answer",
        "  look",
        "3 targets: 1 change on 1, 1 not well, 1 extra.",
    ]


def test_what_a_guard_stops_and_what_was_not_finished_is_no_success() -> None:
    refusal = Refusal("removals", "too many", "30", "20")
    stopped = run(replace(SMALL, refusals=(refusal,)))
    done, unfinished = run(SMALL), run(SMALL)
    step = Step("update", parse("label/x")[0])
    done.result = Result(done=(step,))
    unfinished.result = Result(skipped=(Skipped(step, "stopped on request"),))
    assert [row.error for row in matrix({"a": stopped, "b": unfinished, "c": done})] == [
        "stopped by removals",
        "0 steps failed, 1 skipped",
        "",
    ]


def test_those_without_anything_are_told_in_one_line_where_they_are_many() -> None:
    quiet = {f"t{number}": run(plan()) for number in range(198)}
    lines = table({"first": run(SMALL), **quiet, "last": run(None, "no answer")})
    assert lines == [
        "target  label  all",
        "first   1      1",
        "last    error",
        "t0, t1, t2, t3, t4, t5, t6, t7 and 190 more: nothing to do",
        "! last: no answer",
        "200 targets: 1 change on 1, 1 not well, 0 extra.",
    ]


def test_a_table_that_is_too_wide_is_a_line_for_each() -> None:
    wide = plan(*(change(one) for one in ("label/x", "user/a", "registry/r", "group/g")))
    lines = table({"a": run(wide), "b": run(None, "no answer")}, 30)
    assert lines[:2] == ["a: registry 1, user 1, label 1, group 1", "b: error"]


def test_what_fails_alike_is_told_once() -> None:
    runs = {name: run(None, "base.yaml:1:1: wrong", advice="look") for name in "abc"}
    assert table(runs)[4:6] == ["! a, b, c: base.yaml:1:1: wrong", "  look"]


def test_plans_alike_are_shown_once() -> None:
    other = plan(change("label/x", after="newer"))
    runs = {"a": run(SMALL), "b": run(other), "c": run(SMALL), "d": run(plan())}
    lines = [line.plain for line in render_plans(runs)]
    assert [line for line in lines if line.startswith(("==", "Plan"))] == [
        "== a, c",
        "Plan for each of 2: 0 to create, 1 to update, 0 to delete, 0 extra.",
        "== b",
        f"Plan for {SMALL.url} (Harbor 2.15.2): 0 to create, 1 to update, 0 to delete, 0 extra.",
    ]


def test_what_does_not_fit_into_a_comment_is_cut_and_counted() -> None:
    many = [change(f"label/l{number}", after="x" * 100) for number in range(300)]
    runs = {f"t{number}": run(plan(*many, change(f"label/own{number}"))) for number in range(200)}
    whole = Run("plan", 1.0, targets=runs)
    text = render_markdown(whole, "harborconf plan --fleet")
    assert len(text) < 65_536
    assert "targets more.** The whole is shown by `harborconf plan --fleet`." in text
    assert text.count("<details") == text.count("</details>")
    assert "| t199 |" in text


def test_the_json_is_plain_text_that_its_schema_describes() -> None:
    Draft202012Validator.check_schema(schema())
    runs = {
        "planned": run(EVERYTHING),
        "failed": run(None, "no answer", advice="look"),
        **{name: run(hostile(text)) for name, text in HOSTILE.items()},
    }
    for name, text in HOSTILE.items():
        runs[name].result = hostile_result(text)
    written = render_json(Run("apply", 1.0, 2.0, 1, targets=runs))
    Draft202012Validator(schema()).validate(json.loads(written))
    assert all(character == "\n" or " " <= character <= "~" for character in written)
