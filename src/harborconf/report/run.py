"""What became of one run of plan or apply, for programs that watch it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from harborconf import __version__
from harborconf.engine.plan import Action
from harborconf.report.plain import as_json

if TYPE_CHECKING:
    from harborconf.engine.apply import Result
    from harborconf.engine.plan import Plan

FORMAT = 1
"""Counts incompatible changes."""


@dataclass(slots=True)
class Run:
    """One run. There is no plan where an error came first, and no result where none was applied.

    `begun` is in seconds since 1970, `errors` and `advice` are what people were told. That of a
    fleet has the runs of its `targets` by their names.
    """

    command: str
    begun: float
    seconds: float = 0.0
    exit_code: int = 1
    plan: Plan | None = None
    result: Result | None = None
    errors: tuple[str, ...] = ()
    advice: str = ""
    targets: dict[str, Run] = field(default_factory=dict)


def render(run: Run) -> str:
    """The run as one JSON document, plain ASCII."""
    return as_json(_values(run))


def _values(run: Run) -> dict[str, Any]:
    plan, result = run.plan, run.result
    values: dict[str, Any] = {
        "format": FORMAT,
        "harborconf": __version__,
        "command": run.command,
        "harbor": plan and {"url": plan.url, "version": plan.harbor_version},
        "begun": datetime.fromtimestamp(run.begun, UTC).isoformat(timespec="seconds"),
        "seconds": round(run.seconds, 3),
        "exit_code": run.exit_code,
        "errors": list(run.errors),
        "advice": run.advice,
        "plan": plan and _plan(plan),
        "result": result and _result(result),
    }
    if run.targets:
        values["targets"] = {name: _values(one) for name, one in run.targets.items()}
    return values


def _plan(plan: Plan) -> dict[str, Any]:
    return {
        "inputs": plan.digest,
        "complete": plan.complete,
        "summary": {
            **{action.value: plan.count(action) for action in Action},
            "unknown": len(plan.unknown),
            "extra": len(plan.extras),
        },
        "changes": [
            {
                "address": str(change.address),
                "action": change.action.value,
                "fields": [field.path for field in change.fields],
                "reason": change.reason,
            }
            for change in plan.changes
        ],
        "guards": [refusal.guard for refusal in plan.refusals],
    }


def _result(result: Result) -> dict[str, Any]:
    return {
        "summary": {
            "done": len(result.done),
            "failed": len(result.failed),
            "skipped": len(result.skipped),
        },
        "failed": [
            {"step": str(one.step), "message": one.message, "advice": one.advice}
            for one in result.failed
        ],
        "skipped": [{"step": str(one.step), "reason": one.reason} for one in result.skipped],
    }
