"""Reading from Harbor what desired mentions, and nothing else; equal reads are made once."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

from harborconf.engine.fingerprints import fingerprints_of, judged
from harborconf.errors import (
    AuthenticationError,
    DocumentError,
    HarborError,
    NotPermittedError,
    Problem,
    StoreError,
    not_understood,
)
from harborconf.kinds.base import PREVIOUSLY, declared
from harborconf.kinds.catalog import BY_NAME, KINDS, PROJECT
from harborconf.kinds.resource import Desired, Live, Place

if TYPE_CHECKING:
    from collections.abc import (
        Awaitable,
        Callable,
        Collection,
        Iterable,
        Iterator,
        Mapping,
        Sequence,
    )

    from harborconf.engine.preview import Preview
    from harborconf.engine.resolve import DesiredState
    from harborconf.kinds.api import Json, Reads
    from harborconf.kinds.base import Kind
    from harborconf.kinds.resource import Comparison, Workbench
    from harborconf.spec.address import Address
    from harborconf.spec.secret import Secret

A = TypeVar("A")
B = TypeVar("B")
NO_PLACE = Place()
AT_ONCE = 256
"""Reads that are begun and not done: as many as there can be connections. Thousands that only wait
would take memory."""

Permission = tuple[str, str]
"""A resource and an action, as Harbor calls them."""


@dataclass(frozen=True, slots=True)
class LiveState:
    """What Harbor has of everything that desired mentions.

    `seen` tells which kinds were read of which project (None: of the system); `barred` holds
    reads that were not permitted, `failed` projects whose reads failed. `may` holds what the
    user who asks may do in a project, where that was asked. `version` is Harbor's, `previews` tell
    what retention would delete, where that was asked.
    """

    resources: Mapping[Address, Live] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)
    observed: Mapping[Address, Mapping[str, Comparison]] = field(default_factory=dict)
    barred: Mapping[tuple[str | None, str], str] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)
    seen: frozenset[tuple[str | None, str]] = frozenset()
    may: Mapping[str, frozenset[Permission]] = field(default_factory=dict)
    version: tuple[int, ...] = ()
    previews: tuple[Preview, ...] = ()


def live_of(desired: Desired, resources: Mapping[Address, Live]) -> Live | None:
    """What is live of a desired resource, under its own or its former name."""
    former = desired.fields.get(PREVIOUSLY)
    return resources.get(desired.address) or (
        None if former is None else resources.get(replace(desired.address, name=former))
    )


_Gets = dict[Any, "asyncio.Future[Json]"]


class Once:
    """Reads of which equal ones are made once and shared.

    With `gets`, what others have read already is shared, and nothing else is kept in memory.
    """

    def __init__(self, api: Reads, gets: _Gets | None = None) -> None:
        self._api = api
        self._gets: _Gets = {} if gets is None else gets
        self._keeps = gets is None

    def last(self) -> Once:
        """The same, for whoever reads what nobody reads again."""
        return Once(self._api, self._gets)

    async def get(
        self,
        path: str,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Json:
        """The shared reply of this GET."""
        key = (path, *sorted((params or {}).items()), *sorted((headers or {}).items()))
        if key in self._gets:
            return await asyncio.shield(self._gets[key])
        if not self._keeps:
            return await self._api.get(path, params, headers)
        future = self._gets[key] = asyncio.get_running_loop().create_future()
        future.add_done_callback(_take_notice)
        try:
            reply = await self._api.get(path, params, headers)
        except Exception as error:
            future.set_exception(error)
            raise
        except BaseException:
            future.cancel()
            raise
        future.set_result(reply)
        return reply

    async def exists(self, path: str, params: Mapping[str, str | int] | None = None) -> bool:
        """Ask whether something is there; HEAD only."""
        return await self._api.exists(path, params)

    async def accepts(self, username: str, secret: Secret) -> bool | None:
        """Try a credential; GET only."""
        return await self._api.accepts(username, secret)

    async def pings(self, registry: int) -> bool | None:
        """Have Harbor try a registry; it changes nothing there or here."""
        return await self._api.pings(registry)


def _take_notice(future: asyncio.Future[Json]) -> None:
    """Whoever waited may have been stopped: asyncio would print what nobody looks at."""
    if not future.cancelled():
        future.exception()


async def read_live(
    desired: DesiredState, bench: Workbench, *, refresh_secrets: bool = False
) -> LiveState:
    """Read what the desired state mentions.

    Raises:
        HarborError: a list or a system read failed: nothing can be believed then.
        DocumentError: a store that desired names cannot be read.
    """
    bench = replace(bench, desired=desired.by_address)
    reading = _Reading(bench)
    projects, wanted = _wanted(desired)
    system = wanted.pop(None, set())
    jobs: list[Awaitable[None]] = [reading.system(BY_NAME[kind]) for kind in sorted(system)]
    if projects:
        jobs.append(reading.projects(projects, wanted))
    await _all(jobs)
    observed = await _observe(desired.resources, bench, reading)
    prints = await fingerprints_of(desired, bench)
    for address, seen in observed.items():
        observed[address] = await judged(
            bench.desired[address], seen, bench.stores, prints, refresh=refresh_secrets
        )
    return reading.state(observed)


async def read_everything(
    bench: Workbench,
    projects: Iterable[str] | None = None,
    kinds: Collection[str] = (),
) -> LiveState:
    """Read all kinds (or those named) of all projects (or of those named) and of the system.

    Raises:
        HarborError: any read failed: an export must not leave anything out silently.
    """
    bench = replace(bench, api=Once(bench.api))
    reading = _Reading(bench, strict=True)
    chosen = None if projects is None else set(projects)
    wanted = [kind for kind in KINDS if not kinds or kind.name in kinds]
    within = {kind.name for kind in wanted if kind.in_project}
    jobs: list[Awaitable[None]] = []
    if PROJECT in wanted:
        reading.seen.add((None, PROJECT.name))
    if PROJECT in wanted or within:
        jobs.append(reading.projects(chosen, defaultdict(lambda: within)))
    if chosen is None:
        jobs += [reading.system(kind) for kind in wanted if kind.in_system and kind is not PROJECT]
    await _all(jobs)
    return reading.state({})


def _wanted(desired: DesiredState) -> tuple[set[str], dict[str | None, set[str]]]:
    """Which projects, and which kinds of each (of None: of the system)."""
    projects: set[str] = set()
    wanted: dict[str | None, set[str]] = defaultdict(set)
    for resource in desired.resources:
        address = resource.address
        if address.kind == PROJECT.name:
            projects.add(str(address.name))
        else:
            wanted[address.project].add(address.kind)
        for named in BY_NAME[address.kind].mentions(resource.fields).values():
            wanted[named.project].add(named.kind)
    for key in desired.managed:
        wanted[key.project].add(key.kind)
    return projects | {name for name in wanted if name is not None}, wanted


class _Reading:
    """Gathers what the reads bring."""

    def __init__(self, bench: Workbench, *, strict: bool = False) -> None:
        self.bench = bench
        self.strict = strict
        self.resources: dict[Address, Live] = {}
        self.places: dict[str, Place] = {}
        self.barred: dict[tuple[str | None, str], str] = {}
        self.failed: dict[str, str] = {}
        self.may: dict[str, frozenset[Permission]] = {}
        self.seen: set[tuple[str | None, str]] = set()
        self.done = self.known = 0

    def state(self, observed: Mapping[Address, Mapping[str, Comparison]]) -> LiveState:
        """All of it, with what was found out about fields that Harbor does not tell."""
        return LiveState(
            self.resources,
            self.places,
            observed,
            self.barred,
            self.failed,
            frozenset(self.seen),
            self.may,
            self.bench.server.version,
        )

    async def system(self, kind: Kind) -> None:
        self.known += 1
        await self._kind(kind, NO_PLACE)

    async def projects(self, names: set[str] | None, wanted: Mapping[str | None, set[str]]) -> None:
        found = await read_kind(PROJECT, self.bench, NO_PLACE)
        jobs: list[Awaitable[None]] = []
        reads: list[tuple[Kind, Place]] = []
        listed: list[tuple[Kind, Place]] = []
        for live in found:
            name = str(live.address.name)
            if names is None or name in names:
                self.resources[live.address] = live
                place = self.places[name] = Place(name, live.raw)
                self.known += len(wanted[name])
                for kind in (BY_NAME[kind] for kind in sorted(wanted[name])):
                    # Those in one list all wait for that, and for nobody else's turn.
                    (listed if kind.in_one_list else reads).append((kind, place))
                if not (self.bench.who.is_system_admin or self.bench.who.is_robot or self.strict):
                    jobs.append(self._permissions(place))
        for group in (listed, reads):
            jobs += _in_turn(self._kind, group)
        jobs += [self._hidden(name) for name in sorted((names or set()) - self.places.keys())]
        await _all(jobs)

    async def _permissions(self, place: Place) -> None:
        """What who asks may do here. Harbor tells it to users, and robots an empty list."""
        params: dict[str, str | int] = {
            "scope": f"/project/{place.project_id}",
            "relative": "true",
        }
        replies = await self.bench.api.get("/users/current/permissions", params)
        self.may[str(place.project)] = frozenset(
            (str(reply["resource"]), str(reply["action"])) for reply in replies
        )

    async def _hidden(self, name: str) -> None:
        """Tell a project that the credential may not see from one that is not there.

        Harbor (2.13 to 2.15) lists to who is no administrator what is public or theirs, answers
        403 to a GET of anything else, and tells everybody by HEAD which names are taken.
        """
        if not self.bench.who.is_system_admin and await self.bench.api.exists(
            "/projects", {"project_name": name}
        ):
            self.failed[name] = "it exists, and this credential may not see it"

    async def _kind(self, kind: Kind, place: Place) -> None:
        with self.bounding(kind, place.project):
            found = await read_kind(kind, self.bench, place)
            self.resources.update((live.address, live) for live in found)
            self.seen.add((place.project, kind.name))
        self.done += 1
        if self.bench.on_read is not None:
            self.bench.on_read(self.done, self.known)

    @contextmanager
    def bounding(self, kind: Kind, project: str | None) -> Iterator[None]:
        """Keep a failure within the project it happens in; one of the system's ends the run."""
        try:
            yield
        except AuthenticationError:
            raise
        except NotPermittedError as error:
            if self.strict:
                raise
            self.barred[(project, kind.name)] = f"not permitted: {error.message}"
        except HarborError as error:
            if self.strict or project is None:
                raise
            self.failed[project] = f"{kind.name} could not be read: {error.lines()[0]}"


async def read_kind(kind: Kind, bench: Workbench, place: Place) -> Sequence[Live]:
    """Every live resource of a kind at a place.

    Raises:
        HarborError: it cannot be read, or the reply makes no sense.
    """
    with understood():
        return await kind.read(bench, place)


@contextmanager
def understood() -> Iterator[None]:
    """Take what nothing can be made of for what it is: a reply that makes no sense.

    Raises:
        HarborError: there is one.
    """
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        message = not_understood(error)
        raise HarborError(message, advice="run again with -v, and report this") from error


def _in_turn(
    do: Callable[[A, B], Awaitable[None]], pairs: Sequence[tuple[A, B]]
) -> Sequence[Awaitable[None]]:
    """A few jobs that do it for each pair, each the next that nobody has begun."""
    waiting = iter(pairs)

    async def go_on() -> None:
        for one, other in waiting:
            await do(one, other)

    return [go_on() for _ in range(min(AT_ONCE, len(pairs)))]


async def _all(jobs: Iterable[Awaitable[None]]) -> None:
    """Await everything; on the first error stop the rest and raise it."""
    tasks = [asyncio.ensure_future(job) for job in jobs]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _observe(
    resources: Iterable[Desired], bench: Workbench, reading: _Reading
) -> dict[Address, Mapping[str, Comparison]]:
    problems: list[Problem] = []
    observed: dict[Address, Mapping[str, Comparison]] = {}

    async def observe(desired: Desired, kind: Kind) -> None:
        try:
            live = live_of(desired, reading.resources)
            with reading.bounding(kind, desired.address.project), understood():
                if seen := await kind.observe(bench, desired, live):
                    observed[desired.address] = seen
        except DocumentError as error:
            problems.extend(error.problems)
        except StoreError as error:
            at = next(
                (
                    desired.origins[item.path]
                    for item in declared(kind.model)
                    if item.write_only and item.path in desired.origins
                ),
                desired.position,
            )
            problems.append(Problem(error.message, at, error.advice))

    asked = [
        (desired, BY_NAME[desired.address.kind])
        for desired in resources
        if BY_NAME[desired.address.kind].observes
        and desired.address.project not in reading.failed
        and (desired.address.project, desired.address.kind) not in reading.barred
    ]
    await _all(_in_turn(observe, asked))
    if problems:
        raise DocumentError(problems)
    return observed
