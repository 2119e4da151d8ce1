"""Lists without names, such as rules: one value each, made of small frozen models."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from harborconf.spec.value import ValueType, shown


class Record(BaseModel):
    """One item of such a list. Every field that is not written has its documented default."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, arbitrary_types_allowed=True, defer_build=True
    )


@dataclass(frozen=True, slots=True)
class Foreign:
    """Something live that cannot be written as YAML; `text` shows it."""

    text: str


_Record = TypeVar("_Record", bound=Record)


def readable(items: Iterable[_Record | Foreign]) -> tuple[_Record, ...]:
    """The items that can be written as YAML."""
    return tuple(item for item in items if not isinstance(item, Foreign))


class ValueProblemError(ValueError):
    """A value is wrong at a place within it: `path` holds keys and indexes.

    With `at_key` it is the path's last key that is wrong, not what stands behind it.
    """

    def __init__(self, message: str, path: tuple[str | int, ...], *, at_key: bool = False) -> None:
        super().__init__(message)
        self.path = path
        self.at_key = at_key


def read_record(model: type[Record], raw: object, path: tuple[str | int, ...] = ()) -> Any:
    """One record from the YAML.

    Raises:
        ValueProblemError: it does not fit; tells where.
    """
    if not isinstance(raw, Mapping):
        message = f"expected a map with {', '.join(model.model_fields)}"
        raise ValueProblemError(message, path)
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        inner = first.get("ctx", {}).get("error")
        at_key = first["type"] == "extra_forbidden"
        place = (*path, *first["loc"])
        if isinstance(inner, ValueProblemError):
            at_key, place = inner.at_key, (*place, *inner.path)
        raise ValueProblemError(_message(model, first), place, at_key=at_key) from error


_MANY, _FEW = 30, 10
"""More names than many are not all listed, but few of them."""


def unknown_key(key: str, known: Collection[str]) -> tuple[str, str]:
    """What to say of a key that nobody knows, and what to do about it."""
    close = get_close_matches(key, known, n=1)
    some, more = (known, "") if len(known) <= _MANY else (list(known)[:_FEW], len(known) - _FEW)
    names = ", ".join(some) + (f" and {more} more" if more else "")
    advice = f"did you mean `{close[0]}`?" if close else f"known are {names or 'none'}"
    return f"unknown key {shown(key)}", advice


def _message(model: type[Record], error: Any) -> str:
    match error["type"]:
        case "extra_forbidden":
            return "; ".join(unknown_key(str(error["loc"][-1]), model.model_fields))
        case "missing":
            return f"`{error['loc'][-1]}` is missing"
        case _:
            return str(error.get("ctx", {}).get("error", error["msg"]))


def write_record(record: Record) -> dict[str, Any]:
    """A record as YAML, without what is at its default."""
    written = {}
    for name, info in type(record).model_fields.items():
        value = getattr(record, name)
        if info.is_required() or value != info.default:
            written[name] = leaf_type(info).write(value)
    return written


def leaf_type(info: Any) -> ValueType:
    """The type a record's field is declared with."""
    found: ValueType = next(item for item in info.metadata if isinstance(item, ValueType))
    return found


def record_schema(model: type[Record]) -> dict[str, Any]:
    """The JSON Schema of a record."""
    return {
        "type": "object",
        "properties": {
            name: {**leaf_type(info).schema, "description": info.description or ""}
            for name, info in model.model_fields.items()
        },
        "required": [name for name, info in model.model_fields.items() if info.is_required()],
        "additionalProperties": False,
    }


def records(name: str, model: type[Record], most: int | None = None) -> ValueType:
    """A type whose value is a set of records; their order means nothing."""

    def read(raw: object) -> frozenset[Any]:
        if not isinstance(raw, list):
            message = f"expected a list of {name}"
            raise ValueProblemError(message, ())
        if most is not None and len(raw) > most:
            message = f"Harbor takes at most {most} {name}, here are {len(raw)}"
            raise ValueProblemError(message, (most,))
        found: dict[Any, int] = {}
        for index, item in enumerate(raw):
            record = read_record(model, item, (index,))
            if record in found:
                first = found[record] + 1
                message = f"this is the same as item {first} of the {name}: Harbor takes it once"
                raise ValueProblemError(message, (index,))
            found[record] = index
        return frozenset(found)

    def write(value: frozenset[Any]) -> list[Any]:
        written = [
            {"unreadable": item.text} if isinstance(item, Foreign) else write_record(item)
            for item in value
        ]
        return sorted(written, key=repr)

    schema: dict[str, Any] = {"type": "array", "items": record_schema(model)}
    if most is not None:
        schema["maxItems"] = most
    return ValueType(name, read, write, schema)


def set_of(name: str, item: ValueType, least: int = 0) -> ValueType:
    """A type whose value is a set of plain values; their order means nothing."""

    def read(raw: object) -> frozenset[Any]:
        if not isinstance(raw, list) or len(raw) < least:
            message = f"expected a list of {name}" + (f", at least {least}" if least else "")
            raise ValueProblemError(message, ())
        found: dict[Any, int] = {}
        for index, one in enumerate(raw):
            value = _read_item(item, one, index)
            if value in found:
                message = f"the same as item {found[value] + 1} of the list"
                raise ValueProblemError(message, (index,))
            found[value] = index
        return frozenset(found)

    def write(value: frozenset[Any]) -> list[Any]:
        return sorted((_written(item, one) for one in value), key=str)

    schema: dict[str, Any] = {"type": "array", "items": dict(item.schema)}
    if least:
        schema["minItems"] = least
    return ValueType(name, read, write, schema)


def _read_item(item: ValueType, raw: object, index: int) -> Any:
    try:
        return item.read(raw)
    except ValueError as error:
        raise ValueProblemError(str(error), (index,)) from error


def _written(item: ValueType, value: Any) -> Any:
    """A value as YAML; what is live and YAML cannot say, as it is."""
    try:
        return item.write(value)
    except (AttributeError, TypeError):
        return value
