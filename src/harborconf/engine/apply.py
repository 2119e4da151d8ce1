"""Running steps: in order where one needs another, side by side where not."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harborconf.engine.fingerprints import sent_by
from harborconf.errors import HarborconfError, not_understood
from harborconf.kinds.catalog import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from harborconf.engine.fingerprints import Fingerprints
    from harborconf.kinds.resource import Step, WriteBench


@dataclass(frozen=True, slots=True)
class Started:
    """A step begins."""

    step: Step


@dataclass(frozen=True, slots=True)
class Done:
    """A step has been done."""

    step: Step


@dataclass(frozen=True, slots=True)
class Failed:
    """A step could not be done; `message` is Harbor's own where Harbor refused."""

    step: Step
    message: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A step was not tried."""

    step: Step
    reason: str


Event = Started | Done | Failed | Skipped


@dataclass(frozen=True, slots=True)
class Result:
    """What became of every step."""

    done: tuple[Step, ...] = ()
    failed: tuple[Failed, ...] = ()
    skipped: tuple[Skipped, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether every step was done."""
        return not self.failed and not self.skipped


@dataclass(slots=True)
class Stop:
    """A wish to stop: what is in flight is finished and completed, nothing new begins."""

    wanted: bool = False


@dataclass(slots=True)
class _Run:
    bench: WriteBench
    on_event: Callable[[Event], None]
    gate: asyncio.Semaphore
    stop: Stop
    fingerprints: Fingerprints | None = None
    ended: dict[object, asyncio.Future[bool]] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)

    def tell(self, event: Event) -> None:
        self.events.append(event)
        self.on_event(event)

    async def step(self, step: Step) -> None:
        outcome = False
        try:
            outcome = await self._try(step)
        finally:
            self.ended[step.key].set_result(outcome)

    async def _try(self, step: Step) -> bool:
        for need in step.needs:
            if not await self.ended[need]:
                self.tell(Skipped(step, f"it needs {need[1]} {need[0]}"))
                return False
        async with self.gate:
            if self.stop.wanted and not step.completes:
                self.tell(Skipped(step, "stopped on request"))
                return False
            self.tell(Started(step))
            try:
                sent = await sent_by(step, self.bench.stores) if self.fingerprints else {}
                await BY_NAME[step.address.kind].run(self.bench, step)
                if self.fingerprints:
                    await self.fingerprints.keep(self.bench.stores, step.address, sent)
            except HarborconfError as error:
                self.tell(Failed(step, error.lines()[0], error.advice))
                return False
            except Exception as error:  # noqa: BLE001 - the other steps must go on, and be told of
                message = not_understood(error)
                self.tell(Failed(step, message, "run again with -v, and report this"))
                return False
        self.tell(Done(step))
        return True


async def apply(
    steps: Sequence[Step],
    bench: WriteBench,
    *,
    on_event: Callable[[Event], None],
    concurrency: int,
    stop: Stop | None = None,
    fingerprints: Fingerprints | None = None,
) -> Result:
    """Run all steps, at most `concurrency` at once. Never raises for a step that fails."""
    run = _Run(bench, on_event, asyncio.Semaphore(concurrency), stop or Stop(), fingerprints)
    loop = asyncio.get_running_loop()
    run.ended = {step.key: loop.create_future() for step in steps}
    await asyncio.gather(*(run.step(step) for step in steps))
    return Result(
        tuple(event.step for event in run.events if isinstance(event, Done)),
        tuple(event for event in run.events if isinstance(event, Failed)),
        tuple(event for event in run.events if isinstance(event, Skipped)),
    )
