"""The pages that are made from the code: `make docs` writes them, and a test holds them to it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from generator.commands import commands
from generator.environment import environment
from generator.errors import errors
from generator.fields import fields
from generator.formats import formats
from generator.versions import versions
from harborconf.cli.schema import schema_text

if TYPE_CHECKING:
    from collections.abc import Callable


def _schema(of: str) -> Callable[[], str]:
    return lambda: json.dumps(json.loads(schema_text(of)), indent=1) + "\n"


PAGES: dict[str, Callable[[], str]] = {
    "reference/commands.md": commands,
    "reference/environment.md": environment,
    "reference/errors.md": errors,
    "reference/fields.md": fields,
    "reference/formats.md": formats,
    "reference/versions.md": versions,
    "reference/plan.schema.json": _schema("plan"),
    "reference/plans.schema.json": _schema("plans"),
    "reference/report.schema.json": _schema("report"),
}
"""What makes each page, by its path below `docs`."""
