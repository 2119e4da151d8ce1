"""A plan as JSON: what is read back is what was written, and nothing else is read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import MISSING, fields
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from harborconf.engine.plan import Action, Change, FieldChange, Plan, Refusal, Unknown
from harborconf.report.json import (
    NotAPlanError,
    OtherFormatError,
    digest_of,
    read_plan,
    render_plan,
    render_run,
)
from harborconf.report.plan_format import Summary, schema
from unit.report.plans import EVERYTHING, HOSTILE, NOTHING, hostile, hostile_result, result_of

PLANS = {
    "everything": EVERYTHING,
    "nothing": NOTHING,
    **{k: hostile(v) for k, v in HOSTILE.items()},
}
TEXT = render_plan(EVERYTHING)


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_is_the_same_when_it_is_read_back(name: str) -> None:
    plan = PLANS[name]
    text = render_plan(plan)
    assert read_plan(text) == plan
    assert read_plan(text).previews == plan.previews
    assert render_plan(read_plan(text)) == text
    assert read_plan(text.encode()) == plan


@pytest.mark.parametrize("kind", [Plan, Change, FieldChange, Unknown, Refusal])
def test_what_is_read_back_above_fills_every_field(kind: type[Any]) -> None:
    """A new field of a plan has to be in its JSON; the test above sees to it if this one does."""
    plan = hostile("x y")
    own: dict[type[Any], Any] = {
        Plan: plan,
        Change: plan.changes[0],
        FieldChange: plan.changes[0].fields[1],
        Unknown: plan.unknown[0],
        Refusal: plan.refusals[0],
    }
    left = [
        one.name
        for one in fields(kind)
        if one.compare
        and one.default is not MISSING
        and getattr(own[kind], one.name) == one.default
    ]
    assert left == (["complete"] if kind is Plan else [])


def test_an_incomplete_plan_stays_so() -> None:
    text = render_plan(Plan("u", "2.15.2", "0.1.0", "", complete=False))
    assert not read_plan(text).complete


@pytest.mark.parametrize("name", PLANS)
def test_it_is_plain_text_that_its_schema_describes(name: str) -> None:
    plan = PLANS[name]
    Draft202012Validator.check_schema(schema())
    validator = Draft202012Validator(schema())
    text = HOSTILE.get(name, "x")
    for document in (render_plan(plan), render_run(plan, hostile_result(text))):
        assert all(character == "\n" or " " <= character <= "~" for character in document)
        validator.validate(json.loads(document))


def test_the_summary_knows_every_action() -> None:
    assert set(Summary.model_fields) == {action.value for action in Action} | {"unknown", "extra"}


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where something stands in a document."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from places(item, (*path, key))
    elif isinstance(value, list):
        yield path
        for index, item in enumerate(value):
            yield from places(item, (*path, index))
    else:
        yield path


def edited(path: tuple[Any, ...]) -> str:
    """The document with another value at a place."""
    document = json.loads(TEXT)
    place = document
    for key in path[:-1]:
        place = place[key]
    match place[path[-1]]:
        case bool() as value:
            place[path[-1]] = not value
        case list() as value:
            place[path[-1]] = [*value, "more"]
        case None:
            place[path[-1]] = "something"
        case int() as value:
            place[path[-1]] = value + 1
        case value:
            place[path[-1]] = f"{value}x"
    return json.dumps(document)


def test_an_edited_plan_is_refused_wherever_it_was_edited() -> None:
    every = list(places(json.loads(TEXT)))
    assert len(every) > 200
    for path in every:
        with pytest.raises(NotAPlanError, match=r"was changed after|of plan format"):
            read_plan(edited(path))


def test_a_plan_that_was_cut_off_is_refused_wherever_it_was_cut() -> None:
    for end in range(0, len(TEXT) - 1, 97):
        with pytest.raises(NotAPlanError, match="is no JSON, or was cut off"):
            read_plan(TEXT[:end])


def signed(**changes: Any) -> str:
    """A document that somebody edited and gave the digest that fits."""
    document = {**json.loads(TEXT), **changes}
    return json.dumps({**document, "digest": digest_of(document)})


BAD: dict[str, tuple[str | bytes, str]] = {
    "nothing": ("", "is no JSON"),
    "no JSON": ("version: 1\nprojects: {}\n", "is no JSON"),
    "no text": (b"\xff\xfe\x00\x01", "is no JSON"),
    "a number too long": ("9" * 9999, "is no plan of harborconf"),
    "very deep": ("[" * 200_000, "is no plan of harborconf"),
    "very deep and a plan": (
        f'{{"format": 1, "digest": "", "x": {"[" * 900}{"]" * 900}}}',
        "is|was",
    ),
    "a list": ("[]", "is no plan of harborconf"),
    "another thing": ("{}", "is no plan of harborconf"),
    "no digest": ('{"format": 1}', "is no plan of harborconf"),
    "no digest left": (TEXT.replace('"digest"', '"digset"'), "is no plan of harborconf"),
    "something more": (signed(more=1), "is no plan of harborconf"),
    "something less": (signed(changes=None), "is no plan of harborconf"),
    "another summary": (
        signed(summary={**json.loads(TEXT)["summary"], "delete": 0}),
        "is no plan of harborconf",
    ),
    "no address": (signed(extras=["//"]), "is no plan of harborconf"),
    "what apply did": (render_run(EVERYTHING, result_of(EVERYTHING)), "is what apply did"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_plan_is_refused(name: str) -> None:
    text, message = BAD[name]
    with pytest.raises(NotAPlanError, match=message):
        read_plan(text)


def test_a_plan_of_another_format_is_told_apart() -> None:
    with pytest.raises(OtherFormatError, match="is of plan format 2, not 1"):
        read_plan(signed(format=2))


def test_how_json_is_spaced_and_ordered_does_not_matter() -> None:
    document = json.loads(TEXT)
    assert read_plan(json.dumps(dict(reversed(document.items())))) == EVERYTHING
