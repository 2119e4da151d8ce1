"""The reference of what is written as JSON, from the models that make its schemas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.markdown import MADE, code, table
from harborconf.report import plan_format, plans_format, run_format

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_HEAD = f"""\
{MADE}
# JSON of plans and reports

Programs can rely on these: what is incompatible counts `format` up. `harborconf schema plan`,
`harborconf schema plans` and `harborconf schema report` print the schemas, and here they are:
[plan.schema.json](plan.schema.json), [plans.schema.json](plans.schema.json),
[report.schema.json](report.schema.json).
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
    plan = plan_format.schema()
    yield from _document(plan)
    yield "## The plans of a fleet"
    yield ""
    yield "What `plan` and `apply` print with `--fleet FILE --format json`; each plan is as above."
    yield ""
    yield from _document(plans_format.schema(), told={"Plan", *plan["$defs"]})
    yield "## A report"
    yield ""
    yield "What `--report FILE` writes, however the run ends. It holds no values of fields."
    yield ""
    yield from _document(run_format.schema())


def _document(schema: dict[str, Any], told: Collection[str] = ()) -> Iterator[str]:
    """A schema with its parts, but those that are told elsewhere."""
    yield from _object(schema)
    for name, inner in schema["$defs"].items():
        if inner.get("type") == "object" and name not in told:
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
