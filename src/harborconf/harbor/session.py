"""A session with Harbor: logging in, proving who asks, logging out.

A session cookie costs the server a ninetieth of basic auth on 2.15.2 (600,000 PBKDF2
rounds a request). Robots cannot have one.
"""

from __future__ import annotations

import asyncio
import base64
import re
import time
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any, TypeVar

from harborconf.errors import (
    AuthenticationError,
    HarborError,
    NotHarborError,
    UnreachableError,
)
from harborconf.harbor.connection import API, Bearer, Password
from harborconf.harbor.transport import Transport, message_of, raise_for_status
from harborconf.kinds.resource import Server, Who

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from harborconf.harbor.client import Client
    from harborconf.harbor.connection import Connection, Credential
    from harborconf.harbor.transport import RequestEvent, Response
    from harborconf.spec.secret import Secret

T = TypeVar("T")

OLDEST, NEWEST = (2, 13), (2, 15)
CURRENT = f"{API}/users/current"
CSRF = "X-Harbor-CSRF-Token"
_OK, _UNAUTHORIZED, _PRECONDITION = 200, 401, 412
_VERDICTS = {_OK: True, _PRECONDITION: True, _UNAUTHORIZED: False}
_NEEDED = ("core", "database", "redis")


def basic(username: str, secret: Secret) -> dict[str, str]:
    """The header of basic authentication."""
    pair = base64.b64encode(f"{username}:{secret.reveal()}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


@dataclass(slots=True)
class Login:
    """How requests prove who asks: a session cookie, basic auth, or a bearer token."""

    transport: Transport
    credential: Credential
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""
    notices: list[str] = field(default_factory=list)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    renewed: float = 0.0

    def headers(self, method: str) -> Mapping[str, str]:
        """The headers that go with a request: never a credential beside the cookies."""
        if self.cookies:
            pairs = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            return {"Cookie": pairs, **({} if method == "GET" else {CSRF: self.token})}
        match self.credential:
            case Bearer(token=token):
                return {"Authorization": f"Bearer {token.reveal()}"}
            case Password(username=username, secret=secret):
                return basic(username, secret)

    async def accepts(self, username: str, secret: Secret) -> bool | None:
        """Ask with basic auth who this is: 200 and, for a robot, 412 prove it; 401 refutes it."""
        response = await self.transport.send("GET", CURRENT, headers=basic(username, secret))
        return _VERDICTS.get(response.status_code)

    async def renew(self) -> bool:
        """Open the session again, once for all requests that lost it together."""
        asked = time.monotonic()
        if not self.cookies:
            return False
        async with self.lock:
            if self.renewed < asked:
                await self.open()
                self.renewed = time.monotonic()
        return bool(self.cookies)

    async def open(self) -> None:
        """Log a user in by the form. Where no session can be held, basic auth stays in use.

        Any request outside /api gives the csrf cookie and token; Secure cookies over plain
        http are of no use.
        """
        assert isinstance(self.credential, Password)  # noqa: S101 - only users log in
        self.cookies = {}
        before = await self.transport.send("GET", "/c/login")
        cookies, secure = _cookies(before)
        token = before.headers.get(CSRF, "")
        after = await self.transport.send(
            "POST",
            "/c/login",
            form={
                "principal": self.credential.username,
                "password": self.credential.secret.reveal(),
            },
            headers={CSRF: token, "Cookie": "; ".join(f"{k}={v}" for k, v in cookies.items())},
        )
        if after.status_code == _UNAUTHORIZED:
            raise _refused()
        found, is_secure = _cookies(after)
        if secure or is_secure:
            if self.transport.url.startswith("http://"):
                self._basic("Harbor's session cookies are for https only")
                return
        if after.status_code != _OK or "sid" not in found:
            self._basic(f"no session could be opened ({after.status_code})")
            return
        self.cookies = {**cookies, **found}
        self.token = token

    def _basic(self, why: str) -> None:
        notice = f"{why}: using basic auth, which costs the server more"
        if notice not in self.notices:
            self.notices.append(notice)

    async def close(self) -> None:
        """Log out, if that can be done."""
        if self.cookies:
            with suppress(HarborError):
                await self.transport.send("GET", "/c/log_out", headers=self.headers("GET"))


def _cookies(response: Response) -> tuple[dict[str, str], bool]:
    """Cookies that a reply sets, and whether they are for https only."""
    found: dict[str, str] = {}
    secure = False
    for header in getattr(response.headers, "getall", lambda *_: [])("Set-Cookie", []):
        for name, morsel in SimpleCookie(header).items():
            found[name] = morsel.value
            secure = secure or bool(morsel["secure"])
    return found, secure


@dataclass(slots=True)
class Session:
    """A proven way to one Harbor."""

    api: Client
    login: Login
    server: Server
    who: Who
    notices: tuple[str, ...] = ()

    async def prove(self) -> bool:
        """Whether requests are still made in the name of `who`.

        A lost session is no error on lists: they shrink to what is public.
        """
        transport, login = self.login.transport, self.login
        response = await transport.send("GET", CURRENT, headers=login.headers("GET"))
        if self.who.is_robot:
            return response.status_code == _PRECONDITION
        return response.status_code == _OK and response.json()["username"] == self.who.username

    async def proven_read(self, read: Callable[[], Awaitable[T]]) -> T:
        """What `read` brings, if the identity held from before it until after it.

        Otherwise everything read is thrown away, and after one new login read again.

        Raises:
            AuthenticationError: it did not hold the second time either.
        """
        for is_second in (False, True):
            if is_second:
                await self.login.renew()
            if not await self.prove():
                continue
            found = await read()
            if await self.prove():
                return found
        message = "Harbor stopped believing the credential while it was read"
        raise AuthenticationError(
            message, advice="check authentication, or Harbor's database and redis; nothing was done"
        )


@asynccontextmanager
async def open_session(
    connection: Connection,
    *,
    on_request: Callable[[RequestEvent], None] | None = None,
) -> AsyncIterator[Session]:
    """A session whose identity is proven. Logs out at the end.

    Raises:
        AuthenticationError: the credential is refused.
        NotHarborError: no Harbor answers, or one that is too old.
        HarborError: nothing answers.
    """
    transport = Transport(connection, on_request=on_request)
    login = Login(transport, connection.credential)
    try:
        who = await _who(login)
        if isinstance(connection.credential, Password) and not who.is_robot:
            await login.open()
        info = await _system_info(login)
        from harborconf.harbor.client import Client  # noqa: PLC0415 - harborapi takes 0.25 s to import

        server, notices = _server(connection.url, info)
        if connection.insecure:
            notices = ("the server's certificate is NOT verified (--insecure)", *notices)
        yield Session(
            Client(transport, login), login, server, who, (*notices, *login.notices)
        )
    finally:
        await login.close()
        await transport.close()


async def _system_info(login: Login) -> Mapping[str, Any]:
    """GET /systeminfo; the version is told to those who are logged in only."""
    response = await login.transport.send(
        "GET", f"{API}/systeminfo", headers=login.headers("GET")
    )
    info = raise_for_status(response, "GET", "/systeminfo").json()
    if not isinstance(info, dict) or "auth_mode" not in info:
        raise _no_harbor(response, login.transport.url)
    return info


def _no_harbor(response: Response, url: str) -> NotHarborError:
    message = f"{url} is no Harbor: it answers {response.status_code} {message_of(response)}"
    return NotHarborError(message, advice="check HARBOR_URL")


async def _who(login: Login) -> Who:
    """Prove the credential with one request, by its own means."""
    headers = login.headers("GET")
    response = await login.transport.send("GET", CURRENT, headers=headers)
    match response.status_code, login.credential:
        case 200, _:
            user = response.json()
            if not isinstance(user, dict) or "username" not in user:
                raise _no_harbor(response, login.transport.url)
            return Who(str(user["username"]), bool(user.get("sysadmin_flag")))
        case 412, Password(username=username):
            return Who(username, is_system_admin=False, is_robot=True)
        case 401, Password():
            if await _is_cli_secret(login, headers):
                message = "this is an OIDC CLI secret, which reaches only a handful of paths"
                raise AuthenticationError(
                    message, advice="use a robot, a local administrator, or an ID token (HARBOR_TOKEN)"
                )
            raise _refused()
        case 401, _:
            message = "Harbor refuses the token"
            raise AuthenticationError(message, advice="ID tokens live for minutes: get a new one")
        case status, _ if status >= 500:  # noqa: PLR2004 - HTTP
            raise_for_status(response, "GET", "/users/current")
            raise AssertionError  # pragma: no cover - the line above raises
        case _:
            raise _no_harbor(response, login.transport.url)


async def _is_cli_secret(login: Login, headers: Mapping[str, str]) -> bool:
    """A CLI secret is refused on /users/current, and known on lists: they show private projects.

    Harbor tells a known asker its role in each project, a stranger `null`.
    """
    response = await login.transport.send(
        "GET", f"{API}/projects", params={"page_size": 1}, headers=headers
    )
    if response.is_error:
        return False
    return any(reply.get("current_user_role_ids") is not None for reply in response.json())


def _refused() -> AuthenticationError:
    message = "Harbor refuses the user name or password"
    return AuthenticationError(
        message, advice="check HARBOR_USERNAME and HARBOR_PASSWORD, or Harbor's database"
    )


def _server(url: str, info: Mapping[str, Any]) -> tuple[Server, tuple[str, ...]]:
    raw = str(info.get("harbor_version", ""))
    match = re.match(r"v?(\d+)\.(\d+)(?:\.(\d+))?", raw)
    if match is None:
        message = f"{url} does not tell its version"
        raise NotHarborError(message, advice="it is told to logged-in users only; check HARBOR_URL")
    version = tuple(int(part or 0) for part in match.groups())
    if version[:2] < OLDEST:
        message = f"{url} runs Harbor {raw}; harborconf needs 2.13 or newer"
        raise NotHarborError(message, advice="upgrade Harbor")
    notices: tuple[str, ...] = ()
    if version[:2] > NEWEST:
        notices = (f"Harbor {raw} is newer than tested; planned with the fields of 2.15",)
    read_only = bool(info.get("read_only"))
    return Server(url, version, str(info["auth_mode"]), read_only), notices


async def wait_until_healthy(connection: Connection, seconds: float) -> None:
    """Wait until core, database and redis are healthy (GET /health).

    Raises:
        UnreachableError: they are not after so long; says which.
    """
    transport = Transport(connection)
    until = time.monotonic() + seconds
    state = "nothing answers"
    try:
        while True:
            try:
                response = await transport.send("GET", f"{API}/health")
                parts = {part["name"]: part["status"] for part in response.json()["components"]}
                ill = [name for name in _NEEDED if parts.get(name) != "healthy"]
                if not ill:
                    return
                state = f"not healthy: {', '.join(ill)}"
            except (HarborError, KeyError, TypeError) as error:
                state = str(error)
            if time.monotonic() >= until:
                message = f"{connection.url} is not ready after {seconds:.0f} s: {state}"
                raise UnreachableError(message, advice="--wait sets how long to wait")
            await asyncio.sleep(min(2.0, max(0.0, until - time.monotonic())))
    finally:
        await transport.close()
