"""Plan and apply for all targets of a fleet."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from harborconf.cli import options, running, saved, work
from harborconf.cli.connect import Settings
from harborconf.cli.console import confirm, note, show, write
from harborconf.cli.files import check_empty
from harborconf.cli.targets import Course, OnItsWay, begin, exit_code
from harborconf.engine.fleet import Target
from harborconf.engine.plan import Plan
from harborconf.engine.steps import lower
from harborconf.errors import UsageError
from harborconf.report import fleet
from harborconf.report.plain import counted
from harborconf.report.run import Run
from harborconf.report.text import render_steps

_SUFFIX = ".plan.json"


def plan_each(
    targets: Sequence[Target],
    settings: Settings,
    whole: Run,
    form: str = "text",
    *,
    explain: bool = False,
    preview: bool = False,
    who: bool = False,
    out: Path | None = None,
) -> None:
    """Make the plan of each target, save it if a directory is named, and print them all.

    Raises:
        UsageError: the options contradict each other.
    """
    _check_format(form)
    if out:
        check_empty(out)
        out.mkdir(parents=True, exist_ok=True)

    async def make(one: OnItsWay) -> None:
        made = one.run.plan = await work.plan_of(one.settings, with_preview=preview, with_who=who)
        if out:
            saved.save(made, _plan_file(out, one.target))
        one.run.exit_code = work.exit_code(made)

    begin(targets, whole)
    running.run(Course(targets, settings, whole).run(make))
    whole.exit_code = exit_code(whole.targets.values())
    _print_plans(whole, form)
    if explain:
        for name, run in whole.targets.items():
            if run.plan and run.plan.is_applicable:
                write(f"{name}:")
                show(render_steps(lower(run.plan)))
    number = sum(run.plan is not None for run in whole.targets.values())
    if out and number:
        file = targets[0].position.file
        note(f"{counted(number, 'plan')} saved in {out}: `apply --fleet {file} --plan {out}`")


def _plan_file(folder: Path, target: Target) -> Path:
    return folder / f"{target.name}{_SUFFIX}"


def apply_each(
    targets: Sequence[Target],
    settings: Settings,
    whole: Run,
    form: str = "text",
    *,
    yes: bool,
    reviewed: Path | None = None,
) -> None:
    """Make each target as desired, or as the plans say that a directory holds.

    Without `yes`, all is planned and shown first; then there is one question, and each target
    gets what was shown for it, or nothing.

    Raises:
        HarborconfError: nothing was written anywhere.
    """
    _check_format(form)
    options.check_unattended(form, yes=yes)
    if reviewed:
        saved.check_selection(settings)
        targets = _reviewed(targets, reviewed)
    begin(targets, whole)
    applying = _Applying(reviewed)
    if not yes:
        running.run(Course(targets, settings, whole).run(applying.rehearse))
        _print_plans(whole, form)
        targets = [target for target in targets if _can_go_on(whole.targets[target.name])]
        if not targets:
            whole.exit_code = exit_code(whole.targets.values())
            return
        confirm(f"Make these changes to {counted(len(targets), 'Harbor')}?")
    course = Course(targets, settings, whole)
    stopping = running.Stopping(course.stop)
    running.run(course.run(applying.apply, stopping))
    whole.exit_code = exit_code(whole.targets.values())
    if stopping.number:
        whole.exit_code = 128 + stopping.number
    if yes:
        _print_plans(whole, form)
    else:
        _print_end(whole)


def _can_go_on(run: Run) -> bool:
    return not run.errors and run.plan is not None and run.plan.is_applicable


class _Applying:
    """What is done on each target: what was shown of it before, or reviewed, or all there is."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder

    def _review(self, one: OnItsWay) -> saved.Review | None:
        if one.run.plan is not None:
            return saved.Review("the plan that was shown", one.run.plan)
        return (
            saved.review(_plan_file(self.folder, one.target), one.settings) if self.folder else None
        )

    async def rehearse(self, one: OnItsWay) -> None:
        """Make the plan, and see to it that it can be applied."""

        def shown(plan: Plan) -> None:
            one.run.plan = plan
            one.run.exit_code = work.NOTHING if plan.is_well else work.BAD

        await work.rehearse(one.settings, self._review(one), shown)

    async def apply(self, one: OnItsWay) -> None:
        """Make the plan anew, and apply it."""
        run = one.run

        def shown(plan: Plan) -> None:
            run.plan = plan

        manner = work.Manner(shown, lambda _: None, one.writing, one.stop)
        outcome = await work.carry_out(one.settings, self._review(one), manner)
        run.result, run.exit_code = outcome.result, outcome.exit_code
        if not run.exit_code:
            run.errors, run.advice = (), ""  # time was up, and all done


def _reviewed(targets: Sequence[Target], folder: Path) -> Sequence[Target]:
    """The targets that have a saved plan.

    Raises:
        UsageError: there is none, or one of something that is no target.
    """
    if not folder.is_dir():
        message = f"{folder} is no directory"
        raise UsageError(message, advice="name what `plan --fleet FILE --out DIRECTORY` has made")
    there = {path.name.removesuffix(_SUFFIX) for path in folder.glob(f"*{_SUFFIX}")}
    found = [target for target in targets if target.name in there]
    if not found:
        message = f"{folder} holds no plan of these targets"
        raise UsageError(message, advice="make them with `plan --fleet FILE --out DIRECTORY`")
    left = [target.name for target in targets if target.name not in there]
    if left:
        note(f"without a plan in {folder}, left alone: {', '.join(left)}")
    others = there - {target.name for target in found}
    if others:
        note(f"{folder} has plans of others too, left alone: {', '.join(sorted(others))}")
    return found


def _check_format(form: str) -> None:
    """Refuse a format that a fleet is not told in."""
    options.check_format(form)
    if form == "html":
        message = "--format html shows one plan"
        advice = "save them with `plan --out DIRECTORY`; `show FILE --format html` shows each"
        raise UsageError(message, advice=advice)


def _print_plans(whole: Run, form: str) -> None:
    """Print what became of a fleet, on standard output."""
    match form:
        case "json":
            write(fleet.render_json(whole))
        case "markdown":
            write(fleet.render_markdown(whole, "harborconf plan --fleet"))
        case _:
            show(fleet.render_plans(whole.targets))
            _print_end(whole)


def _print_end(whole: Run) -> None:
    show(fleet.render_results(whole.targets))
    width = shutil.get_terminal_size((100, 24)).columns
    show(fleet.render_matrix(whole.targets, width))
