"""The simulator as a server on loopback."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING, cast

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from harborconf.simulator.app import App
from harborconf.simulator.http import API
from harborconf.simulator.state import ADMIN_PASSWORD, State

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterator

    from harborconf.simulator.app import Seen

# Longer than any client keeps a connection for reuse.
_KEEP_ALIVE = 75
_SAFE = {"GET", "HEAD", "OPTIONS"}


class _Protocol(H11Protocol):
    """HTTP whose application knows the connection, so that it can cut it.

    A reply is sent in two pieces; the second must not wait until the client, 40 ms later, has
    acknowledged the first. asyncio sees to that on sockets whose protocol is named only.
    """

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        connection: socket.socket = transport.get_extra_info("socket")
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().connection_made(cast("asyncio.Transport", transport))
        self.app_state = {**self.app_state, "transport": transport}


class Simulator:
    """A Harbor in memory.

    Attributes:
        state: What it holds; tests seed it and inject faults through it.
        app: The ASGI application.
        requests: What it was asked, as (method, path, status), in the order of the replies; the
            path without the query, the status 0 where the connection was cut.
    """

    def __init__(
        self,
        version: str = "2.13.2",
        *,
        admin_password: str = ADMIN_PASSWORD,
    ) -> None:
        self.state = State(version.removeprefix("v"), admin_password)
        self.requests: list[Seen] = []
        self.app = App(self.state, self.requests)

    @property
    def writes(self) -> list[Seen]:
        """The requests to the API that can change something."""
        return [seen for seen in self.requests if seen[0] not in _SAFE and seen[1].startswith(API)]

    @contextlib.contextmanager
    def serve(self, port: int = 0) -> Iterator[str]:
        """Serve on a port of loopback, a free one if it is 0; gives the URL."""
        with socket.create_server(("127.0.0.1", port), reuse_port=False) as listener:
            server = uvicorn.Server(
                uvicorn.Config(
                    self.app,
                    http=_Protocol,
                    ws="none",
                    lifespan="off",
                    log_config=None,
                    log_level="warning",
                    access_log=False,
                    server_header=False,
                    timeout_keep_alive=_KEEP_ALIVE,
                    timeout_graceful_shutdown=1,
                )
            )
            thread = threading.Thread(
                target=server.run, kwargs={"sockets": [listener]}, name="simulator", daemon=True
            )
            thread.start()
            try:
                yield f"http://127.0.0.1:{listener.getsockname()[1]}"
            finally:
                server.should_exit = True
                thread.join()
