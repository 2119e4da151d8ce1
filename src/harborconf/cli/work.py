"""What is done with one Harbor: its plan, and carrying that out. It prints nothing and asks nobody.

Whoever has it done says in a `Manner` how plans are shown, who is asked and who hears of steps.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from harborconf.cli import saved
from harborconf.cli.connect import Settings, workbench
from harborconf.engine.apply import Event, Result, Stop
from harborconf.engine.apply import apply as run_steps
from harborconf.engine.fingerprints import fingerprints_of
from harborconf.engine.plan import Plan
from harborconf.engine.planning import look, make_plan
from harborconf.engine.read import LiveState
from harborconf.engine.resolve import DesiredState
from harborconf.engine.review import differences, other_server
from harborconf.engine.steps import lower
from harborconf.engine.who import who as who_of
from harborconf.errors import RefusedError
from harborconf.kinds.resource import Workbench, WriteBench
from harborconf.kinds.settings import ends_read_only

NOTHING, BAD, CHANGES = 0, 1, 2


def exit_code(plan: Plan) -> int:
    """1 beats 2: what a guard stops is not well, whatever else is planned."""
    if not plan.is_well:
        return BAD
    return CHANGES if plan.is_applicable else NOTHING


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
        return NOTHING if self.result.is_complete and self.plan.is_well else BAD


@dataclass(frozen=True, slots=True)
class Manner:
    """How a plan is carried out.

    Attributes:
        shown: Is told the plan, once it is made.
        asked: Is told the plan where it can be applied, and raises what keeps it from that.
        hearing: Is told the number of steps, and gives what hears of each while they run.
        stop: The wish to stop.
    """

    shown: Callable[[Plan], None]
    asked: Callable[[Plan], None]
    hearing: Callable[[int], AbstractContextManager[Callable[[Event], None]]]
    stop: Stop = field(default_factory=Stop)


@dataclass(frozen=True, slots=True)
class _Planned:
    session: Any
    bench: Workbench
    desired: DesiredState
    live: LiveState
    plan: Plan


@asynccontextmanager
async def _planned(
    settings: Settings, review: saved.Review | None, *, with_preview: bool = False
) -> AsyncIterator[_Planned]:
    """A plan, with the session it was made in. Of one that was reviewed, that part only."""
    if review:
        settings = review.settings(settings)
    document, state = settings.document()
    async with workbench(settings, state.url) as (session, bench):
        if review:
            review.check(other_server(review.plan, bench.server))
        desired, live = await session.proven_read(
            lambda: look(document, bench, settings.selection, state, with_preview=with_preview)
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
        yield _Planned(session, bench, desired, live, plan)


async def plan_of(
    settings: Settings, *, with_preview: bool = False, with_who: bool = False
) -> Plan:
    """The plan of one Harbor.

    Raises:
        HarborconfError: there is none.
    """
    async with _planned(settings, None, with_preview=with_preview) as made:
        plan = made.plan
        if with_who:
            told = await who_of(plan, made.live, made.bench, made.session.api)
            plan = replace(plan, notices=(*plan.notices, *told))
        return plan


async def rehearse(
    settings: Settings, review: saved.Review | None, shown: Callable[[Plan], None]
) -> None:
    """All that comes before the first write, without asking.

    Raises:
        HarborconfError: the plan would not be carried out.
    """
    async with _planned(settings, review) as made:
        shown(made.plan)
        if made.plan.is_applicable:
            _check_ready(made.plan, made.bench)


async def carry_out(settings: Settings, review: saved.Review | None, manner: Manner) -> Outcome:
    """Make one Harbor as desired, or what was reviewed of it.

    Raises:
        HarborconfError: nothing was written.
    """
    async with _planned(settings, review) as made:
        plan, bench = made.plan, made.bench
        manner.shown(plan)
        if not plan.is_applicable:
            return Outcome(plan, Result())
        _check_ready(plan, bench)
        manner.asked(plan)
        writing = WriteBench(
            made.session.api,
            bench.server,
            bench.who,
            settings.stores(bench.server.url),
            bench.now,
            {name: place.raw for name, place in made.live.places.items()},
        )
        steps = lower(plan)
        fingerprints = await fingerprints_of(made.desired, writing)
        with manner.hearing(len(steps)) as on_event:
            result = await run_steps(
                steps,
                writing,
                on_event=on_event,
                concurrency=settings.connection.concurrency,
                stop=manner.stop,
                fingerprints=fingerprints,
            )
        return Outcome(plan, result)


def _check_ready(plan: Plan, bench: Workbench) -> None:
    if plan.refusals:
        names = ", ".join(refusal.guard for refusal in plan.refusals)
        message = f"nothing was written: stopped by {names}"
        advice = "look at the plan; --allow NAME lifts a guard this once"
        raise RefusedError(message, advice=advice)
    if bench.server.read_only and not ends_read_only(lower(plan)):
        message = "Harbor is in read-only mode: nothing can be written"
        advice = "switch it off, or write `read_only: false` under system.settings"
        raise RefusedError(message, advice=advice)
