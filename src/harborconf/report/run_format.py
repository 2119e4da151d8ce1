"""The JSON format of a run's report, as a published schema."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field as About

from harborconf.report.plan_format import Action, Failure, Harbor, Model, Skip, Summary, schema_of


class Change(Model):
    """One resource's change, without values: those are in the plan."""

    address: str
    action: Action
    fields: list[str]
    reason: str = About(description="For people; no program should decide by it.")


class Plan(Model):
    """What was planned."""

    inputs: str = About(description="A digest of the files.")
    complete: bool = About(description="An incomplete plan is never applied.")
    summary: Summary
    changes: list[Change]
    guards: list[str] = About(description="Guards that stop the whole apply.")


class Counts(Model):
    """What became of how many steps."""

    done: int
    failed: int
    skipped: int


class Result(Model):
    """What was applied."""

    summary: Counts
    failed: list[Failure]
    skipped: list[Skip]


class Run(Model):
    """How a run of plan or apply went; of a fleet, that of one Harbor."""

    format: Literal[1]
    harborconf: str = About(description="The version of harborconf.")
    command: Literal["plan", "apply"]
    harbor: Harbor | None = About(description="Null where it was not reached.")
    begun: str = About(description="When, in UTC.", json_schema_extra={"format": "date-time"})
    seconds: float = About(description="How long it took.")
    exit_code: int
    errors: list[str] = About(description="What people were told.")
    advice: str = About(description="What they were told to do.")
    plan: Plan | None = About(description="Null where an error came first.")
    result: Result | None = About(description="Null where nothing was applied.")


class Document(Run):
    """How a run of plan or apply went."""

    targets: dict[str, Run] = About(
        default={}, description="With `--fleet`, the run of each Harbor by its name."
    )


def schema() -> dict[str, Any]:
    """The JSON Schema of a report."""
    return schema_of(Document, "A report of a run of harborconf")
