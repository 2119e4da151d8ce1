"""`harborconf schema`: the JSON Schema of a file, or of a plan."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from harborconf.cli.console import write
from harborconf.engine.schema import schema as file_schema
from harborconf.errors import UsageError
from harborconf.report.plan_format import SCHEMA


def schema(
    of: Annotated[str, typer.Argument(help="file, or plan for the JSON of plan.")] = "file",
) -> None:
    """Print the JSON Schema of one file (for editors), or of a plan as JSON."""
    schemas: dict[str, dict[str, Any]] = {"file": file_schema(), "plan": SCHEMA}
    if of not in schemas:
        message = f"there is no schema of `{of}`"
        raise UsageError(message, advice=f"one of {', '.join(schemas)}")
    write(json.dumps(schemas[of], indent=2))
