"""The JSON format of a plan: what is written, what is accepted, and the published schema."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from pydantic import Field as About
from pydantic.json_schema import GenerateJsonSchema

Action = Literal["create", "update", "delete", "blocked", "pending"]


class Model(BaseModel):
    """A model that takes nothing but what it declares."""

    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)


class Position(Model):
    """Where in the YAML it stands."""

    file: str
    line: int = About(ge=1)
    column: int = About(ge=1)


class Field(Model):
    """One field, as YAML would say it. A secret's value is where it lives."""

    field: str
    before: Any
    after: Any
    added: Any = About(description="What is new in a list whose order means nothing.")
    removed: Any = About(description="What goes from such a list.")
    reason: str = About(description="For people; no program should decide by it.")
    position: Position | None


class Change(Model):
    """One resource's change."""

    address: str
    kind: str
    action: Action
    reason: str = About(description="For people; no program should decide by it.")
    position: Position | None
    fields: list[Field]


class Unknown(Model):
    """A field of which nobody can tell whether it is as desired."""

    address: str
    field: str
    reason: str
    position: Position | None


class Refusal(Model):
    """A guard that stops the whole apply."""

    guard: str
    message: str
    figure: str
    limit: str


class Harbor(Model):
    """The Harbor that was read."""

    url: str
    version: str


class Selection(Model):
    """What was planned for; empty lists are everything.

    With `refresh_secrets`, values that Harbor never tells are sent anew.
    """

    projects: list[str]
    kinds: list[str]
    refresh_secrets: bool


class Gone(Model):
    """An artifact that would be deleted; its size in bytes, shared layers counted too."""

    digest: str
    tags: list[str]
    size: int


class RepositoryPreview(Model):
    """How many artifacts of a repository stay, and which go."""

    name: str
    kept: int
    deleted: list[Gone]


class Preview(Model):
    """What the retention of a project would delete if it ran now."""

    address: str
    repositories: list[RepositoryPreview]


class Summary(Model):
    """How many changes, and what else there is."""

    create: int
    update: int
    delete: int
    blocked: int
    pending: int
    unknown: int
    extra: int


class Failure(Model):
    """A step that could not be done; the message is Harbor's own where it refused."""

    step: str
    message: str
    advice: str


class Skip(Model):
    """A step that was not tried."""

    step: str
    reason: str


class Result(Model):
    """What became of every step; only apply tells it."""

    done: list[str]
    failed: list[Failure]
    skipped: list[Skip]


class Document(Model):
    """A plan of harborconf."""

    format: Literal[1]
    harborconf: str = About(description="The version of harborconf that planned.")
    harbor: Harbor
    selection: Selection
    allowed: list[str] = About(description="Guards that were lifted.")
    inputs: str = About(description="A digest of the files.")
    complete: bool = About(description="An incomplete plan is never applied.")
    applicable: bool = About(description="Whether there is anything to apply.")
    summary: Summary
    changes: list[Change]
    elsewhere: list[Change] = About(
        description="Changes left alone: the plan that was reviewed does not hold them."
    )
    extras: list[str] = About(description="Addresses of what is live and not desired.")
    unknown: list[Unknown]
    refusals: list[Refusal]
    previews: list[Preview] = About(
        description="What retention would delete if it ran now; with `--preview`."
    )
    notices: list[str]
    result: Result | None = None
    digest: str = About(description="SHA-256 of all the above; an edited plan is refused.")


class _Untitled(GenerateJsonSchema):
    """Fields are known by their names."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Never."""
        del schema
        return False


def schema_of(model: type[Model], title: str) -> dict[str, Any]:
    """The JSON Schema of a document: made when asked for, which takes a while."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **model.model_json_schema(schema_generator=_Untitled),
        "title": title,
    }


def schema() -> dict[str, Any]:
    """The JSON Schema of a plan."""
    return schema_of(Document, "A harborconf plan")
