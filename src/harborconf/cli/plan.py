"""`harborconf plan`: what would change."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from harborconf.cli import options
from harborconf.cli.connect import Settings, workbench
from harborconf.cli.console import show, write
from harborconf.engine.planning import look, make_plan
from harborconf.engine.preview import preview as previews_of
from harborconf.engine.steps import lower
from harborconf.errors import UsageError

if TYPE_CHECKING:
    from harborconf.engine.plan import Plan

NOTHING, BAD, CHANGES = 0, 1, 2


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
    allow: options.Allow = None,
    concurrency: options.Concurrency = 16,
    timeout: options.Timeout = 30.0,
    wait: options.Wait = "",
    ca_file: options.CaFile = None,
    client_cert: options.ClientCert = None,
    client_key: options.ClientKey = None,
    insecure: options.Insecure = False,
    verbose: options.Verbose = False,
) -> None:
    """Show, field by field, what apply would change.

    Nothing is written. What is live in a section that the files write, but not in them, is
    listed as extra; what they do not mention is not looked at.

    Exit code: 0 nothing to do, 2 changes planned, 1 anything that is not well.
    """
    settings = Settings(
        tuple(options.paths_of(paths)),
        tuple(project or ()),
        tuple(kind or ()),
        concurrency,
        timeout,
        wait,
        ca_file,
        client_cert,
        client_key,
        insecure,
        verbose,
        tuple(allow or ()),
    )
    raise typer.Exit(exit_code(run(settings, format, explain=explain, preview=preview)))


def run(
    settings: Settings, form: str = "text", *, explain: bool = False, preview: bool = False
) -> Plan:
    """Make the plan and print it.

    Raises:
        HarborconfError: there is no plan.
    """
    options.check_format(form)
    if explain and form != "text":
        message = "--explain is for people"
        raise UsageError(message, advice=f"leave out --format {form}")
    made = asyncio.run(_plan(settings, with_preview=preview))
    print_plan(made, form)
    if explain:
        from harborconf.report.text import render_steps  # noqa: PLC0415

        show(render_steps(lower(made)))
    return made


async def _plan(settings: Settings, *, with_preview: bool) -> Plan:
    document, url = settings.document()
    async with workbench(settings, url) as (session, bench):
        desired, live = await session.proven_read(lambda: look(document, bench, settings.selection))
        made = make_plan(desired, live, bench, digest=document.digest, allowed=settings.allowed)
        if with_preview:
            previews = await session.proven_read(lambda: previews_of(desired, live, bench))
            made = replace(made, previews=previews)
        return made


def print_plan(made: Plan, form: str, most: int | None = None) -> None:
    """Print a plan in a format; of text at most so many lines and the summary."""
    if form == "json":
        from harborconf.report import json  # noqa: PLC0415

        write(json.render_plan(made))
    else:
        from harborconf.report import text  # noqa: PLC0415

        show(text.render_plan(made), most)


def exit_code(made: Plan) -> int:
    """1 beats 2: what a guard stops is not well, whatever else is planned."""
    if not made.is_well:
        return BAD
    return CHANGES if made.is_applicable else NOTHING
