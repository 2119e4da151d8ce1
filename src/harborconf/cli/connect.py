"""From options and the environment to a session with Harbor."""

from __future__ import annotations

import os
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from harborconf.cli import options
from harborconf.cli.console import note
from harborconf.cli.progress import Progress
from harborconf.engine.fleet import Target
from harborconf.engine.load import load
from harborconf.engine.resolve import has_policies, resolve
from harborconf.engine.selection import Selection
from harborconf.errors import StoreError
from harborconf.kinds.resource import Workbench
from harborconf.stores import Stores

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from harborconf.engine.load import Document
    from harborconf.engine.resolve import DesiredState
    from harborconf.harbor.connection import Connection


@dataclass(frozen=True, slots=True)
class Settings:
    """What the options say about files and the way to Harbor.

    `environ` is where credentials and secrets are looked up. With a `target` of a fleet, its
    overlays are the files, and its URL and credential the way to Harbor.
    """

    paths: tuple[Path, ...] = ()
    projects: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    connection: options.ConnectionOptions = field(default_factory=options.ConnectionOptions)
    allowed: tuple[str, ...] = ()
    refresh_secrets: bool = False
    verify_secrets: bool = False
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    target: Target | None = None

    def stores(self, url: str) -> Stores:
        """The environment, files below the current directory, and a cluster's Secrets.

        `url` is Harbor's: pull secrets are for its host.
        """
        return Stores(self.environ, Path.cwd(), urlsplit(url).netloc)

    @property
    def selection(self) -> Selection:
        """What `--project`, `--kind` and `--refresh-secrets` select."""
        return Selection(self.projects, self.kinds, self.refresh_secrets)

    def document(self) -> tuple[Document, DesiredState]:
        """The document, and what it desires without a Harbor. What is wrong offline shows here.

        Raises:
            UsageError: a kind that does not exist, or a selection that matches nothing.
            DocumentError: the files are wrong.
        """
        options.check_kinds(self.kinds)
        options.check_guards(self.allowed)
        document = self.target.document() if self.target else load(self.paths)
        state = resolve(document)
        if not has_policies(document):
            self.selection.of(state)
        return document, state

    def tell(self, what: object) -> None:
        """Tell something on standard error; of a fleet's target also which it is."""
        note(f"{self.target.name}: {what}" if self.target else str(what))


_CREDENTIAL = ("HARBOR_USERNAME", "HARBOR_PASSWORD", "HARBOR_PASSWORD_FILE", "HARBOR_TOKEN")


async def _environ(settings: Settings) -> Mapping[str, str]:
    """The environment; a target's URL and credential stand there for those of everybody.

    Raises:
        StoreError: the credential's store cannot be read, or is empty.
    """
    target = settings.target
    if target is None:
        return settings.environ
    found = {**settings.environ, "HARBOR_URL": target.url}
    if target.secret is None:
        return found
    stores = settings.stores("")
    secret = await stores.peek(target.secret)
    _tell_odd(settings, stores)
    if not secret:
        message = f"{target.secret} is empty"
        raise StoreError(message, advice=f"put the credential there that {target.name} names")
    for name in _CREDENTIAL:
        found.pop(name, None)
    if target.username:
        return {**found, "HARBOR_USERNAME": target.username, "HARBOR_PASSWORD": secret.reveal()}
    return {**found, "HARBOR_TOKEN": secret.reveal()}


async def connection_of(settings: Settings, url: str | None) -> Connection:
    """The way to Harbor that options and the environment describe.

    Raises:
        UsageError: something is missing or contradicts something else.
        StoreError: a target's credential cannot be read.
    """
    from harborconf.harbor.connection import connection_from_environment  # noqa: PLC0415

    chosen, target = settings.connection, settings.target
    return connection_from_environment(
        await _environ(settings),
        url=url,
        ca_file=chosen.ca_file or (target.ca_file if target else None),
        client_cert=chosen.client_cert,
        client_key=chosen.client_key,
        insecure=chosen.insecure,
        timeout=chosen.timeout,
        concurrency=chosen.concurrency,
        max_rps=chosen.max_rps,
    )


@asynccontextmanager
async def workbench(settings: Settings, url: str | None) -> AsyncIterator[tuple[Any, Workbench]]:
    """A session and the workbench that uses it. Logs out at the end."""
    from harborconf.harbor.session import open_session, wait_until_healthy  # noqa: PLC0415

    connection = await connection_of(settings, url)
    chosen = settings.connection
    if chosen.wait:
        await wait_until_healthy(connection, options.seconds(chosen.wait))
    on_request = settings.tell if chosen.verbose else None
    async with open_session(connection, on_request=on_request) as session:
        for notice in session.notices:
            settings.tell(f"warning: {notice}")
        stores = settings.stores(session.server.url)
        reading = Progress("reading Harbor")
        bench = Workbench(
            session.api,
            session.server,
            session.who,
            stores,
            time.time(),
            on_read=None if chosen.verbose or settings.target else reading,
            verify_secrets=settings.verify_secrets,
        )
        try:
            yield session, bench
        finally:
            reading.clear()
            _tell_odd(settings, stores)


def _tell_odd(settings: Settings, stores: Stores) -> None:
    for odd in sorted(stores.odd):
        settings.tell(f"warning: {odd}")
