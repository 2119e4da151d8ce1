"""One pooled way to one Harbor: requests, repeated where that is safe."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import aiohttp

from harborconf import __version__
from harborconf.errors import NotHarborError
from harborconf.harbor import boundary, retry
from harborconf.harbor.connection import API
from harborconf.harbor.gate import Gate, Pace
from harborconf.harbor.limiter import Limiter
from harborconf.harbor.redaction import blotted, secrets_in, secrets_in_headers
from harborconf.harbor.reply import NOT_FOUND, OK, Response
from harborconf.harbor.tls import tls_context

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from harborconf.harbor.connection import Connection

CONNECT_SECONDS = 10.0
MOST_BYTES = 64 * 2**20
"""Of one reply. A page of 100 projects has less than one."""
QUOTAS = API + "/quotas"
_SUCCESSES, _REDIRECTS = range(200, 300), range(300, 400)


@dataclass(frozen=True, slots=True)
class RequestEvent:
    """One request that was made: never its headers or body. `status` is 0 if no reply came."""

    method: str
    path: str
    status: int
    milliseconds: float
    attempt: int

    def __str__(self) -> str:
        again = f" (attempt {self.attempt})" if self.attempt > 1 else ""
        came = self.status or "no reply"
        return f"{self.method} {self.path} {came} {self.milliseconds:.0f} ms{again}"


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    path: str
    options: Mapping[str, Any]

    @property
    def idles(self) -> bool:
        """Whether Harbor waits more than it works: 17 ms for each quota (2.13 to 2.15)."""
        return self.method == "GET" and self.path == QUOTAS

    @property
    def sort(self) -> object:
        """What takes as long for any project: /api/v2.0/projects/7/members as that of 8."""
        return self.method, self.path.count("/"), *self.path.split("/")[1::2]

    @property
    def secrets(self) -> frozenset[str]:
        """What of it may be told to nobody."""
        return frozenset(
            (
                *secrets_in(self.options["json"]),
                *secrets_in(self.options["data"]),
                *secrets_in_headers(self.options["headers"] or {}),
            )
        )


class Transport:
    """Sends requests over one pool of connections, with no cookies.

    As many at once as Harbor answers without letting them wait, at most `concurrency`.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        on_request: Callable[[RequestEvent], None] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.url = connection.url
        self._seconds = connection.timeout
        self._on_request = on_request
        self._sleep = sleep
        # Those that wait for their turn wait here, where their timeout does not yet run.
        self._limiter = Limiter(connection.concurrency)
        self._pace = Pace(connection.max_rps)
        self._gate = Gate(connection.concurrency, self._limiter, self._pace, sleep=sleep)
        self._client = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=connection.concurrency, ssl=tls_context(connection)
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(
                total=connection.timeout, sock_connect=min(CONNECT_SECONDS, connection.timeout)
            ),
            proxy=connection.proxy.reveal() if connection.proxy else None,
            headers={"Accept": "application/json", "User-Agent": f"harborconf/{__version__}"},
        )
        # aiohttp would repeat some requests once, unseen; `send` knows which may be repeated.
        self._client._retry_connection = False  # noqa: SLF001 - there is no option for it

    async def close(self) -> None:
        """Close every connection."""
        await self._client.close()

    async def send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: object = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        attempts: int = retry.ATTEMPTS,
    ) -> Response:
        """One reply, whatever its status; where it is safe, passing failures are waited out.

        A DELETE that is repeated because its reply was lost, and then finds nothing, has done
        its work.

        Raises:
            UnreachableError: nothing answered, or not in time.
            TlsError: the certificate is not trusted.
            NotHarborError: a redirect answered.
        """
        options = {"params": _text(params), "json": json, "data": form, "headers": headers}
        request = _Request(method, path, options)
        perhaps_done = False
        for attempt in range(1, attempts + 1):
            is_last = attempt == attempts
            response = None
            try:
                response = await self._once(request, attempt)
            except boundary.FOREIGN as error:
                if is_last or not retry.may_repeat(method, error):
                    ours = boundary.ours(error, self.url, self._seconds)
                    raise ours from boundary.cause(error)
                perhaps_done = perhaps_done or boundary.was_sent(error)
            else:
                if is_last or not retry.is_turned_away(method, response):
                    if perhaps_done and method == "DELETE" and response.status_code == NOT_FOUND:
                        return Response(OK, response.headers, b"")
                    return self._no_redirect(response)
                perhaps_done = perhaps_done or response.status_code != retry.TOO_MANY
            wait = retry.wait_before(attempt + 1, response)
            if retry.concerns_all(response):
                self._pace.hold(time.monotonic() + wait)
            else:
                await self._sleep(wait)
        raise AssertionError  # pragma: no cover - the last attempt returns or raises

    async def _once(self, request: _Request, attempt: int) -> Response:
        async with self._gate.idle if request.idles else self._gate.busy:
            begun = time.monotonic()
            status, shown = 0, request.path
            try:
                async with self._client.request(
                    request.method,
                    self.url + request.path,
                    **request.options,
                    allow_redirects=False,
                ) as reply:
                    if self._on_request is not None:
                        shown = reply.url.path_qs
                    content = await self._content(reply)
                    status = reply.status
                    plain = status < _REDIRECTS.start and content.lstrip()[:1] != b"<"
                    secrets = frozenset() if plain else request.secrets
                    return Response(status, reply.headers, content, secrets)
            except boundary.FOREIGN:
                self._limiter.failed(time.monotonic(), begun)
                raise
            finally:
                ended = time.monotonic()
                self._take_notice(request, status, begun, ended)
                if self._on_request is not None:
                    spent = (ended - begun) * 1000
                    self._on_request(RequestEvent(request.method, shown, status, spent, attempt))

    async def _content(self, reply: aiohttp.ClientResponse) -> bytes:
        """All of a reply; what goes on and on must not take all memory."""
        pieces: list[bytes] = []
        size = 0
        async for piece in reply.content.iter_any():
            size += len(piece)
            if size > MOST_BYTES:
                message = f"{self.url} answers with more than {MOST_BYTES // 2**20} MiB"
                raise NotHarborError(message, advice="check Harbor's URL")
            pieces.append(piece)
        return b"".join(pieces)

    def _take_notice(self, request: _Request, status: int, begun: float, ended: float) -> None:
        """Have the limiter learn from a reply. What was refused says nothing of the load."""
        if retry.tells_of_load(status):
            self._limiter.failed(ended, begun)
        elif status in _SUCCESSES and not request.idles:
            under_way = self._gate.busy.under_way
            self._limiter.succeeded(ended, ended - begun, request.sort, under_way)

    def _no_redirect(self, response: Response) -> Response:
        if response.status_code not in _REDIRECTS:
            return response
        target = urlsplit(response.headers.get("Location", ""))
        netloc = target.netloc.rpartition("@")[2]
        place = f"{target.scheme}://{netloc}" if netloc else target.path
        place = blotted(place, response.sent)
        message = f"{self.url} redirects to {place or 'nowhere'}"
        raise NotHarborError(message, advice="give Harbor's own URL")


def _text(params: Mapping[str, Any] | None) -> dict[str, str] | None:
    """Parameters as Harbor reads them: booleans in lower case, and none that are None."""
    if not params:
        return None
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in params.items()
        if value is not None
    }
