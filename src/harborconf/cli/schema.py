"""`harborconf schema`: the JSON Schema of what is read and written."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from harborconf.cli.console import write
from harborconf.engine.schema import fleet_schema
from harborconf.engine.schema import schema as file_schema
from harborconf.errors import UsageError
from harborconf.report.plan_format import schema as plan_schema
from harborconf.report.plans_format import schema as plans_schema
from harborconf.report.run_format import schema as report_schema

_SCHEMAS = {
    "file": file_schema,
    "fleet": fleet_schema,
    "plan": plan_schema,
    "plans": plans_schema,
    "report": report_schema,
}


def schema(
    of: Annotated[
        str,
        typer.Argument(
            metavar="|".join(_SCHEMAS),
            help="Of a YAML file, of a fleet's, of what `plan --format json` prints, of what it"
            " prints with `--fleet`, or of what `--report` writes.",
            autocompletion=lambda: list(_SCHEMAS),
        ),
    ] = "file",
) -> None:
    """Print the JSON Schema of a file, of a fleet's file, of plans, or of a report.

    For editors: harborconf schema > desired/harborconf.schema.json
    """
    write(schema_text(of))


def schema_text(of: str = "file") -> str:
    """A schema as JSON.

    Raises:
        UsageError: there is no such schema.
    """
    if of not in _SCHEMAS:
        message = f"there is no schema of `{of}`"
        raise UsageError(message, advice=f"one of {', '.join(_SCHEMAS)}")
    return json.dumps(_SCHEMAS[of](), indent=2) + "\n"
