"""A plan, and what became of it, for programs; and a saved plan read back."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from harborconf.engine.plan import Action, Change, FieldChange, Plan, Refusal, Unknown
from harborconf.engine.preview import Preview, RepositoryPreview
from harborconf.engine.selection import Selection
from harborconf.kinds.retained import Artifact
from harborconf.position import Position
from harborconf.report.plain import as_json
from harborconf.spec.address import parse

if TYPE_CHECKING:
    from harborconf.engine.apply import Result
    from harborconf.report import plan_format

FORMAT = 1
"""Counts incompatible changes: a plan of another format is not read."""
_DIGEST = "digest"


# ---- writing -------------------------------------------------------------------------


def render_plan(plan: Plan) -> str:
    """The plan as one JSON document (see `plan_format`), which is also how a plan is saved."""
    return as_json(plan_values(plan))


def plan_values(plan: Plan, result: Result | None = None) -> dict[str, Any]:
    """The plan as values of JSON, with what became of it and a digest of it all."""
    values = _values(plan)
    if result is not None:
        values["result"] = _result(result)
    return {**values, _DIGEST: digest_of(values)}


def render_run(plan: Plan, result: Result) -> str:
    """A plan with what became of it."""
    return as_json(plan_values(plan, result))


def _result(result: Result) -> dict[str, Any]:
    failed = [
        {"step": str(one.step), "message": one.message, "advice": one.advice}
        for one in result.failed
    ]
    skipped = [{"step": str(one.step), "reason": one.reason} for one in result.skipped]
    done = [str(step) for step in result.done]
    return {"done": done, "failed": failed, "skipped": skipped}


def digest_of(values: dict[str, Any]) -> str:
    """The digest of a document; one that it has already does not count."""
    content = {key: value for key, value in values.items() if key != _DIGEST}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return f"sha256:{sha256(text.encode()).hexdigest()}"


def _values(plan: Plan) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "harborconf": plan.harborconf_version,
        "harbor": {"url": plan.url, "version": plan.harbor_version},
        "selection": {
            "projects": list(plan.selection.projects),
            "kinds": list(plan.selection.kinds),
            "refresh_secrets": plan.selection.refresh_secrets,
        },
        "allowed": list(plan.allowed),
        "inputs": plan.digest,
        "complete": plan.complete,
        "applicable": plan.is_applicable,
        "summary": {
            **{action.value: plan.count(action) for action in Action},
            "unknown": len(plan.unknown),
            "extra": len(plan.extras),
        },
        "changes": [change_values(change) for change in plan.changes],
        "elsewhere": [change_values(change) for change in plan.elsewhere],
        "extras": [str(address) for address in plan.extras],
        "unknown": [
            {
                "address": str(one.address),
                "field": one.path,
                "reason": one.reason,
                "position": _position(one.position),
            }
            for one in plan.unknown
        ],
        "refusals": [
            {
                "guard": one.guard,
                "message": one.message,
                "figure": one.figure,
                "limit": one.limit,
            }
            for one in plan.refusals
        ],
        "previews": [_preview(preview) for preview in plan.previews],
        "notices": list(plan.notices),
    }


def _preview(preview: Preview) -> dict[str, Any]:
    return {
        "address": str(preview.address),
        "repositories": [
            {
                "name": one.name,
                "kept": one.kept,
                "deleted": [
                    {"digest": gone.digest, "tags": list(gone.tags), "size": gone.size}
                    for gone in one.deleted
                ],
            }
            for one in preview.repositories
        ],
    }


def change_values(change: Change) -> dict[str, Any]:
    """One change as values of JSON."""
    return {
        "address": str(change.address),
        "kind": change.address.kind,
        "action": change.action.value,
        "reason": change.reason,
        "position": _position(change.position),
        "fields": [_field(field) for field in change.fields],
    }


def _field(field: FieldChange) -> dict[str, Any]:
    return {
        "field": field.path,
        "before": field.before,
        "after": field.after,
        "added": field.added,
        "removed": field.removed,
        "reason": field.reason,
        "position": _position(field.position),
    }


def _position(position: Position | None) -> dict[str, Any] | None:
    if position is None:
        return None
    return {"file": position.file, "line": position.line, "column": position.column}


# ---- reading -------------------------------------------------------------------------


class NotAPlanError(ValueError):
    """A text is no plan that can be used; the message says why, without its name."""

    def __init__(self, message: str, *, is_edited: bool = False) -> None:
        super().__init__(message)
        self.is_edited = is_edited


class OtherFormatError(NotAPlanError):
    """It may well be a plan, in the format of another harborconf."""


def read_plan(text: str | bytes) -> Plan:
    """The plan that was written as this text; nothing but the text is needed.

    Raises:
        NotAPlanError: it is no JSON, no plan, of another format, or not as it was written.
    """
    try:
        return _read(json.loads(text))
    except NotAPlanError:
        raise
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise NotAPlanError(f"is no JSON, or was cut off (at {where})") from error
    except UnicodeDecodeError as error:
        raise NotAPlanError("is no JSON") from error
    except (ValueError, RecursionError) as error:
        raise NotAPlanError("is no plan of harborconf") from error


def _read(values: Any) -> Plan:
    if not isinstance(values, dict) or _DIGEST not in values:
        raise NotAPlanError("is no plan of harborconf")
    if values.get("format") != FORMAT:
        raise OtherFormatError(f"is of plan format {values.get('format')}, not {FORMAT}")
    if values[_DIGEST] != digest_of(values):
        message = "was changed after harborconf wrote it: its digest does not fit"
        raise NotAPlanError(message, is_edited=True)
    if "result" in values:
        raise NotAPlanError("is what apply did, no plan")
    from harborconf.report import plan_format  # noqa: PLC0415 - only who reads a plan needs it

    plan = _plan(plan_format.Document.model_validate(values))
    # What can be derived, such as the summary, has to be what it would be.
    if digest_of(_values(plan)) != values[_DIGEST]:
        raise NotAPlanError("is no plan of harborconf")
    return plan


def _plan(document: plan_format.Document) -> Plan:
    return Plan(
        url=document.harbor.url,
        harbor_version=document.harbor.version,
        harborconf_version=document.harborconf,
        digest=document.inputs,
        changes=tuple(_read_change(change) for change in document.changes),
        extras=tuple(parse(address)[0] for address in document.extras),
        unknown=tuple(
            Unknown(parse(one.address)[0], one.field, one.reason, _place(one.position))
            for one in document.unknown
        ),
        refusals=tuple(
            Refusal(one.guard, one.message, one.figure, one.limit) for one in document.refusals
        ),
        previews=tuple(_read_preview(preview) for preview in document.previews),
        notices=tuple(document.notices),
        complete=document.complete,
        selection=Selection(
            tuple(document.selection.projects),
            tuple(document.selection.kinds),
            document.selection.refresh_secrets,
        ),
        allowed=tuple(document.allowed),
        elsewhere=tuple(_read_change(change) for change in document.elsewhere),
    )


def _read_preview(preview: plan_format.Preview) -> Preview:
    return Preview(
        parse(preview.address)[0],
        tuple(
            RepositoryPreview(
                one.name,
                one.kept,
                tuple(
                    Artifact(one.name, gone.digest, tuple(gone.tags), 0, 0, gone.size)
                    for gone in one.deleted
                ),
            )
            for one in preview.repositories
        ),
    )


def _read_change(change: plan_format.Change) -> Change:
    return Change(
        parse(change.address)[0],
        Action(change.action),
        tuple(
            FieldChange(
                field.field,
                field.before,
                field.after,
                field.added,
                field.removed,
                field.reason,
                _place(field.position),
            )
            for field in change.fields
        ),
        change.reason,
        _place(change.position),
    )


def _place(position: plan_format.Position | None) -> Position | None:
    return Position(position.file, position.line, position.column) if position else None
