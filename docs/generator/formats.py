"""The reference of what is written as JSON, from the models that make its schemas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.markdown import MADE, code, table
from harborconf.report import plan_format, run_format

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD = f"""\
{MADE}
# JSON of plans and reports

Programs can rely on these: what is incompatible counts `format` up. `harborconf schema plan` and
`harborconf schema report` print the schemas, and here they are:
[plan.schema.json](plan.schema.json), [report.schema.json](report.schema.json).
"""

_FLEET = """\
With `--fleet`, one document has the `command`, its `exit_code`, and `targets` by their names: of
each the `exit_code`, `seconds`, `errors` and `advice`, how many changes, blocked ones and extras
there are by `kinds`, and its `plan` as above, or null where an error came first.
"""


def formats() -> str:
    """The page as Markdown."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield _HEAD
    yield "## A plan"
    yield ""
    yield "What `plan --format json` prints, `plan --out` saves, and `apply --format json` tells."
    yield ""
    yield from _document(plan_format.schema())
    yield _FLEET
    yield "## A report"
    yield ""
    yield "What `--report FILE` writes, however the run ends. It holds no values of fields."
    yield ""
    yield from _document(run_format.schema())


def _document(schema: dict[str, Any]) -> Iterator[str]:
    yield from _object(schema)
    for name, inner in schema["$defs"].items():
        if inner.get("type") == "object":
            yield f"{code(name)}: {inner['description'].partition(chr(10))[0]}"
            yield ""
            yield from _object(inner)


def _object(schema: dict[str, Any]) -> Iterator[str]:
    rows = [
        (code(name), _type(about), about.get("description", ""))
        for name, about in schema["properties"].items()
    ]
    yield from table(("key", "type", "meaning"), rows)


def _type(about: dict[str, Any]) -> str:
    """A type in words."""
    match about:
        case {"$ref": str(path)}:
            words = code(path.rpartition("/")[2])
        case {"anyOf": choices}:
            words = " or ".join(_type(one) for one in choices)
        case {"type": "array", "items": item}:
            words = f"list of {_type(item)}"
        case {"type": "object", "additionalProperties": value}:
            words = f"map of names to {_type(value)}"
        case {"enum": values}:
            words = ", ".join(code(str(one)) for one in values)
        case {"const": value}:
            words = code(str(value))
        case _:
            words = str(about.get("format") or about.get("type") or "any value")
    return words
