"""Waiting for a Harbor that is only starting."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from harborconf.errors import HarborError, TlsError, UnreachableError
from harborconf.harbor.connection import API
from harborconf.harbor.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from harborconf.harbor.connection import Connection

NEEDED = ("core", "database", "redis")
BETWEEN_SECONDS = 2.0


async def wait_until_healthy(
    connection: Connection,
    seconds: float,
    *,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Wait until core, database and redis are healthy; asked without a credential.

    `GET /health` lags: with Redis just gone it still says healthy.

    Raises:
        UnreachableError: they are not after so long; says which.
        TlsError: the certificate is not trusted, which waiting does not mend.
    """
    patience = min(connection.timeout, max(seconds, 1.0))
    transport = Transport(replace(connection, timeout=patience))
    until = time.monotonic() + seconds
    try:
        while state := await _ailment(transport):
            left = until - time.monotonic()
            if left <= 0:
                message = f"{connection.url} is not ready after {seconds:g} s: {state}"
                raise UnreachableError(message, advice="--wait sets how long to wait")
            await sleep(min(BETWEEN_SECONDS, left))
    finally:
        await transport.close()


async def _ailment(transport: Transport) -> str:
    """What Harbor is still missing; empty when it is ready."""
    try:
        reply = (await transport.send("GET", f"{API}/health", attempts=1)).json()
        parts = {part["name"]: part["status"] for part in reply["components"]}
    except TlsError:
        raise
    except HarborError as error:
        return error.message
    except (KeyError, TypeError):
        return "it does not tell its health"
    ill = [name for name in NEEDED if parts.get(name) != "healthy"]
    return f"not healthy: {', '.join(ill)}" if ill else ""
