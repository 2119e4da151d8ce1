"""The JSON Schema of a file accepts whatever loads, and refuses keys that nobody knows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import yaml as pyyaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from harborconf.engine.load import read
from harborconf.engine.schema import schema
from harborconf.engine.shape import (
    FieldsShape,
    LeafShape,
    ListShape,
    NamedShape,
    Shape,
    document_shape,
)
from harborconf.spec.nodes import Map, Node, Null, Scalar, Sequence
from unit.engine.values import accepted, node

VALIDATOR = Draft202012Validator(schema())

NAMES = [
    "a",
    "b-1",
    "10021",
    "true",
    "null",
    "on",
    "team a",
    "{project}",
    "{project}-x",
    "2027-01-31",
]


def texts(shape: Shape, *, in_template: bool = False) -> st.SearchStrategy[str]:
    """YAML in one line that loads at a place of this shape."""
    null = st.sampled_from(["null", "~"])
    match shape:
        case LeafShape(type=kind):
            return st.sampled_from(accepted(kind)) | null
        case ListShape(item=item):
            return st.lists(fields(item), max_size=2).map(lambda items: f"[{', '.join(items)}]")
        case NamedShape():
            return named(shape, in_template=in_template) | null
        case FieldsShape():
            return fields(shape, in_template=in_template) | null | short(shape)


def short(shape: FieldsShape) -> st.SearchStrategy[str]:
    if shape.expand is None or shape.short_schema is None:
        return st.nothing()
    word = shape.short_schema.get("const")
    forms = shape.short_schema.get("enum") if word is None else [word]
    if forms is not None:
        return st.sampled_from([str(form).lower() for form in forms])
    inner = next(iter(shape.fields.values()))
    assert isinstance(inner, LeafShape)
    return st.sampled_from(accepted(inner.type))


@st.composite
def fields(draw: st.DrawFn, shape: FieldsShape, *, in_template: bool = False) -> str:
    keys = draw(st.lists(st.sampled_from(sorted(shape.fields)), unique=True, max_size=4))
    inside = in_template or shape.is_template
    found = [
        f"{key}: {draw(texts(shape.fields[key], in_template=inside))}"
        for key in keys
        if key != "version"
    ]
    return f"{{{', '.join(found)}}}"


@st.composite
def named(draw: st.DrawFn, shape: NamedShape, *, in_template: bool) -> str:
    def fits(name: str) -> bool:
        if "{project}" in name:
            return in_template
        return shape.kind is None or not shape.kind.check_name(name)

    names = draw(st.lists(st.sampled_from([*filter(fits, NAMES)]), unique=True, max_size=3))
    item = texts(shape.item, in_template=in_template) | st.just("")
    if shape.can_be_absent:
        item |= st.sampled_from(["absent", "{absent: true}"])
    if shape.contents:
        item |= st.just("{absent: true, with_contents: true}")
    found = [f'"{name}": {draw(item)}' for name in names]
    return f"{{{', '.join(found)}}}"


CORE = (
    (re.compile(r"|~|null|Null|NULL"), lambda _: None),
    (re.compile(r"true|True|TRUE|false|False|FALSE"), lambda text: text.lower() == "true"),
    (re.compile(r"[-+]?[0-9]+"), int),
    (re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"), float),
)


def as_yaml_1_2(text: str) -> Any:
    """A value without quotes as editors see it: the core schema of YAML 1.2."""
    return next((read(text) for form, read in CORE if form.fullmatch(text)), text)


def as_yaml_1_1(text: str) -> Any:
    """The same as PyYAML sees it; a date has no word in JSON but text."""
    found = pyyaml.safe_load(text)
    return str(found) if isinstance(found, date) else found


def json_of(found: Node, scalar: Any) -> Any:
    match found:
        case Scalar(text=text, plain=is_plain):
            return scalar(text) if is_plain else text
        case Null():
            return None
        case Sequence(items=items):
            return [json_of(item, scalar) for item in items]
        case Map(entries=entries):
            return {key: json_of(entry.node, scalar) for key, entry in entries.items()}


@st.composite
def documents(draw: st.DrawFn) -> str:
    return draw(fields(document_shape()))


@given(documents())
def test_it_accepts_every_file_that_loads(text: str) -> None:
    content = f"{{version: 1, {text[1:]}"
    assert read({"a.yaml": content.encode()}).files
    for scalar in (as_yaml_1_2, as_yaml_1_1):
        found = json_of(node(content), scalar)
        problem = next(VALIDATOR.iter_errors(found), None)
        assert problem is None, f"{problem}"


def every(
    shape: Shape, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], FieldsShape]]:
    """Every map of fields, with the keys that lead to it; `[]` is an item of a list."""
    match shape:
        case FieldsShape(fields=found):
            yield path, shape
            for key, child in found.items():
                yield from every(child, (*path, key))
        case NamedShape(item=item):
            yield from every(item, (*path, "a"))
        case ListShape(item=item):
            yield from every(item, (*path, "[]"))
        case LeafShape():
            return


PLACES = {".".join(path): path for path, _ in every(document_shape())}


@pytest.mark.parametrize("place", PLACES)
def test_it_refuses_unknown_keys_everywhere(place: str) -> None:
    value: Any = {"nobody_knows": 1}
    empty: Any = {}
    for key in reversed(PLACES[place]):
        value, empty = ([value], [empty]) if key == "[]" else ({key: value}, {key: empty})
    assert not VALIDATOR.is_valid({"version": 1, **value})
    assert VALIDATOR.is_valid({"version": 1, **empty})


@pytest.mark.parametrize(
    "value",
    [
        {},
        [],
        {"version": 2},
        {"version": 1, "projects": {"a": {"quota": 7}}},
        {"version": 1, "projects": {"a": {"public": "true"}}},
        {"version": 1, "projects": {"a": {"members": {"users": {"x": "boss"}}}}},
        {"version": 1, "projects": {"a": {"scanning": {"block": "worst"}}}},
        {"version": 1, "projects": {"a": {"absent": True, "public": True}}},
        {"version": 1, "users": {"a": {"password": "Hidden-1234"}}},
    ],
)
def test_it_refuses_what_is_plainly_wrong(value: Any) -> None:
    assert not VALIDATOR.is_valid(value)


def test_every_type_has_an_example_here() -> None:
    """Else what is generated above says nothing of it."""
    for _, shape in every(document_shape()):
        for child in shape.fields.values():
            if isinstance(child, LeafShape):
                assert accepted(child.type)


def test_it_is_a_schema_and_describes_every_field() -> None:
    Draft202012Validator.check_schema(schema())
    for path, shape in every(document_shape()):
        undescribed = [
            key
            for key, child in shape.fields.items()
            if isinstance(child, LeafShape) and not child.doc
        ]
        assert undescribed == [], path
