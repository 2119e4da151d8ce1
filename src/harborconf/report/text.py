"""A plan, and what became of it, for people at a terminal."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, assert_never

from rich.text import Text

from harborconf.engine.plan import Action
from harborconf.engine.review import Of
from harborconf.report.plain import (
    artifacts_named,
    counted,
    counts,
    cut,
    difference,
    inline,
    inlines,
    is_long,
    others,
    outcome,
    pair,
    previewed,
    refused,
    shown,
    values,
)
from harborconf.report.safe import safe

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from harborconf.engine.apply import Result
    from harborconf.engine.plan import Change, FieldChange, Plan
    from harborconf.engine.preview import Preview
    from harborconf.engine.review import Difference
    from harborconf.kinds.resource import Step

_MARKS = {
    Action.CREATE: ("+", "green"),
    Action.UPDATE: ("~", "yellow"),
    Action.DELETE: ("-", "red"),
    Action.BLOCKED: ("!", "bold red"),
    Action.PENDING: ("?", "cyan"),
}
_MOST_EXTRAS = 20
_MOST_DIFFERENCES = 20
_MOST, _MOST_ITEM = 120, 400
"""Characters of one value, and of an item that has a line to itself."""
_MOST_ARTIFACTS = 5


def render_plan(plan: Plan) -> Iterator[Text]:
    """The plan line by line: each change with its fields, then a summary."""
    yield from render_body(plan)
    yield render_summary(plan)


def render_changes(changes: Iterable[Change]) -> Iterator[Text]:
    """Each change with its fields."""
    for change in changes:
        yield from _change(change)
        yield Text()


def render_body(plan: Plan) -> Iterator[Text]:
    """All of a plan but the summary. It does not name the Harbor."""
    yield from render_changes(plan.changes)
    for unknown in plan.unknown:
        address = unknown.address.field(unknown.path)
        yield Text(f"? {safe(address)}: cannot tell ({safe(unknown.reason)})", "cyan")
    yield from _elsewhere(plan)
    yield from _extras(plan)
    for preview in plan.previews:
        yield from _preview(preview)
    for notice in plan.notices:
        yield Text(f"note: {safe(notice)}", "cyan")
    for refusal in plan.refusals:
        yield Text(f"! guard {refused(refusal)}", "bold red")
    if not plan.complete:
        yield Text("The plan is incomplete and cannot be applied.", "bold red")


def render_summary(plan: Plan) -> Text:
    """Which Harbor the plan is for, and how much there is to do."""
    return Text(_summary(plan), "bold")


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
    what = shown(field, change.action)
    name = f"    {safe(what.path):<{width}}  "
    reason = f"  ({safe(what.reason)})" if what.reason else ""
    if what.listed:
        yield Text(name.rstrip()).append(reason, "dim")
        yield from (Text(f"      - {_item(item)}", "red") for item in what.removed)
        yield from (Text(f"      + {_item(item)}", "green") for item in what.added)
        return
    before, after = values(what, _MOST)
    line = Text(name)
    if before is not None:
        line.append(before, "red").append(" -> " if after is not None else "")
    if after is not None:
        line.append(after, "green")
    yield line.append(reason, "dim")


def _item(item: Any) -> str:
    return cut(inline(item), _MOST_ITEM)


def _elsewhere(plan: Plan) -> Iterator[Text]:
    if not plan.elsewhere:
        return
    yield Text(f"Not in the reviewed plan ({len(plan.elsewhere)}, left alone):", "bold")
    for change in plan.elsewhere:
        mark, style = _MARKS[change.action]
        line = Text(f"  {mark} {safe(str(change.address))}", style)
        paths = ", ".join(field.path for field in change.fields)
        yield line.append(f"  {safe(paths)}", "dim") if paths else line
    yield Text()


def _extras(plan: Plan) -> Iterator[Text]:
    if not plan.extras:
        return
    yield Text(f"Live and not desired ({len(plan.extras)}, left alone without prune):")
    for address in plan.extras[:_MOST_EXTRAS]:
        yield Text(f"  {safe(str(address))}", "magenta")
    if len(plan.extras) > _MOST_EXTRAS:
        yield Text(f"  and {len(plan.extras) - _MOST_EXTRAS} more (--format json has all)", "dim")
    yield Text()


def _preview(preview: Preview) -> Iterator[Text]:
    yield Text(previewed(preview), "bold")
    for one in preview.repositories:
        line = Text(f"    {safe(one.name)}: keeps {one.kept}")
        if one.deleted:
            line.append(f", deletes {len(one.deleted)}: ", "red")
            line.append(artifacts_named(one, _MOST_ARTIFACTS), "dim")
        yield line
    yield Text()


def _summary(plan: Plan) -> str:
    where = f"{safe(plan.url)} (Harbor {safe(plan.harbor_version)})"
    if plan.elsewhere and not plan.changes:
        return f"Nothing to do: the reviewed plan for {where} is empty."
    if not plan.changes:
        return f"Nothing to do: {where} is as desired; {', '.join(others(plan))}."
    return f"Plan for {where}: {', '.join([*counts(plan.changes), *others(plan)])}."


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
        yield Text(f"skipped  {counted(count, 'step')}: {safe(reason)}", "yellow")
    yield Text(outcome(result), "bold")


def stale_lines(found: Sequence[Difference]) -> list[str]:
    """Each way in which a reviewed plan does not hold any more, one a line."""
    lines = [_stale(one) for one in found[:_MOST_DIFFERENCES]]
    more = len(found) - len(lines)
    return [*lines, f"and {more} differences more"] if more else lines


def _stale(one: Difference) -> str:
    where, then, now = safe(one.where), one.then, one.now
    match one.of:
        case Of.SERVER:
            return f"it is of {safe(then)}, and this is {safe(now)}"
        case Of.VERSION:
            return f"it is of Harbor {safe(then)}, and this is Harbor {safe(now)}"
        case Of.CHANGE:
            reason = f" ({safe(one.reason)})" if one.reason else ""
            return f"{where}: {then} when planned, {now} now{reason}"
        case Of.FIELD:
            return f"{where}: {_told(then)} when planned, {_told(now)} now"
        case Of.LIVE | Of.DESIRED as of:
            before, after = _only(then, now)
            place = "in Harbor" if of is Of.LIVE else "in the files"
            return f"{where}: {before} {place} when planned, {after} now"
        case Of.NEEDS:
            return f"{where}: {then} needs {safe(now)} first now, which is not in the plan"
    assert_never(one.of)


def _told(field: FieldChange | None) -> str:
    if field is None:
        return "no change"
    before, after = _only(field.before, field.after)
    return f"{before} -> {after}"


def _only(then: Any, now: Any) -> tuple[str, str]:
    """Two values; of long lists only what the other does not hold."""
    if is_long(then) and is_long(now):
        then, now = list(difference(then, now)), list(difference(now, then))
    return pair(*inlines(then, now), _MOST)
