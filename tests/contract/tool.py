"""harborconf as its command line runs it, with values instead of text at both ends."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from textwrap import dedent
from urllib.parse import urlsplit

from contract.raw import API
from contract.target import Target
from harborconf.engine.apply import Result, apply
from harborconf.engine.export import Style, export
from harborconf.engine.fingerprints import fingerprints_of
from harborconf.engine.guard import BY_GUARD
from harborconf.engine.load import load
from harborconf.engine.plan import Action, Change, Plan
from harborconf.engine.planning import EVERYTHING, look, make_plan
from harborconf.engine.read import read_everything
from harborconf.engine.resolve import resolve
from harborconf.engine.selection import Selection
from harborconf.engine.steps import lower
from harborconf.engine.who import who
from harborconf.harbor.connection import Connection, Password
from harborconf.harbor.session import RequestEvent, Session, open_session
from harborconf.kinds.resource import Workbench, WriteBench
from harborconf.kinds.retained import Artifact
from harborconf.spec.secret import Secret
from harborconf.stores import Stores

CONCURRENCY = 16
_SAFE = {"GET", "HEAD"}


@dataclass(frozen=True)
class Outcome:
    """A plan and what became of it. `writes` are the writing requests that Harbor got."""

    plan: Plan
    result: Result
    writes: tuple[str, ...]


@dataclass
class Tool:
    """harborconf on one Harbor, in one folder, as somebody (its administrator).

    Guards are lifted: tests change what they like.
    """

    target: Target
    folder: Path
    username: str = ""
    password: str = ""
    environ: Mapping[str, str] = field(default_factory=dict)
    secrets: Path | None = None
    around: Callable[[WriteBench], WriteBench] = lambda bench: bench
    requests: list[RequestEvent] = field(default_factory=list)
    allowed: tuple[str, ...] = tuple(BY_GUARD)
    now: Callable[[], float] = time.time
    selection: Selection = EVERYTHING
    verify_secrets: bool = False

    @property
    def stores(self) -> Stores:
        """The environment that was given, its cluster, files below `secrets` or the folder."""
        host = urlsplit(self.target.url).netloc
        return Stores(self.environ, self.secrets or self.folder, host)

    def guarded(self, *allowed: str) -> Tool:
        """The same with every guard in force but these."""
        return replace(self, allowed=allowed)

    def be(self, username: str, password: str) -> Tool:
        """The same as somebody else."""
        return replace(self, username=username, password=password, requests=[])

    def plan(self, text: str) -> Plan:
        """The plan of one file."""
        return asyncio.run(self._plan(text))

    def apply(self, text: str, reviewed: Plan | None = None) -> Outcome:
        """Plan one file and do it, to the end; of a reviewed plan only what it holds."""
        return asyncio.run(self._apply(text, reviewed))

    def converge(self, text: str) -> Plan:
        """Apply; afterwards nothing is planned, and applying again writes nothing.

        Gives the first plan.
        """
        return asyncio.run(self._converge(text))

    def export(self, *projects: str, kinds: tuple[str, ...] = (), **style: bool) -> dict[str, str]:
        """The files that export writes of some projects, or of everything."""

        async def run() -> dict[str, str]:
            async with self.session() as (session, bench):
                chosen = list(projects) or None
                live = await session.proven_read(lambda: read_everything(bench, chosen, kinds))
                return export(live, bench.server.url, Style(**style))

        return asyncio.run(run())

    def preview(self, text: str) -> tuple[Artifact, ...]:
        """What the retention rules of a file would delete if they ran now."""

        async def run() -> tuple[Artifact, ...]:
            document = load([self.write(text)])
            async with self.session() as (session, bench):
                _, live = await session.proven_read(
                    lambda: look(document, bench, with_preview=True)
                )
            repositories = (one for project in live.previews for one in project.repositories)
            return tuple(artifact for one in repositories for artifact in one.deleted)

        return asyncio.run(run())

    def who(self, text: str) -> tuple[str, ...]:
        """What the audit log tells of the plan of a file."""

        async def run() -> tuple[str, ...]:
            document = load([self.write(text)])
            async with self.session() as (session, bench):
                desired, live = await session.proven_read(lambda: look(document, bench))
                made = make_plan(desired, live, bench)
                return await who(made, live, bench, session.api)

        return asyncio.run(run())

    def plan_files(self, files: Mapping[str, str]) -> Plan:
        """The plan of several files, as export gives them."""
        folder = self._folder_of(files)

        async def run() -> Plan:
            async with self.session() as (session, bench):
                return (await planned(folder, session, bench, self.allowed))[0]

        return asyncio.run(run())

    def apply_files(self, files: Mapping[str, str]) -> Outcome:
        """Plan several files, as export gives them, and do it."""
        folder = self._folder_of(files)

        async def run() -> Outcome:
            async with self.session() as (session, bench):
                return await self.applied(folder, session, bench)

        return asyncio.run(run())

    def _folder_of(self, files: Mapping[str, str]) -> Path:
        """A new folder with these files."""
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return folder

    async def _plan(self, text: str) -> Plan:
        async with self.session() as (session, bench):
            file = self.write(text)
            return (await planned(file, session, bench, self.allowed, None, self.selection))[0]

    async def _apply(self, text: str, reviewed: Plan | None) -> Outcome:
        async with self.session() as (session, bench):
            return await self.applied(self.write(text), session, bench, reviewed)

    async def _converge(self, text: str) -> Plan:
        file = self.write(text)
        async with self.session() as (session, bench):
            first = await self.applied(file, session, bench)
            assert first.result.is_complete, undone(first.result)
            assert not first.plan.is_blocked, blocked(first.plan)
            again = await self.applied(file, session, bench)
        assert again.plan.changes == (), (said(again.plan), blocked(again.plan))
        assert again.writes == ()
        return first.plan

    def write(self, text: str) -> Path:
        """Put a file with this text, of version 1, into the folder."""
        file = self.folder / "desired.yaml"
        file.write_text(f"version: 1\n{dedent(text)}", encoding="utf-8")
        return file

    @asynccontextmanager
    async def session(self) -> AsyncIterator[tuple[Session, Workbench]]:
        """A session and its workbench, as the command line makes them."""
        username = self.username or self.target.username
        password = self.password or self.target.password
        connection = Connection(self.target.url, Password(username, Secret(password)))
        async with open_session(connection, on_request=self.requests.append) as session:
            now = self.now()
            yield (
                session,
                Workbench(
                    session.api,
                    session.server,
                    session.who,
                    self.stores,
                    now,
                    verify_secrets=self.verify_secrets,
                ),
            )

    async def applied(
        self, file: Path, session: Session, bench: Workbench, reviewed: Plan | None = None
    ) -> Outcome:
        """Plan and apply in a session that is open."""
        made, known = await planned(file, session, bench, self.allowed, reviewed, self.selection)
        before = self._writes()
        writing = WriteBench(session.api, bench.server, bench.who, self.stores, bench.now, known)
        result = await apply(
            lower(made),
            self.around(writing),
            on_event=lambda _: None,
            concurrency=CONCURRENCY,
            fingerprints=await fingerprints_of(resolve(load([file])), writing),
        )
        return Outcome(made, result, self._writes()[len(before) :])

    def _writes(self) -> tuple[str, ...]:
        """Counted at the server where it is ours, else as they are sent."""
        if self.target.simulator is not None:
            return tuple(f"{method} {path}" for method, path, _ in self.target.simulator.writes)
        return tuple(
            f"{event.method} {event.path}"
            for event in self.requests
            if event.method not in _SAFE and event.path.startswith(API)
        )


async def planned(
    path: Path,
    session: Session,
    bench: Workbench,
    allowed: tuple[str, ...],
    reviewed: Plan | None = None,
    selection: Selection = EVERYTHING,
) -> tuple[Plan, dict[str, Mapping[str, object]]]:
    """The plan of a file or a folder, and the live projects it was made from."""
    document = load([path])
    desired, live = await session.proven_read(lambda: look(document, bench, selection))
    known = {name: place.raw for name, place in live.places.items()}
    made = make_plan(
        desired, live, bench, digest=document.digest, allowed=allowed, reviewed=reviewed
    )
    return made, known


def said(plan: Plan) -> list[str]:
    """A plan in short: each change's action, address and fields."""
    return [
        " ".join([change.action.value, str(change.address), *(one.path for one in change.fields)])
        for change in plan.changes
    ]


def only(plan: Plan) -> Change:
    """The one change of a plan."""
    assert len(plan.changes) == 1, said(plan)
    return plan.changes[0]


def undone(result: Result) -> list[str]:
    """What failed or was not tried, and why."""
    failed = [f"{one.step.action} {one.step.address}: {one.message}" for one in result.failed]
    skipped = [f"{one.step.action} {one.step.address}: {one.reason}" for one in result.skipped]
    return failed + skipped


def blocked(plan: Plan) -> dict[str, str]:
    """What cannot be done, by address, and why."""
    return {
        str(change.address): change.reason
        for change in plan.changes
        if change.action is Action.BLOCKED
    }


def extras(plan: Plan, target: Target) -> list[str]:
    """The extras that are this test's."""
    return [
        str(address)
        for address in plan.extras
        if target.owns(address.project) or target.owns(str(address.name))
    ]
