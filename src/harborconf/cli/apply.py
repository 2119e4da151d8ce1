"""`harborconf apply`: make Harbor as desired."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from harborconf.cli import options, running, saved
from harborconf.cli.connect import Settings
from harborconf.cli.console import confirm
from harborconf.cli.formats import print_plan, print_run
from harborconf.cli.many import apply_each
from harborconf.cli.progress import applying
from harborconf.cli.reporting import Report, reporting
from harborconf.cli.work import Manner, Outcome, carry_out
from harborconf.engine.apply import Event


@options.connecting
def apply(
    paths: options.Paths = None,
    fleet: options.Fleet = None,
    target: options.Targets = None,
    project: options.Projects = None,
    kind: options.Kinds = None,
    format: options.Format = "text",  # noqa: A002 - the option's name
    reviewed: Annotated[
        Path | None,
        typer.Option(
            "--plan",
            metavar="FILE",
            help="Apply exactly what `plan --out` has saved, or nothing; of a fleet a directory.",
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    allow: options.Allow = None,
    refresh_secrets: options.RefreshSecrets = False,
    verify_secrets: options.VerifySecrets = False,
    report: Report = None,
    *,
    connection: options.ConnectionOptions,
) -> None:
    """Show the plan, ask, and make Harbor as desired.

    Safe to run again: what failed or was not reached is then done. Ctrl-C finishes what is in
    flight. Without a terminal it needs --yes.

    With --plan it plans again, and every change in FILE must come out as it was reviewed;
    else nothing is written. Changes that are not in FILE are listed and left alone.

    Exit code: 0 done or nothing to do, 1 anything that is not well.
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
    with reporting(report, "apply") as told:
        if chosen := options.targets_of(fleet, target, paths):
            apply_each(chosen, settings, told, format, yes=yes, reviewed=reviewed)
        else:
            outcome = run(settings, format, yes=yes, reviewed=reviewed)
            told.plan, told.result, told.exit_code = outcome.plan, outcome.result, outcome.exit_code
    raise typer.Exit(told.exit_code)


def run(
    settings: Settings,
    form: str = "text",
    *,
    yes: bool,
    most: int | None = None,
    reviewed: Path | None = None,
) -> Outcome:
    """Show the plan (of its text at most so many lines), ask, and make Harbor as desired.

    Of a reviewed plan its own selection and lifted guards hold.

    Raises:
        HarborconfError: nothing was written.
    """
    options.check_format(form)
    options.check_unattended(form, yes=yes)
    review = None
    whole = "harborconf apply --format html"
    if reviewed:
        review = saved.review(reviewed, settings)
        whole = saved.command(reviewed)
    stopping = running.Stopping()

    @contextmanager
    def hearing(steps: int) -> Iterator[Callable[[Event], None]]:
        with applying(steps) as on_event, stopping:
            yield on_event

    manner = Manner(
        shown=lambda plan: print_plan(plan, form, most=most) if form == "text" else None,
        asked=lambda plan: None if yes else confirm(f"Make these changes to {plan.url}?"),
        hearing=hearing,
        stop=stopping.stop,
    )
    outcome = running.run(carry_out(settings, review, manner))
    print_run(outcome.plan, outcome.result, form, whole=whole)
    return replace(outcome, signal=stopping.number)
