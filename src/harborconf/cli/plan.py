"""`harborconf plan`: what would change."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harborconf.cli import options, running, saved
from harborconf.cli.connect import Settings
from harborconf.cli.console import note, show
from harborconf.cli.files import check_target
from harborconf.cli.formats import print_plan
from harborconf.cli.many import plan_each
from harborconf.cli.reporting import Report, reporting
from harborconf.cli.work import exit_code, plan_of
from harborconf.engine.steps import lower
from harborconf.errors import UsageError
from harborconf.report.text import render_steps

if TYPE_CHECKING:
    from harborconf.engine.plan import Plan


@options.connecting
def plan(
    paths: options.Paths = None,
    fleet: options.Fleet = None,
    target: options.Targets = None,
    project: options.Projects = None,
    kind: options.Kinds = None,
    format: options.Format = "text",  # noqa: A002 - the option's name
    explain: Annotated[
        bool, typer.Option("--explain", help="Show the steps that apply would run.")
    ] = False,
    preview: Annotated[
        bool, typer.Option("--preview", help="Show what retention would delete if it ran now.")
    ] = False,
    who: Annotated[
        bool, typer.Option("--who", help="Tell who did it and when, where Harbor records it.")
    ] = False,
    allow: options.Allow = None,
    refresh_secrets: options.RefreshSecrets = False,
    verify_secrets: options.VerifySecrets = False,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FILE",
            help="Save the plan too, for review and `apply --plan`; of a fleet, in a directory.",
        ),
    ] = None,
    report: Report = None,
    *,
    connection: options.ConnectionOptions,
) -> None:
    """Show, field by field, what apply would change.

    Nothing is written. What is live in a section that the files write, but not in them, is
    listed as extra; what they do not mention is not looked at.

    Exit code: 0 nothing to do, 2 changes planned, 1 anything that is not well.
    """
    settings = Settings(
        options.paths_of(paths),
        projects=tuple(project or ()),
        kinds=tuple(kind or ()),
        connection=connection,
        allowed=tuple(allow or ()),
        refresh_secrets=refresh_secrets,
        verify_secrets=verify_secrets,
    )
    with reporting(report, "plan") as told:
        if chosen := options.targets_of(fleet, target, paths):
            plan_each(
                chosen, settings, told, format, explain=explain, preview=preview, who=who, out=out
            )
        else:
            told.plan = run(settings, format, explain=explain, preview=preview, who=who, out=out)
            told.exit_code = exit_code(told.plan)
    raise typer.Exit(told.exit_code)


def run(
    settings: Settings,
    form: str = "text",
    *,
    explain: bool = False,
    preview: bool = False,
    who: bool = False,
    out: Path | None = None,
) -> Plan:
    """Make the plan, save it if a file is named, and print it.

    Raises:
        HarborconfError: there is no plan.
    """
    options.check_format(form)
    if explain and form != "text":
        message = "--explain is for people"
        raise UsageError(message, advice=f"leave out --format {form}")
    if out:
        check_target(out)
    made = running.run(plan_of(settings, with_preview=preview, with_who=who))
    if out:
        saved.save(made, out)
    whole = saved.command(out) if out else "harborconf plan --format html"
    print_plan(made, form, whole=whole)
    if explain:
        show(render_steps(lower(made)))
    if out:
        note(f"saved in {out}: show it with `show`, apply it with `apply --plan`")
    return made
