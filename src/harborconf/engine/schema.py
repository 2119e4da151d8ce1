"""The JSON Schemas of a file and of a fleet's file. Each accepts every one that loads."""

from __future__ import annotations

from typing import Any

from harborconf.engine.fleet import fleet_shape
from harborconf.engine.shape import (
    FieldsShape,
    LeafShape,
    ListShape,
    NamedShape,
    Shape,
    document_shape,
)

_NULL = {"type": "null"}


def schema() -> dict[str, Any]:
    """The schema, draft 2020-12, with every field's meaning for editors."""
    return _whole("harborconf", document_shape(), "version")


def fleet_schema() -> dict[str, Any]:
    """The schema of a fleet's file."""
    return _whole("A fleet of harborconf's", fleet_shape(), "version", "targets")


def _whole(title: str, shape: FieldsShape, *required: str) -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        **_fields(shape),
        "required": list(required),
    }


def _of(shape: Shape) -> dict[str, Any]:
    match shape:
        case LeafShape(type=kind, doc=doc):
            return {"anyOf": [dict(kind.schema), _NULL], **_described(doc)}
        case FieldsShape():
            choices = [_fields(shape), _NULL]
            if shape.short_schema is not None:
                choices.insert(0, dict(shape.short_schema))
            return {"anyOf": choices, **_described(shape.doc)}
        case NamedShape():
            return {"anyOf": [_named(shape), _NULL], **_described(shape.doc)}
        case ListShape():
            items = {"type": "array", "items": _fields(shape.item)}
            return {"anyOf": [items, _NULL], **_described(shape.doc)}


def _described(doc: str) -> dict[str, str]:
    return {"description": doc} if doc else {}


def _fields(shape: FieldsShape) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {name: _of(child) for name, child in shape.fields.items()},
        "additionalProperties": False,
    }


def _named(shape: NamedShape) -> dict[str, Any]:
    item = _of(shape.item)
    if shape.can_be_absent:
        absent: dict[str, Any] = {"absent": {"const": True}}
        if shape.contents:
            absent["with_contents"] = {"const": True}
        item["anyOf"] += [
            {"const": "absent"},
            {
                "type": "object",
                "properties": absent,
                "required": ["absent"],
                "additionalProperties": False,
            },
        ]
    return {"type": "object", "additionalProperties": item}
