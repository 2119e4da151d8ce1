"""A session with Harbor: logging in, proving who asks around every reading, logging out."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from harborconf.errors import AuthenticationError
from harborconf.harbor.connection import Password
from harborconf.harbor.health import wait_until_healthy
from harborconf.harbor.identity import identify, is_proven
from harborconf.harbor.login import Login, lost_credential
from harborconf.harbor.paths import Paths
from harborconf.harbor.server import server_of, system_info
from harborconf.harbor.transport import RequestEvent, Transport

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from harborconf.harbor.client import Client
    from harborconf.harbor.connection import Connection
    from harborconf.kinds.resource import Server, Who

__all__ = ["RequestEvent", "Session", "open_session", "wait_until_healthy"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Session:
    """A proven way to one Harbor. `notices` are for the user."""

    api: Paths
    server: Server
    who: Who
    transport: Transport
    login: Login
    notices: tuple[str, ...] = ()

    def client(self) -> Client:
        """Methods of harborapi's for single endpoints, with its models: for what is not hot."""
        from harborconf.harbor.client import Client  # noqa: PLC0415 - takes 0.2 s

        return Client(self.transport, self.login)

    async def prove(self) -> None:
        """Make sure that requests are still made in the name of `who`.

        Raises:
            AuthenticationError: they are not.
        """
        if not await self._is_proven():
            raise lost_credential()

    async def proven_read(self, read: Callable[[], Awaitable[T]]) -> T:
        """What `read` brings, if the identity held from before it until after it.

        If not, everything read is thrown away and, after one new login, read again.

        Raises:
            AuthenticationError: it did not hold the second time either, or there is no new
                login as the credential itself goes with every request.
        """
        for is_last in (False, True):
            epoch = self.login.epoch
            if await self._is_proven():
                try:
                    found = await read()
                except AuthenticationError:
                    if not self.login.means.is_session:
                        raise
                else:
                    if self.login.epoch == epoch and await self._is_proven():
                        return found
            if not is_last:
                await self.login.renew(epoch)
        raise lost_credential()

    async def _is_proven(self) -> bool:
        proven = await is_proven(self.transport, self.login.headers("GET"), self.who)
        if proven:
            self.login.confirm()
        return proven


@asynccontextmanager
async def open_session(
    connection: Connection,
    *,
    on_request: Callable[[RequestEvent], None] | None = None,
) -> AsyncIterator[Session]:
    """A session whose identity is proven. Logs out at the end.

    The first request carries no credential: what is no Harbor never sees it, and the answer
    tells how users are authenticated.

    Raises:
        AuthenticationError: the credential is refused.
        NotHarborError: no Harbor answers, or one that is too old.
        HarborError: nothing answers.
    """
    transport = Transport(connection, on_request=on_request)
    login = Login(transport, connection.credential)
    try:
        auth_mode = str((await system_info(transport))["auth_mode"])
        who = await identify(transport, connection.credential, auth_mode)
        if isinstance(connection.credential, Password) and not who.is_robot:
            await login.open()
        info = await system_info(transport, login.headers("GET"))
        if "harbor_version" not in info:
            raise lost_credential()
        login.confirm()
        server, notices = server_of(connection.url, info)
        if connection.insecure:
            notices = (*notices, f"the certificate of {server.url} is NOT VERIFIED (--insecure)")
        api = Paths(transport, login)
        yield Session(
            api, server, who, transport, login, (*connection.notices, *notices, *login.notices)
        )
    finally:
        await login.close()
        await transport.close()
