"""A plan, and what became of it, for programs. `FORMAT` counts incompatible changes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from harborconf.engine.plan import Action

if TYPE_CHECKING:
    from harborconf.engine.apply import Result
    from harborconf.engine.plan import Change, FieldChange, Plan
    from harborconf.position import Position

FORMAT = 1


def render_plan(plan: Plan) -> str:
    """The plan as one JSON document (see `SCHEMA`)."""
    return json.dumps(plan_values(plan), indent=2, ensure_ascii=True)


def plan_values(plan: Plan) -> dict[str, Any]:
    """The plan as plain values."""
    return {
        "format": FORMAT,
        "harborconf": plan.harborconf_version,
        "harbor": {"url": plan.url, "version": plan.harbor_version},
        "digest": plan.digest,
        "complete": plan.complete,
        "applicable": plan.is_applicable,
        "summary": {
            **{action.value: plan.count(action) for action in Action},
            "unknown": len(plan.unknown),
            "extra": len(plan.extras),
        },
        "changes": [_change(change) for change in plan.changes],
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
        "allowed": list(plan.allowed),
        "notices": list(plan.notices),
    }


def _change(change: Change) -> dict[str, Any]:
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


def result_values(result: Result) -> dict[str, Any]:
    """What became of every step."""
    return {
        "done": [str(step) for step in result.done],
        "failed": [
            {"step": str(one.step), "message": one.message, "advice": one.advice}
            for one in result.failed
        ],
        "skipped": [{"step": str(one.step), "reason": one.reason} for one in result.skipped],
    }


def render_run(plan: Plan, result: Result) -> str:
    """A plan with what became of it."""
    return json.dumps({**plan_values(plan), "result": result_values(result)}, indent=2)


_POSITION = {
    "type": ["object", "null"],
    "properties": {
        "file": {"type": "string"},
        "line": {"type": "integer", "minimum": 1},
        "column": {"type": "integer", "minimum": 1},
    },
    "required": ["file", "line", "column"],
    "additionalProperties": False,
}
_STRING = {"type": "string"}
_COUNT = {"type": "integer", "minimum": 0}


def _object(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _list(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


_RESULT = _object(
    done=_list(_STRING),
    failed=_list(_object(step=_STRING, message=_STRING, advice=_STRING)),
    skipped=_list(_object(step=_STRING, reason=_STRING)),
)

SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "A harborconf plan",
    **_object(
        format={"const": FORMAT},
        harborconf=_STRING,
        harbor=_object(url=_STRING, version=_STRING),
        digest=_STRING,
        complete={"type": "boolean"},
        applicable={"type": "boolean"},
        summary=_object(
            **{action.value: _COUNT for action in Action}, unknown=_COUNT, extra=_COUNT
        ),
        changes=_list(
            _object(
                address=_STRING,
                kind=_STRING,
                action={"enum": [action.value for action in Action]},
                reason=_STRING,
                position=_POSITION,
                fields=_list(
                    _object(
                        field=_STRING,
                        before={},
                        after={},
                        added={},
                        removed={},
                        reason=_STRING,
                        position=_POSITION,
                    )
                ),
            )
        ),
        extras=_list(_STRING),
        unknown=_list(_object(address=_STRING, field=_STRING, reason=_STRING, position=_POSITION)),
        refusals=_list(_object(guard=_STRING, message=_STRING, figure=_STRING, limit=_STRING)),
        allowed=_list(_STRING),
        notices=_list(_STRING),
    ),
}
SCHEMA["properties"]["result"] = _RESULT
