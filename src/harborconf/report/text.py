"""A plan, and what became of it, for people at a terminal."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from rich.text import Text

from harborconf.engine.plan import Action
from harborconf.report.plain import inline, safe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harborconf.engine.apply import Result
    from harborconf.engine.plan import Change, FieldChange, Plan
    from harborconf.kinds.resource import Step

_MARKS = {
    Action.CREATE: ("+", "green"),
    Action.UPDATE: ("~", "yellow"),
    Action.DELETE: ("-", "red"),
    Action.BLOCKED: ("!", "bold red"),
    Action.PENDING: ("?", "cyan"),
}
_ARROW = "->"
_MOST_EXTRAS = 20


def render_plan(plan: Plan) -> Iterator[Text]:
    """The plan line by line: each change with its fields, then a summary."""
    for change in plan.changes:
        yield from _change(change)
        yield Text()
    for unknown in plan.unknown:
        address = unknown.address.field(unknown.path)
        yield Text(f"? {safe(address)}: cannot tell ({safe(unknown.reason)})", "cyan")
    yield from _extras(plan)
    for notice in plan.notices:
        yield Text(f"note: {safe(notice)}", "cyan")
    for refusal in plan.refusals:
        yield Text(f"! guard {refusal.guard}: {safe(refusal.message)}", "bold red").append(
            f"  ({refusal.figure}, the limit is {refusal.limit}; --allow {refusal.guard} lifts it)",
            "not bold default",
        )
    if not plan.complete:
        yield Text("The plan is incomplete and cannot be applied.", "bold red")
    yield Text(_summary(plan), "bold")


def _change(change: Change) -> Iterator[Text]:
    mark, style = _MARKS[change.action]
    line = Text(f"{mark} {safe(str(change.address))}", style)
    if change.reason:
        line.append(f"  {safe(change.reason)}", "not bold default")
    if change.position:
        line.append(f"  {safe(str(change.position))}", "dim")
    yield line
    width = max((len(field.path) for field in change.fields), default=0)
    for field in change.fields:
        yield from _field(change, field, width)


def _field(change: Change, field: FieldChange, width: int) -> Iterator[Text]:
    name = f"    {field.path:<{width}}  "
    if change.action is Action.CREATE:
        line = Text(name).append(inline(field.after), "green")
    elif field.added is not None or field.removed is not None:
        yield Text(name.rstrip()).append(_reason(field), "dim")
        yield from (Text(f"      - {inline(item)}", "red") for item in _items(field.removed))
        yield from (Text(f"      + {inline(item)}", "green") for item in _items(field.added))
        return
    elif field.before is None and field.reason:
        line = Text(name).append(inline(field.after), "yellow")
    else:
        line = Text(name).append(inline(field.before), "red").append(f" {_ARROW} ")
        line.append(inline(field.after), "green")
    yield line.append(_reason(field), "dim")


def _reason(field: FieldChange) -> str:
    return f"  ({safe(field.reason)})" if field.reason else ""


def _items(value: Any) -> list[Any]:
    if value is None:
        return []
    if isinstance(value, dict):
        return [{key: item} for key, item in value.items()]
    return list(value) if isinstance(value, list) else [value]


def _extras(plan: Plan) -> Iterator[Text]:
    if not plan.extras:
        return
    yield Text(f"Live and not desired ({len(plan.extras)}, left alone without prune):")
    for address in plan.extras[:_MOST_EXTRAS]:
        yield Text(f"  {safe(str(address))}", "magenta")
    if len(plan.extras) > _MOST_EXTRAS:
        yield Text(f"  and {len(plan.extras) - _MOST_EXTRAS} more (--format json has all)", "dim")
    yield Text()


def _summary(plan: Plan) -> str:
    counts = [f"{plan.count(action)} to {action.value}" for action in list(Action)[:3]]
    if plan.is_blocked:
        counts.append(f"{plan.count(Action.BLOCKED)} blocked")
    if plan.count(Action.PENDING):
        counts.append(f"{plan.count(Action.PENDING)} pending")
    if plan.unknown:
        counts.append(f"{len(plan.unknown)} cannot tell")
    counts.append(f"{len(plan.extras)} extra")
    where = f"{safe(plan.url)} (Harbor {plan.harbor_version})"
    if not plan.changes:
        return f"Nothing to do: {where} is as desired; {', '.join(counts[3:])}."
    return f"Plan for {where}: {', '.join(counts)}."


def render_steps(steps: tuple[Step, ...]) -> Iterator[Text]:
    """The steps in the order apply may begin them, with what each waits for."""
    yield Text(f"Steps ({len(steps)}):", "bold")
    for step in steps:
        line = Text(f"  {step.action:<12} {safe(str(step.address))}")
        if step.needs:
            needs = ", ".join(sorted(f"{action} {address}" for address, action in step.needs))
            line.append(f"  after {safe(needs)}", "dim")
        yield line


def render_result(result: Result) -> Iterator[Text]:
    """What was done, what failed with Harbor's own message, what was not tried."""
    for failed in result.failed:
        yield Text(f"failed   {safe(str(failed.step))}", "red").append(
            f"\n         {safe(failed.message)}", "default"
        )
        if failed.advice:
            yield Text(f"         {safe(failed.advice)}", "dim")
    why = Counter(skipped.reason for skipped in result.skipped)
    for reason, count in why.most_common():
        yield Text(f"skipped  {count} steps: {safe(reason)}", "yellow")
    yield Text(
        f"Done: {len(result.done)}, failed: {len(result.failed)}, skipped: {len(result.skipped)}."
        + ("" if result.is_complete else " Run again to finish the rest."),
        "bold",
    )
