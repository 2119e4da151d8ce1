"""`harborconf plan`: what would change."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harborconf.cli import options, running, saved
from harborconf.cli.connect import Settings, workbench
from harborconf.cli.console import note, show
from harborconf.cli.files import check_target
from harborconf.cli.formats import print_plan
from harborconf.cli.reporting import Report, reporting
from harborconf.engine.planning import look, make_plan
from harborconf.engine.preview import preview as previews_of
from harborconf.engine.steps import lower
from harborconf.engine.who import who as who_of
from harborconf.errors import UsageError
from harborconf.report.text import render_steps

if TYPE_CHECKING:
    from harborconf.engine.plan import Plan

NOTHING, BAD, CHANGES = 0, 1, 2


@options.connecting
def plan(
    paths: options.Paths = None,
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
            help="Save the plan too, for review and `apply --plan`.",
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
    made = running.run(_plan(settings, with_preview=preview, with_who=who))
    if out:
        saved.save(made, out)
    whole = saved.command(out) if out else "harborconf plan --format html"
    print_plan(made, form, whole=whole)
    if explain:
        show(render_steps(lower(made)))
    if out:
        note(f"saved in {out}: show it with `show`, apply it with `apply --plan`")
    return made


async def _plan(settings: Settings, *, with_preview: bool, with_who: bool) -> Plan:
    document, state = settings.document()
    async with workbench(settings, state.url) as (session, bench):
        desired, live = await session.proven_read(
            lambda: look(document, bench, settings.selection, state)
        )
        made = make_plan(
            desired,
            live,
            bench,
            digest=document.digest,
            allowed=settings.allowed,
            selection=settings.selection,
        )
        if with_preview:
            previews = await session.proven_read(lambda: previews_of(desired, live, bench))
            made = replace(made, previews=previews)
        if with_who:
            told = await who_of(made, live, bench, session.api)
            made = replace(made, notices=(*made.notices, *told))
        return made


def exit_code(made: Plan) -> int:
    """1 beats 2: what a guard stops is not well, whatever else is planned."""
    if not made.is_well:
        return BAD
    return CHANGES if made.is_applicable else NOTHING
