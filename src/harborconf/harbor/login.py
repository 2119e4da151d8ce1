"""How requests show who asks: a session's cookies, basic auth, or a bearer token.

A session costs the server a ninetieth of basic auth on 2.15.2, which checks a local user's
password with 600,000 PBKDF2 rounds in every request. Robots cannot have one; their secrets
are cheap to check.
"""

from __future__ import annotations

import asyncio
import base64
from contextlib import suppress
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING

from harborconf.errors import AuthenticationError, HarborError
from harborconf.harbor.connection import Bearer, Password
from harborconf.harbor.reply import FORBIDDEN, OK, UNAUTHORIZED, message_of, raise_for_status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harborconf.harbor.connection import Credential
    from harborconf.harbor.reply import Response
    from harborconf.harbor.transport import Transport
    from harborconf.spec.secret import Secret

FORM, LOG_OUT = "/c/login", "/c/log_out"
CSRF = "X-Harbor-CSRF-Token"
SESSION_COOKIE = "sid"
LOG_OUT_SECONDS = 5.0
_READS = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True)
class Means:
    """The headers that go with reads and with writes: never a credential beside cookies."""

    read: Mapping[str, str]
    write: Mapping[str, str]
    is_session: bool = False


def basic(username: str, secret: Secret) -> dict[str, str]:
    """The header of basic authentication."""
    pair = base64.b64encode(f"{username}:{secret.reveal()}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


def direct(credential: Credential) -> Means:
    """Sending the credential itself with every request."""
    match credential:
        case Bearer(token=token):
            headers = {"Authorization": f"Bearer {token.reveal()}"}
        case Password(username=username, secret=secret):
            headers = basic(username, secret)
    return Means(headers, headers)


class Login:
    """The means in force, and how they are had again when a session is lost.

    `epoch` grows with every session: what was read across two of them may hold a gap.
    """

    def __init__(self, transport: Transport, credential: Credential) -> None:
        self.means = direct(credential)
        self.epoch = 0
        self.notices: list[str] = []
        self._transport = transport
        self._credential = credential
        self._works = False
        self._lock = asyncio.Lock()

    def headers(self, method: str) -> Mapping[str, str]:
        """The headers that go with a request."""
        return self.means.read if method in _READS else self.means.write

    def is_lost(self, method: str, response: Response) -> bool:
        """Whether a reply shows that the session is gone. Writes were then refused unhandled.

        Lists do not fail then: they shrink to what is public. But Harbor 2.13.2 and 2.15.2
        give who shows an unknown session a new one, and nobody else.
        """
        if not self.means.is_session:
            return False
        status = response.status_code
        lost = (
            status == UNAUTHORIZED
            or (status == FORBIDDEN and message_of(response).startswith("CSRF token"))
            or (method in _READS and SESSION_COOKIE in _cookies(response)[0])
        )
        if not lost and not response.is_error:
            self.confirm()
        return lost

    def confirm(self) -> None:
        """Note that the session has been seen to work."""
        self._works = True

    async def open(self) -> None:
        """Log a user in. Where no session can be held, the credential stays in use, with a notice.

        Raises:
            HarborError: Harbor fails, or cannot be reached.
        """
        means = await self._log_in()
        if isinstance(means, Means):
            self._begin(means)
        else:
            self.notices.append(f"{means}: using basic auth, which costs Harbor more")

    async def renew(self, epoch: int) -> None:
        """Log in again, once for all requests of an epoch that lost the session together.

        A session that never worked is not renewed: neither would the next one, and refused
        logins lock the user and raise alarms.

        Raises:
            AuthenticationError: it cannot be renewed.
        """
        async with self._lock:
            if self.epoch != epoch:
                return
            if not self.means.is_session or not self._works:
                raise lost_credential()
            self._works = False
            means = await self._log_in()
            if not isinstance(means, Means):
                message = f"the session was lost, and then {means}"
                raise AuthenticationError(message, advice="run again: nothing is done twice")
            self._begin(means)

    async def close(self) -> None:
        """Log out, if that can be done soon."""
        if self.means.is_session:
            with suppress(HarborError, TimeoutError):
                async with asyncio.timeout(LOG_OUT_SECONDS):
                    await self._transport.send("GET", LOG_OUT, headers=self.means.read, attempts=1)

    def _begin(self, means: Means) -> None:
        self.means = means
        self.epoch += 1

    async def _log_in(self) -> Means | str:
        """The means of a new session, or why there is none.

        Any request outside /api gives the csrf cookie and its token. With Redis down the form
        answers 200 and two sids, none of which holds.
        """
        assert isinstance(self._credential, Password)  # only users log in
        before = await self._transport.send("GET", FORM)
        cookies, for_https = _cookies(before)
        if for_https and not self._is_https():
            return _FOR_HTTPS
        token = before.headers.get(CSRF, "")
        after = await self._transport.send(
            "POST",
            FORM,
            form={
                "principal": self._credential.username,
                "password": self._credential.secret.reveal(),
            },
            headers={CSRF: token, "Cookie": _joined(cookies)},
        )
        found, for_https = _cookies(after)
        if for_https and not self._is_https():
            return _FOR_HTTPS
        if after.status_code >= 500:  # noqa: PLR2004 - HTTP
            raise_for_status(after, "POST", FORM)
        if after.status_code != OK or SESSION_COOKIE not in found:
            return f"the login form refused the user ({after.status_code})"
        read = {"Cookie": _joined({**cookies, **found})}
        return Means(read, {**read, CSRF: token}, is_session=True)

    def _is_https(self) -> bool:
        return self._transport.url.startswith("https://")


_FOR_HTTPS = "Harbor's session cookies are for https only, and its URL is http"


def lost_credential() -> AuthenticationError:
    """The error for a credential that was good and is so no more."""
    message = "Harbor no longer believes the credential"
    return AuthenticationError(
        message,
        advice="check authentication, or Harbor's database and Redis: they look alike from here",
    )


def _joined(cookies: Mapping[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


def _cookies(response: Response) -> tuple[dict[str, str], bool]:
    """Cookies that a reply sets, and whether one is for https only."""
    found: dict[str, str] = {}
    for_https = False
    for header in response.headers.getall("Set-Cookie", ()):
        for name, morsel in SimpleCookie(header).items():
            found[name] = morsel.value
            for_https = for_https or bool(morsel["secure"])
    return found, for_https
