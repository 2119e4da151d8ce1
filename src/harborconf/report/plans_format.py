"""The JSON format of a fleet's plans, as a published schema."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field as About

from harborconf.report import plan_format
from harborconf.report.plan_format import Model, schema_of


class Plan(plan_format.Document):
    """The plan of one Harbor, as it is printed and saved without a fleet."""


class Counts(Model):
    """What there is of one kind."""

    changes: int = About(description="Those that write something.")
    blocked: int
    extra: int = About(description="What is live and not desired.")


class Target(Model):
    """What became of one Harbor."""

    exit_code: int
    seconds: float = About(description="How long it took.")
    errors: list[str] = About(description="What people were told.")
    advice: str = About(description="What they were told to do.")
    kinds: dict[str, Counts] = About(description="By kind, of those with anything to tell.")
    plan: Plan | None = About(description="Null where an error came first.")


class Document(Model):
    """The plans of a fleet."""

    format: Literal[1]
    command: Literal["plan", "apply"]
    exit_code: int
    targets: dict[str, Target] = About(description="The Harbors by their names.")


def schema() -> dict[str, Any]:
    """The JSON Schema of a fleet's plans."""
    return schema_of(Document, "The plans of a fleet of harborconf")
