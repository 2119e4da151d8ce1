"""`harborconf apply`: make Harbor as desired."""

from __future__ import annotations

import asyncio
import signal
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from harborconf.cli import options
from harborconf.cli.connect import Settings, workbench
from harborconf.cli.console import confirmed, note, show, write
from harborconf.cli.plan import print_plan
from harborconf.cli.progress import progress
from harborconf.engine.apply import Result, Stop
from harborconf.engine.apply import apply as run_steps
from harborconf.engine.planning import look, make_plan
from harborconf.engine.steps import lower
from harborconf.errors import RefusedError, UsageError
from harborconf.kinds.resource import WriteBench

if TYPE_CHECKING:
    from collections.abc import Callable

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


def apply(
    paths: options.Paths = None,
    project: options.Projects = None,
    kind: options.Kinds = None,
    format: options.Format = "text",  # noqa: A002 - the option's name
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
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
    """Show the plan, ask, and make Harbor as desired.

    Safe to run again: what failed or was not reached is then done. Ctrl-C finishes what is in
    flight. Without a terminal it needs --yes.

    Exit code: 0 done or nothing to do, 1 anything that is not well.
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
    raise typer.Exit(run(settings, format, yes=yes).exit_code)


def run(
    settings: Settings,
    form: str = "text",
    *,
    yes: bool,
    most: int | None = None,
) -> Outcome:
    """Show the plan (of its text at most so many lines), ask, and make Harbor as desired.

    Raises:
        HarborconfError: nothing was written.
    """
    options.check_format(form)
    if not yes and not (sys.stdin.isatty() and sys.stdout.isatty()):
        message = "there is no terminal to ask on"
        raise UsageError(message, advice="say --yes")
    if form == "json" and not yes:
        message = "--format json cannot ask"
        raise UsageError(message, advice="say --yes")
    outcome = asyncio.run(_apply(settings, form, yes=yes, most=most))
    _print_result(outcome, form)
    return outcome


async def _apply(
    settings: Settings,
    form: str,
    *,
    yes: bool,
    most: int | None,
) -> Outcome:
    document, url = settings.document()
    async with workbench(settings, url) as (session, bench):
        desired, live = await session.proven_read(lambda: look(document, bench, settings.selection))
        plan = make_plan(desired, live, bench, digest=document.digest, allowed=settings.allowed)
        if form == "text":
            print_plan(plan, form, most)
        if not plan.is_applicable:
            return Outcome(plan, Result())
        _ready(plan, bench, yes=yes)
        known = {name: place.raw for name, place in live.places.items()}
        writing = WriteBench(
            session.api, bench.server, bench.who, settings.stores(), bench.now, known
        )
        result, signalled = await _run(plan, writing, settings.concurrency)
        return Outcome(plan, result, signalled)


def _ready(plan: Plan, bench: Workbench, *, yes: bool) -> None:
    if plan.refusals:
        names = ", ".join(refusal.guard for refusal in plan.refusals)
        message = f"nothing was written: stopped by {names}"
        advice = "look at the plan; --allow NAME lifts a guard this once"
        raise RefusedError(message, advice=advice)
    if bench.server.read_only:
        message = "Harbor is in read-only mode: nothing can be written"
        raise RefusedError(message, advice="switch read-only mode off, then apply")
    if not yes and not confirmed(f"Make these changes to {plan.url}?"):
        message = "declined: nothing was written"
        raise RefusedError(message)


async def _run(plan: Plan, bench: WriteBench, concurrency: int) -> tuple[Result, int]:
    steps = lower(plan)
    stop = Stop()
    with progress(len(steps)) as on_event, _on_signal(stop) as signalled:
        result = await run_steps(
            steps, bench, on_event=on_event, concurrency=concurrency, stop=stop
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


def _print_result(outcome: Outcome, form: str) -> None:
    if form == "json":
        from harborconf.report import json  # noqa: PLC0415

        write(json.render_run(outcome.plan, outcome.result))
    elif outcome.plan.is_applicable:
        from harborconf.report import text  # noqa: PLC0415

        show(text.render_result(outcome.result))
