"""`harborconf apply`: make Harbor as desired."""

from __future__ import annotations

import asyncio
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harborconf.cli import options, running, saved
from harborconf.cli.connect import Settings, workbench
from harborconf.cli.console import check_terminal, confirm, note
from harborconf.cli.formats import print_plan, print_run
from harborconf.cli.progress import progress
from harborconf.cli.reporting import Report, reporting
from harborconf.engine.apply import Result, Stop
from harborconf.engine.apply import apply as run_steps
from harborconf.engine.fingerprints import fingerprints_of
from harborconf.engine.planning import look, make_plan
from harborconf.engine.review import differences, other_server
from harborconf.engine.steps import lower
from harborconf.errors import RefusedError, UsageError
from harborconf.kinds.resource import WriteBench
from harborconf.kinds.settings import ends_read_only

if TYPE_CHECKING:
    from collections.abc import Callable

    from harborconf.engine.fingerprints import Fingerprints
    from harborconf.engine.plan import Plan
    from harborconf.kinds.resource import Workbench

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A plan, what became of it, and the number of the signal that stopped it, or 0."""

    plan: Plan
    result: Result
    signal: int = 0

    @property
    def exit_code(self) -> int:
        """0 where everything is as desired now."""
        if self.signal:
            return 128 + self.signal
        return 0 if self.result.is_complete and self.plan.is_well else 1


@options.connecting
def apply(
    paths: options.Paths = None,
    project: options.Projects = None,
    kind: options.Kinds = None,
    format: options.Format = "text",  # noqa: A002 - the option's name
    reviewed: Annotated[
        Path | None,
        typer.Option(
            "--plan",
            metavar="FILE",
            help="Apply exactly what was saved by `plan --out`, or nothing.",
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
    if not yes:
        check_terminal()
    if form != "text" and not yes:
        message = f"--format {form} cannot ask"
        raise UsageError(message, advice="say --yes")
    review = None
    whole = "harborconf apply --format html"
    if reviewed:
        review = saved.review(reviewed, settings)
        settings = review.settings(settings)
        whole = saved.command(reviewed)
    outcome = running.run(_apply(settings, form, review, yes=yes, most=most))
    print_run(outcome.plan, outcome.result, form, whole=whole)
    return outcome


async def _apply(
    settings: Settings,
    form: str,
    review: saved.Review | None,
    *,
    yes: bool,
    most: int | None,
) -> Outcome:
    document, state = settings.document()
    async with workbench(settings, state.url) as (session, bench):
        if review:
            review.check(other_server(review.plan, bench.server))
        desired, live = await session.proven_read(
            lambda: look(document, bench, settings.selection, state)
        )
        plan = make_plan(
            desired,
            live,
            bench,
            digest=document.digest,
            allowed=settings.allowed,
            selection=settings.selection,
            reviewed=review.plan if review else None,
        )
        if review:
            review.check(differences(review.plan, plan))
        if form == "text":
            print_plan(plan, form, most=most)
        if not plan.is_applicable:
            return Outcome(plan, Result())
        _ready(plan, bench, yes=yes)
        known = {name: place.raw for name, place in live.places.items()}
        writing = WriteBench(
            session.api,
            bench.server,
            bench.who,
            settings.stores(bench.server.url),
            bench.now,
            known,
        )
        result, signalled = await _run(
            plan, writing, settings.connection.concurrency, await fingerprints_of(desired, writing)
        )
        return Outcome(plan, result, signalled)


def _ready(plan: Plan, bench: Workbench, *, yes: bool) -> None:
    if plan.refusals:
        names = ", ".join(refusal.guard for refusal in plan.refusals)
        message = f"nothing was written: stopped by {names}"
        advice = "look at the plan; --allow NAME lifts a guard this once"
        raise RefusedError(message, advice=advice)
    if bench.server.read_only and not ends_read_only(lower(plan)):
        message = "Harbor is in read-only mode: nothing can be written"
        advice = "switch it off, or write `read_only: false` under system.settings"
        raise RefusedError(message, advice=advice)
    if not yes:
        confirm(f"Make these changes to {plan.url}?")


async def _run(
    plan: Plan, bench: WriteBench, concurrency: int, fingerprints: Fingerprints | None
) -> tuple[Result, int]:
    steps = lower(plan)
    stop = Stop()
    with progress(len(steps)) as on_event, _on_signal(stop) as signalled:
        result = await run_steps(
            steps,
            bench,
            on_event=on_event,
            concurrency=concurrency,
            stop=stop,
            fingerprints=fingerprints,
        )
    return result, signalled()


class _on_signal:  # noqa: N801 - used as a function
    """Turn the first Ctrl-C or TERM into a wish to stop."""

    def __init__(self, stop: Stop) -> None:
        self.stop = stop
        self.number = 0

    def __enter__(self) -> Callable[[], int]:
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            loop.add_signal_handler(number, self._take, number)
        return lambda: self.number

    def __exit__(self, *_: object) -> None:
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            loop.remove_signal_handler(number)

    def _take(self, number: int) -> None:
        self.number = number
        if not self.stop.wanted:
            note("stopping: what is in flight is finished first")
        self.stop.wanted = True
