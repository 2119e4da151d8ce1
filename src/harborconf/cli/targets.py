"""A fleet's targets, side by side in one process: what one of them does, no other one minds."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace

from harborconf.cli import work
from harborconf.cli.connect import Settings
from harborconf.cli.progress import Progress, is_in_place, told
from harborconf.cli.reporting import blame
from harborconf.engine.apply import Event, Failed, Skipped, Stop
from harborconf.engine.fleet import Target
from harborconf.report.run import Run
from harborconf.spec.value import write_seconds

AT_ONCE = 16
"""Targets under way. What hangs takes one place until its time is up, and no more."""
CONNECTIONS = 512
"""Of all targets together: half of the files that a process may have open as a rule."""
TICK = 0.2
"""Seconds between two looks at how far everything is."""


@dataclass(slots=True)
class OnItsWay:
    """One target that is being worked on: its settings, what became of it, its time limit.

    `stop` is the wish to stop writing. Once it `is_writing` nothing ends it at once.
    """

    target: Target
    settings: Settings
    run: Run
    limit: asyncio.Timeout
    stop: Stop = field(default_factory=Stop)
    is_writing: bool = False

    @contextmanager
    def writing(self, steps: int) -> Iterator[Callable[[Event], None]]:
        """What hears of steps while they run. When time is up, what is in flight is finished."""
        del steps
        when = self.limit.when()
        assert when is not None
        patience = 2 * self.settings.connection.timeout
        timer = asyncio.get_running_loop().call_at(when, self._end)
        self.limit.reschedule(when + patience)
        self.is_writing = True
        try:
            yield self._hear
        finally:
            timer.cancel()

    def _end(self) -> None:
        self.stop.wanted = True
        _time_is_up(self.run, self.target)

    def _hear(self, event: Event) -> None:
        if isinstance(event, Failed | Skipped) and not is_in_place(sys.stderr):
            self.settings.tell(told(event))


Doing = Callable[[OnItsWay], Awaitable[None]]


def begin(targets: Iterable[Target], whole: Run) -> None:
    """Note each target as one that nothing has become of yet."""
    whole.targets = {target.name: Run(whole.command, 0.0) for target in targets}


class Course:
    """One course over targets of a fleet; what becomes of each is noted in its run."""

    def __init__(self, targets: Sequence[Target], settings: Settings, whole: Run) -> None:
        self._targets = targets
        self._settings = settings
        self._runs = {target.name: whole.targets[target.name] for target in targets}
        self._busy: dict[str, OnItsWay] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def run(
        self, doing: Doing, stopping: AbstractContextManager[None] = nullcontext()
    ) -> None:
        """Do something on each target; whatever one raises becomes its run's error."""
        gate = asyncio.Semaphore(at_once(self._settings.connection.concurrency))
        loop = asyncio.get_running_loop()
        # Names that take long to be found, and a slow cluster, must not keep others waiting.
        loop.set_default_executor(ThreadPoolExecutor(2 * AT_ONCE))
        with _telling(self._runs), stopping:
            for target in self._targets:
                self._tasks[target.name] = loop.create_task(self._on_one(target, gate, doing))
            # A cancelled one must not keep others from logging out.
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def stop(self) -> None:
        """End what only reads or has not begun, and have the others finish what is in flight."""
        for name, task in self._tasks.items():
            one = self._busy.get(name)
            if one is None or not one.is_writing:
                task.cancel()
            else:
                one.stop.wanted = True

    async def _on_one(self, target: Target, gate: asyncio.Semaphore, doing: Doing) -> None:
        run = self._runs[target.name]
        run.begun = run.seconds = 0.0
        run.exit_code = work.BAD
        begun = None
        try:
            async with gate:
                run.begun, begun = time.time(), time.monotonic()
                async with asyncio.timeout(target.seconds) as limit:
                    one = OnItsWay(target, replace(self._settings, target=target), run, limit)
                    self._busy[target.name] = one
                    await doing(one)
        except asyncio.CancelledError:
            what = "it was not done with" if begun else "it was not begun"
            run.errors = (f"stopped: {what}",)
            raise
        except TimeoutError:
            _time_is_up(run, target)
        except Exception as error:  # noqa: BLE001 - the other targets must go on, and this be told
            blame(run, error)
        finally:
            if begun:
                run.seconds = time.monotonic() - begun


def _time_is_up(run: Run, target: Target) -> None:
    run.errors = (f"time is up: it took more than {write_seconds(target.seconds)}",)
    run.advice = f"find out why, or give {target.name} a longer `time_limit`"
    run.exit_code = work.BAD


def at_once(concurrency: int) -> int:
    """How many targets are under way where each has so many connections."""
    return min(AT_ONCE, max(1, CONNECTIONS // concurrency))


def exit_code(runs: Iterable[Run]) -> int:
    """1 beats 2, and 2 beats 0."""
    codes = {run.exit_code for run in runs}
    return next((code for code in (work.BAD, work.CHANGES) if code in codes), work.NOTHING)


class _Counting(Progress):
    """How many targets are done with, told when it takes long, and which are under way."""

    def __init__(self, runs: Mapping[str, Run]) -> None:
        super().__init__("fleet")
        self.runs = runs

    def line(self, done: int, known: int, spent: float) -> str:
        """What is told after so many seconds."""
        del spent
        bad = sum(run.seconds > 0 and bool(run.errors) for run in self.runs.values())
        busy = [name for name, run in self.runs.items() if run.begun and not run.seconds]
        far = f"{self.doing}: {done} of {known} targets done, {bad} with errors"
        return f"{far}; under way: {', '.join(busy)}"


@contextmanager
def _telling(runs: Mapping[str, Run]) -> Iterator[None]:
    counting = _Counting(runs)

    async def tick() -> None:
        while True:
            await asyncio.sleep(TICK)
            counting(sum(run.seconds > 0 for run in runs.values()), len(runs))

    ticking = asyncio.ensure_future(tick())
    try:
        yield
    finally:
        ticking.cancel()
        counting.clear()
