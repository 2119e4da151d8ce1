"""A fleet's targets, side by side in one process: what one of them does, no other one minds."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from harborconf.cli import options, running, saved, work
from harborconf.cli.connect import Settings
from harborconf.cli.console import counted, note, show, write
from harborconf.cli.files import check_empty
from harborconf.cli.progress import Reading
from harborconf.cli.reporting import blame
from harborconf.engine.fleet import Target
from harborconf.engine.steps import lower
from harborconf.errors import UsageError
from harborconf.report import fleet
from harborconf.report.run import Run
from harborconf.report.text import render_steps
from harborconf.spec.value import write_seconds

AT_ONCE = 16
"""Targets under way. What hangs takes one place until its time is up, and no more."""
CONNECTIONS = 512
"""Of all targets together: half of the files that a process may have open as a rule."""
TICK = 0.2
"""Seconds between two looks at how far everything is."""


@dataclass(slots=True)
class OnItsWay:
    """One target that is being worked on: its settings, what became of it, its time limit."""

    settings: Settings
    run: Run
    limit: asyncio.Timeout


Work = Callable[[OnItsWay], Awaitable[None]]


async def on_each(targets: Sequence[Target], settings: Settings, whole: Run, doing: Work) -> None:
    """Do something on each target; whatever one raises becomes its run's error."""
    gate = asyncio.Semaphore(at_once(settings.connection.concurrency))
    # Names that take long to be found, and a slow cluster, must not keep other targets waiting.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(2 * AT_ONCE))
    with _telling(whole):
        doings = [
            _on_one(target, settings, whole.targets[target.name], gate, doing) for target in targets
        ]
        # A cancelled one must not keep others from logging out.
        await asyncio.gather(*doings, return_exceptions=True)
    whole.exit_code = exit_code(whole.targets.values())


def at_once(concurrency: int) -> int:
    """How many targets are under way where each has so many connections."""
    return min(AT_ONCE, max(1, CONNECTIONS // concurrency))


def exit_code(runs: Iterable[Run]) -> int:
    """1 beats 2, and 2 beats 0."""
    codes = {run.exit_code for run in runs}
    return next((code for code in (work.BAD, work.CHANGES) if code in codes), work.NOTHING)


async def _on_one(
    target: Target, settings: Settings, run: Run, gate: asyncio.Semaphore, doing: Work
) -> None:
    begun = None
    try:
        async with gate:
            run.begun, begun = time.time(), time.monotonic()
            async with asyncio.timeout(target.seconds) as limit:
                await doing(OnItsWay(replace(settings, target=target), run, limit))
    except asyncio.CancelledError:
        run.errors = ("stopped: it was not done with" if begun else "stopped: it was not begun",)
        raise
    except TimeoutError:
        run.errors = (f"time is up: it took more than {write_seconds(target.seconds)}",)
        run.advice = f"find out why, or give {target.name} a longer `time_limit`"
    except Exception as error:  # noqa: BLE001 - the other targets must go on, and this be told
        blame(run, error)
    finally:
        if begun:
            run.seconds = time.monotonic() - begun


class _Counting(Reading):
    """How many targets are done with, told when it takes long, and which are under way."""

    def __init__(self, whole: Run) -> None:
        super().__init__()
        self.runs = whole.targets

    def line(self, done: int, known: int, spent: float) -> str:
        """What is told after so many seconds."""
        del spent
        bad = sum(run.seconds > 0 and bool(run.errors) for run in self.runs.values())
        busy = [name for name, run in self.runs.items() if run.begun and not run.seconds]
        told = f"fleet: {done} of {known} targets done, {bad} with errors; under way: "
        line = told + ", ".join(busy)
        return line[: shutil.get_terminal_size().columns - 1] if self.in_place else line


@contextmanager
def _telling(whole: Run) -> Iterator[None]:
    counting = _Counting(whole)

    async def tick() -> None:
        while True:
            await asyncio.sleep(TICK)
            done = sum(run.seconds > 0 for run in whole.targets.values())
            counting(done, len(whole.targets))

    ticking = asyncio.ensure_future(tick())
    try:
        yield
    finally:
        ticking.cancel()
        counting.clear()


def begin(targets: Sequence[Target], whole: Run) -> None:
    """Note each target as one that nothing has become of yet."""
    whole.targets = {target.name: Run(whole.command, 0.0) for target in targets}


# ---- plan ----------------------------------------------------------------------------


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
    check_format(form)
    if out:
        check_empty(out)
        out.mkdir(parents=True, exist_ok=True)

    async def make(one: OnItsWay) -> None:
        made = one.run.plan = await work.plan_of(one.settings, with_preview=preview, with_who=who)
        if out:
            saved.save(made, plan_file(out, one.settings.target))
        one.run.exit_code = work.exit_code(made)

    begin(targets, whole)
    running.run(on_each(targets, settings, whole, make))
    print_plans(whole, form)
    if explain:
        for name, run in whole.targets.items():
            if run.plan and run.plan.is_applicable:
                write(f"{name}:")
                show(render_steps(lower(run.plan)))
    if out:
        number = sum(run.plan is not None for run in whole.targets.values())
        note(f"{counted(number, 'plan')} saved in {out}: apply them with `apply --plan {out}`")


def plan_file(folder: Path, target: Target | None) -> Path:
    """Where a target's saved plan stands."""
    assert target is not None
    return folder / f"{target.name}.plan.json"


def check_format(form: str) -> None:
    """Refuse a format that a fleet is not told in.

    Raises:
        UsageError: it is one of those, or does not exist.
    """
    options.check_format(form)
    if form == "html":
        message = "--format html shows one plan"
        advice = "save them with `plan --out DIRECTORY`; `show FILE --format html` shows each"
        raise UsageError(message, advice=advice)


def print_plans(whole: Run, form: str) -> None:
    """Print what became of a fleet, on standard output."""
    match form:
        case "json":
            write(fleet.render_json(whole))
        case "markdown":
            write(fleet.render_markdown(whole, "harborconf plan --fleet"))
        case _:
            width = shutil.get_terminal_size((100, 24)).columns
            show(fleet.render_plans(whole.targets))
            show(fleet.render_matrix(whole.targets, width))
