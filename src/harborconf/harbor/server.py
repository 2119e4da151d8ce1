"""What Harbor says of itself in `GET /systeminfo`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from harborconf.errors import NotHarborError
from harborconf.harbor.connection import API
from harborconf.harbor.reply import SERVER_FAILURES, message_of, raise_for_status
from harborconf.kinds.resource import Server

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harborconf.harbor.reply import Response
    from harborconf.harbor.transport import Transport

SYSTEM_INFO = "/systeminfo"
OLDEST, NEWEST = (2, 13), (2, 15)


async def system_info(
    transport: Transport, headers: Mapping[str, str] | None = None
) -> Mapping[str, Any]:
    """What Harbor says of itself; its version and much else only to those it knows.

    Raises:
        NotHarborError: what answers is no Harbor.
        HarborError: Harbor fails, or cannot be reached.
    """
    response = await transport.send("GET", API + SYSTEM_INFO, headers=headers)
    if response.status_code >= SERVER_FAILURES:
        raise_for_status(response, "GET", SYSTEM_INFO)
    if response.is_error:
        raise not_harbor(response, transport.url)
    try:
        info = response.json()
    except NotHarborError as error:
        raise not_harbor(response, transport.url) from error
    if not isinstance(info, dict) or "auth_mode" not in info:
        raise not_harbor(response, transport.url)
    return info


def server_of(url: str, info: Mapping[str, Any]) -> tuple[Server, tuple[str, ...]]:
    """The server, and what to tell the user of it.

    Raises:
        NotHarborError: it is too old, or its version makes no sense.
    """
    raw = str(info.get("harbor_version", ""))
    match = re.match(r"v?(\d+)\.(\d+)(?:\.(\d+))?", raw)
    if match is None:
        message = f"{url} gives no version that makes sense: {raw[:40]!r}"
        raise NotHarborError(message, advice="harborconf works with Harbor 2.13 and newer")
    version = tuple(int(part or 0) for part in match.groups())
    if version[:2] < OLDEST:
        message = f"{url} runs Harbor {raw}; harborconf needs 2.13 or newer"
        raise NotHarborError(message, advice="upgrade Harbor")
    notices: tuple[str, ...] = ()
    if version[:2] > NEWEST:
        newest = ".".join(str(part) for part in NEWEST)
        notices = (f"Harbor {raw} is newer than tested; planned with the fields of {newest}",)
    server = Server(
        url,
        version,
        str(info["auth_mode"]),
        bool(info.get("read_only")),
        users_may_create_projects=info.get("project_creation_restriction") != "adminonly",
    )
    return server, notices


def not_harbor(response: Response, url: str) -> NotHarborError:
    """The error for an answer that is not Harbor's."""
    message = f"{url} is no Harbor: it answers {response.status_code}: {message_of(response)}"
    return NotHarborError(message, advice="check Harbor's URL")
