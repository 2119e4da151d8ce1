"""The report of a run: counts, what failed, how it ended."""

from __future__ import annotations

import json

import jsonschema

from harborconf.engine.plan import Action
from harborconf.report.run import Run, render
from harborconf.report.run_format import schema
from unit.report.plans import EVERYTHING, HOSTILE, hostile, hostile_result, result_of

VALIDATOR = jsonschema.Draft202012Validator(schema())
BEGUN = 1_800_000_000.0


def test_a_run_tells_counts_and_what_failed() -> None:
    run = Run("apply", BEGUN, 1.23456, 1, EVERYTHING, result_of(EVERYTHING))
    told = json.loads(render(run))
    VALIDATOR.validate(told)
    assert told["begun"] == "2027-01-15T08:00:00+00:00"
    assert told["seconds"] == 1.235
    assert told["exit_code"] == 1
    assert told["harbor"] == {"url": EVERYTHING.url, "version": EVERYTHING.harbor_version}
    summary = told["plan"]["summary"]
    for action in Action:
        found = [one for one in told["plan"]["changes"] if one["action"] == action.value]
        assert summary[action.value] == len(found) == EVERYTHING.count(action)
    assert told["plan"]["guards"] == [one.guard for one in EVERYTHING.refusals]
    result = told["result"]
    for outcome in ("failed", "skipped"):
        assert result["summary"][outcome] == len(result[outcome]) > 0


def test_a_run_without_a_plan_tells_why() -> None:
    told = json.loads(render(Run("plan", BEGUN, errors=("nothing answers",), advice="wait")))
    VALIDATOR.validate(told)
    assert (told["plan"], told["result"], told["harbor"]) == (None, None, None)
    assert (told["errors"], told["advice"], told["exit_code"]) == (["nothing answers"], "wait", 1)


def test_whatever_stands_in_names_is_plain_ascii() -> None:
    for text in HOSTILE.values():
        written = render(Run("apply", BEGUN, 0, 1, hostile(text), hostile_result(text)))
        assert written.isascii()
        assert not set(written) & {chr(code) for code in range(32) if chr(code) != "\n"}


def test_the_runs_of_a_fleet_fit_the_schema_too() -> None:
    run = Run("plan", BEGUN, targets={"one": Run("plan", BEGUN, 1.0, 2, EVERYTHING)})
    VALIDATOR.validate(json.loads(render(run)))
