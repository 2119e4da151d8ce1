"""Who asks: found out once, and proven again around every reading.

Lists are no proof: to a wrong password, an expired robot or a lost session `GET /projects`
answers 200 with what is public. `GET /users/current` answers 200 to a user, 412 to a robot and
401 to nobody (behaviour of 2.13.2 and 2.15.2).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from harborconf.errors import AuthenticationError
from harborconf.harbor.connection import API, Bearer, Password
from harborconf.harbor.login import basic, direct
from harborconf.harbor.reply import (
    OK,
    PRECONDITION,
    SERVER_FAILURES,
    UNAUTHORIZED,
    raise_for_status,
)
from harborconf.harbor.server import not_harbor, system_info
from harborconf.kinds.resource import Who

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harborconf.harbor.connection import Credential
    from harborconf.harbor.reply import Response
    from harborconf.harbor.transport import Transport
    from harborconf.spec.secret import Secret

CURRENT = "/users/current"
_FIRST = 1
"""The number of the administrator that comes with Harbor."""
_VERDICTS = {OK: True, PRECONDITION: True, UNAUTHORIZED: False}


async def identify(transport: Transport, credential: Credential, auth_mode: str) -> Who:
    """Whose credential this is. A wrong one is tried once only: each try locks its user.

    Raises:
        AuthenticationError: Harbor refuses it, or it reaches too little.
        HarborError: Harbor fails, or what answers is no Harbor.
    """
    headers = direct(credential).read
    is_oidc = auth_mode == "oidc_auth"
    if is_oidc and isinstance(credential, Password):
        info = await system_info(transport, headers)
        if "harbor_version" not in info:
            raise _refused()
    response = await _current(transport, headers)
    if response.status_code == PRECONDITION and isinstance(credential, Password):
        return Who(credential.username, is_system_admin=False, is_robot=True)
    if response.status_code == UNAUTHORIZED:
        match credential:
            case Password():
                raise _cli_secret() if is_oidc else _refused()
            case Bearer():
                raise _refused_token(auth_mode)
    user = raise_for_status(response, "GET", CURRENT).json()
    if not isinstance(user, dict) or "username" not in user:
        raise not_harbor(response, transport.url)
    return Who(
        str(user["username"]),
        bool(user.get("sysadmin_flag") or user.get("admin_role_in_auth")),
        is_built_in=user.get("user_id") == _FIRST,
    )


async def is_proven(transport: Transport, headers: Mapping[str, str], who: Who) -> bool:
    """Whether requests with these headers are made in the name of `who`.

    Raises:
        HarborError: Harbor fails, or cannot be reached.
    """
    response = await _current(transport, headers)
    if who.is_robot:
        return response.status_code == PRECONDITION
    if response.status_code != OK:
        return False
    user = response.json()
    return isinstance(user, dict) and user.get("username") == who.username


async def accepts(transport: Transport, username: str, secret: Secret) -> bool | None:
    """Whether Harbor accepts a credential; None when it cannot be told.

    Basic auth, never the form: failed forms are audited. A wrong password of a local user takes
    Harbor 1.5 s and locks the user as long.
    """
    path = API + CURRENT
    response = await transport.send("GET", path, headers=basic(username, secret))
    return _VERDICTS.get(response.status_code)


async def _current(transport: Transport, headers: Mapping[str, str]) -> Response:
    response = await transport.send("GET", API + CURRENT, headers=headers)
    if response.status_code >= SERVER_FAILURES:
        raise_for_status(response, "GET", CURRENT)
    return response


def _refused() -> AuthenticationError:
    message = "Harbor refuses the user name or password"
    return AuthenticationError(
        message,
        advice="check both, or Harbor's database: while that is down, everybody is refused like"
        " this",
    )


def _refused_token(auth_mode: str) -> AuthenticationError:
    message = "Harbor refuses the token"
    if auth_mode != "oidc_auth":
        advice = f"this Harbor ({auth_mode}) takes none: use a user or a robot with its password"
    else:
        advice = "an OIDC ID token lives for minutes: get a new one"
    return AuthenticationError(message, advice=advice)


def _cli_secret() -> AuthenticationError:
    message = "this is an OIDC CLI secret: Harbor lets it reach a handful of paths only"
    return AuthenticationError(
        message,
        advice="use a robot or the local administrator, or set HARBOR_TOKEN to an OIDC ID token",
    )
