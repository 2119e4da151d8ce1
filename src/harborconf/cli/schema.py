"""`harborconf schema`: the JSON Schema of a file, of a fleet's file, or of a plan."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from harborconf.cli.console import write
from harborconf.engine.schema import fleet_schema
from harborconf.engine.schema import schema as file_schema
from harborconf.errors import UsageError
from harborconf.report.plan_format import schema as plan_schema


def schema(
    of: Annotated[
        str,
        typer.Argument(
            metavar="file|fleet|plan",
            help="Of a YAML file, of a fleet's, or of what `plan --format json` prints.",
            autocompletion=lambda: ["file", "fleet", "plan"],
        ),
    ] = "file",
) -> None:
    """Print the JSON Schema of a YAML file, of a fleet's file, or of a plan.

    For editors: harborconf schema > desired/harborconf.schema.json
    """
    write(schema_text(of))


def schema_text(of: str = "file") -> str:
    """The schema of `file`, `fleet` or `plan`, as JSON.

    Raises:
        UsageError: there is no such schema.
    """
    schemas = {"file": file_schema, "fleet": fleet_schema, "plan": plan_schema}
    if of not in schemas:
        message = f"there is no schema of `{of}`"
        raise UsageError(message, advice=f"one of {', '.join(schemas)}")
    return json.dumps(schemas[of](), indent=2) + "\n"
