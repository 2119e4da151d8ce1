"""One pooled way to one Harbor: requests, retries, and foreign errors made ours."""

from __future__ import annotations

import asyncio
import json
import random
import ssl
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import aiohttp

from harborconf.errors import (
    AuthenticationError,
    ConflictError,
    HarborError,
    InvalidError,
    NotFoundError,
    NotHarborError,
    NotPermittedError,
    ReplyError,
    ServerError,
    TlsError,
    UnreachableError,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from harborconf.harbor.connection import Connection

CONNECT_SECONDS = 10.0
ATTEMPTS = 4
LONGEST_WAIT = 30.0
_REPEATABLE = frozenset({"GET", "HEAD", "PUT", "DELETE", "PATCH"})
_PASSING = frozenset({429, 502, 503, 504})
_ERRORS: Mapping[int, type[ReplyError]] = {
    400: InvalidError,
    403: NotPermittedError,
    404: NotFoundError,
    409: ConflictError,
    412: ConflictError,
    422: InvalidError,
}
_UNAUTHORIZED = 401
_TOO_MANY = 429
_REDIRECTS = range(300, 400)
_FAILURES = 400


@dataclass(frozen=True, slots=True)
class RequestEvent:
    """One request that was made: never its headers or body."""

    method: str
    path: str
    status: int
    milliseconds: float
    attempt: int

    def __str__(self) -> str:
        again = f" (attempt {self.attempt})" if self.attempt > 1 else ""
        return f"{self.method} {self.path} {self.status} {self.milliseconds:.0f} ms{again}"


@dataclass(frozen=True, slots=True)
class Response:
    """A reply, its body read."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.content.decode("utf-8", errors="replace")

    @property
    def is_error(self) -> bool:
        """Whether the status is one of failure."""
        return self.status_code >= _FAILURES

    def json(self) -> Any:  # noqa: ANN401 - plain JSON
        """The body as plain values; nothing is empty text.

        Raises:
            NotHarborError: the body is not JSON.
        """
        if not self.content.strip():
            return ""
        try:
            return json.loads(self.content)
        except ValueError as error:
            message = f"the reply is not JSON but begins with {self.text[:60]!r}"
            raise NotHarborError(
                message, advice="is this the URL of Harbor itself, or of a proxy before it?"
            ) from error


class Transport:
    """Sends requests over one connection pool."""

    def __init__(
        self,
        connection: Connection,
        *,
        on_request: Callable[[RequestEvent], None] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.url = connection.url
        self._on_request = on_request
        self._sleep = sleep
        self._client = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=connection.concurrency, ssl=tls_context(connection)
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(
                total=connection.timeout, sock_connect=min(CONNECT_SECONDS, connection.timeout)
            ),
            trust_env=True,
            headers={"Accept": "application/json"},
        )

    async def close(self) -> None:
        """Close every connection."""
        await self._client.close()

    async def send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Any = None,  # noqa: ANN401 - plain JSON
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """One reply, whatever its status; passing failures of repeatable requests are retried.

        A POST is repeated only when it cannot have reached Harbor: the connection was
        refused, or it was turned away with 429.

        Raises:
            HarborError: nothing answered.
        """
        for attempt in range(1, ATTEMPTS + 1):
            is_last = attempt == ATTEMPTS
            try:
                response = await self._once(method, path, attempt, params, body, form, headers)
            except aiohttp.ClientConnectorCertificateError as error:
                raise _tls(self.url, error.certificate_error) from error
            except aiohttp.ClientSSLError as error:
                raise _tls(self.url, error) from error
            except (aiohttp.ClientConnectorError, aiohttp.ClientError, TimeoutError) as error:
                unsent = isinstance(error, aiohttp.ClientConnectorError)
                if is_last or not (unsent or method in _REPEATABLE):
                    raise _unreachable(self.url, error) from error
                await self._sleep(_backoff(attempt))
                continue
            passing = response.status_code == _TOO_MANY or (
                response.status_code in _PASSING and method in _REPEATABLE
            )
            if is_last or not passing:
                return _no_redirect(response, self.url)
            await self._sleep(_retry_after(response) or _backoff(attempt))
        raise AssertionError  # pragma: no cover - the loop returns or raises

    async def _once(  # noqa: PLR0917 - one request in full
        self,
        method: str,
        path: str,
        attempt: int,
        params: Mapping[str, Any] | None,
        body: Any,  # noqa: ANN401 - plain JSON
        form: Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
    ) -> Response:
        begun = time.monotonic()
        async with self._client.request(
            method,
            self.url + path,
            params=params,
            json=body,
            data=form,
            headers=headers,
            allow_redirects=False,
        ) as reply:
            response = Response(reply.status, reply.headers, await reply.read())
            if self._on_request is not None:
                spent = (time.monotonic() - begun) * 1000
                shown = reply.url.path_qs
                self._on_request(RequestEvent(method, shown, reply.status, spent, attempt))
            return response


def raise_for_status(response: Response, method: str, path: str) -> Response:
    """The response, if it is one of success.

    Raises:
        AuthenticationError: 401.
        ReplyError: any other failure, with Harbor's own message.
    """
    if not response.is_error:
        return response
    status, message = response.status_code, message_of(response)
    if status == _UNAUTHORIZED:
        text = f"{method} {path}: 401 {message}"
        raise AuthenticationError(text, advice="the session was lost, or this is not permitted")
    raise _ERRORS.get(status, ServerError)(message, status=status, method=method, path=path)


def message_of(response: Response) -> str:
    """Harbor's own message, or a short word about a reply that has none."""
    try:
        errors = json.loads(response.content)["errors"]
        return "; ".join(str(error["message"]) for error in errors)
    except (ValueError, KeyError, TypeError):
        text = " ".join(response.text.split())
        if text.startswith("<"):
            return "(an HTML page: something before Harbor answered)"
        return text[:200] or "(no message)"


def tls_context(connection: Connection) -> ssl.SSLContext:
    """The system's trust and the given CA; without verification only when asked for.

    Raises:
        TlsError: a certificate file cannot be used.
    """
    context = ssl.create_default_context()
    try:
        if connection.ca_file is not None:
            context.load_verify_locations(connection.ca_file)
        if connection.client_cert is not None:
            context.load_cert_chain(connection.client_cert, connection.client_key)
    except (ssl.SSLError, OSError) as error:
        message = f"a certificate file cannot be used: {error.strerror or error}"
        raise TlsError(message) from error
    if connection.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _tls(url: str, error: BaseException) -> HarborError:
    reason = getattr(error, "verify_message", "") or getattr(error, "reason", "") or str(error)
    message = f"the certificate of {url} is not trusted: {reason}"
    return TlsError(message, advice="give the CA with --ca-file, or renew the certificate")


def _unreachable(url: str, error: BaseException) -> HarborError:
    if isinstance(error, TimeoutError):
        message = f"{url} did not answer in time"
        return UnreachableError(message, advice="--timeout sets how long to wait")
    reason = getattr(error, "os_error", None)
    message = f"{url} cannot be reached: {(reason and reason.strerror) or error}"
    return UnreachableError(message, advice="check HARBOR_URL and the network")


def _no_redirect(response: Response, url: str) -> Response:
    if response.status_code in _REDIRECTS:
        target = response.headers.get("Location", "elsewhere")
        message = f"{url} redirects to {target}"
        raise NotHarborError(message, advice="set HARBOR_URL to where it leads")
    return response


def _backoff(attempt: int) -> float:
    return float(min(LONGEST_WAIT, 0.25 * 4 ** (attempt - 1))) * random.uniform(0.5, 1.5)  # noqa: S311 - not a secret


def _retry_after(response: Response) -> float | None:
    value = response.headers.get("Retry-After")
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):
            return None
    return min(max(seconds, 0.0), LONGEST_WAIT)
