"""The banner over Harbor's pages, which Harbor keeps as JSON in a text."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from harborconf.spec.records import (
    Record,
    ValueProblemError,
    read_record,
    record_schema,
    write_record,
)
from harborconf.spec.value import Flag, ValueType, read_text, shown

_LONGEST = 800
_TYPES = ("success", "info", "warning", "danger")
# Harbor's names of the fields, in the order its pages write them.
_API = {
    "closable": "closable",
    "message": "message",
    "type": "type",
    "fromDate": "starts",
    "toDate": "ends",
}


def _read_type(raw: object) -> str:
    if raw in _TYPES:
        return str(raw)
    message = f"expected a type of banner, one of {', '.join(_TYPES)}, got {shown(raw)}"
    raise ValueError(message)


def _read_day(raw: object) -> str:
    """A day as Harbor's pages understand it; they write American dates."""
    text = read_text(raw)
    if re.fullmatch(r"[0-9]{2}/[0-9]{2}/[0-9]{4}", text):
        return text
    try:
        date.fromisoformat(text[:10])
    except ValueError:
        message = f"expected a date like 2027-01-31, got {shown(raw)}"
        raise ValueError(message) from None
    return text


def _read_message(raw: object) -> str:
    text = read_text(raw)
    if not 0 < len(text) <= _LONGEST:
        message = f"a banner has 1 to {_LONGEST} characters, here are {len(text)}"
        raise ValueError(message)
    return text


_TYPE = ValueType("type of banner", _read_type, str, {"enum": list(_TYPES)})
_DAY = ValueType("date", _read_day, str, {"type": "string"})
_MESSAGE = ValueType("message", _read_message, str, {"type": ["string", "number", "boolean"]})


class Banner(Record):
    """A message at the top of every page."""

    message: Annotated[str, _MESSAGE]
    type: Annotated[str, _TYPE] = "warning"
    closable: Flag = False
    starts: Annotated[str, _DAY] = ""
    ends: Annotated[str, _DAY] = ""


def _read(raw: object) -> Banner | str:
    if raw == "":
        return ""
    if isinstance(raw, str):
        found = banner_from_api(raw)
        if isinstance(found, Banner):
            return found
        message = "Harbor's pages show only a banner like {message: ..., starts: 2027-01-31}"
        raise ValueProblemError(message, ())
    banner: Banner = read_record(Banner, raw)
    if not banner.starts and not banner.ends:
        message = "Harbor's pages never show a banner without a date: write `starts` or `ends`"
        raise ValueProblemError(message, ())
    return banner


def _write(value: Banner | str) -> Any:
    if isinstance(value, str):
        return value
    if not value.starts and not value.ends:
        return banner_to_api(value)
    return write_record(value)


BANNER = ValueType(
    "banner",
    _read,
    _write,
    {"anyOf": [record_schema(Banner), {"type": "string"}]},
)


def banner_to_api(value: Banner | str) -> str:
    """The text Harbor keeps."""
    if isinstance(value, str):
        return value
    values = {api: getattr(value, name) for api, name in _API.items()}
    return json.dumps({api: one for api, one in values.items() if one != ""}, ensure_ascii=False)


def banner_from_api(raw: object) -> object:
    """A live banner, or what else Harbor has there, as it came."""
    try:
        found = json.loads(raw) if isinstance(raw, str) else None
    except ValueError:
        return raw
    if not isinstance(found, Mapping) or not set(found) <= set(_API):
        return raw
    values = {_API[api]: value for api, value in found.items() if value is not None}
    texts = (values.get(name, "") for name in ("message", "type", "starts", "ends"))
    if "message" not in values or not all(isinstance(text, str) for text in texts):
        return raw
    return Banner.model_construct(**values)
