"""The one place where what aiohttp, ssl, asyncio and the system raise becomes ours."""

from __future__ import annotations

import os
import socket
import ssl
from http import HTTPStatus

import aiohttp

from harborconf.errors import HarborError, NotHarborError, TlsError, UnreachableError

FOREIGN = (aiohttp.ClientError, OSError, TimeoutError, UnicodeError)
"""All that a request of aiohttp can raise."""


def was_sent(error: BaseException) -> bool:
    """Whether the request may have reached Harbor before it failed."""
    unsent = (
        aiohttp.ClientConnectorError,
        aiohttp.ConnectionTimeoutError,
        aiohttp.ClientHttpProxyError,
    )
    return not isinstance(error, unsent)


def is_passing(error: BaseException) -> bool:
    """Whether the same request may succeed in a moment.

    Bad certificates stay bad; and who waited a whole timeout is not made to wait for more.
    """
    if isinstance(error, TimeoutError):
        return isinstance(error, aiohttp.ConnectionTimeoutError)
    lost = aiohttp.ClientConnectionError | aiohttp.ClientPayloadError | OSError
    return _tls_cause(error) is None and isinstance(error, lost)


def ours(error: BaseException, url: str, seconds: float) -> HarborError:
    """A foreign error as one of ours; `seconds` is the timeout that was in force."""
    cause = _tls_cause(error)
    if cause is not None:
        return _tls_error(cause, url)
    if isinstance(error, aiohttp.ClientResponseError) and not _is_proxys(error):
        return NotHarborError(f"what answers at {url} does not speak HTTP", advice=_LOOK)
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        message, advice = f"{url}: no connection in time", _LOOK
    elif isinstance(error, TimeoutError):
        message, advice = f"{url} did not answer within {seconds:g} s", _PATIENCE
    elif isinstance(error, aiohttp.ClientHttpProxyError):
        message = f"the proxy does not let through to {url}: {_status(error)}"
        advice = _PROXY
    elif _is_proxys(error):
        message = f"the proxy on the way to {url} cannot be reached: {_reason(error)}"
        advice = _PROXY
    else:
        message, advice = f"{url} cannot be reached: {_reason(error)}", _LOOK
        if isinstance(error, aiohttp.ServerDisconnectedError) and url.startswith("https:"):
            advice = _CLIENT_CERT  # TLS 1.3 servers hang up on who shows none
    return UnreachableError(message, advice=advice)


def cause(error: BaseException) -> BaseException | None:
    """The error as the cause of ours, unless it repeats what a proxy says."""
    return None if isinstance(error, aiohttp.ClientResponseError) else error


_LOOK = "check Harbor's URL and the network"
_PATIENCE = "--timeout sets how long to wait"
_CLIENT_CERT = "it may want a client certificate: HARBOR_CLIENT_CERT"
_PROXY = "check HTTPS_PROXY and HTTP_PROXY, or list Harbor's host in NO_PROXY"


def _is_proxys(error: BaseException) -> bool:
    return isinstance(error, aiohttp.ClientHttpProxyError | aiohttp.ClientProxyConnectionError)


def _status(error: aiohttp.ClientHttpProxyError) -> str:
    """A status in HTTP's own words: a proxy's may repeat the password it was shown."""
    try:
        return f"{error.status} {HTTPStatus(error.status).phrase}"
    except ValueError:
        return str(error.status)


def _reason(error: BaseException) -> str:
    if isinstance(error, aiohttp.ClientConnectorError):
        cause = error.os_error
        if cause.errno and not isinstance(cause, socket.gaierror):
            return os.strerror(cause.errno)  # asyncio's own text repeats the address
        return cause.strerror or str(cause) or "no connection"
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return "it closed the connection without an answer"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _tls_cause(error: BaseException | None) -> ssl.SSLError | None:
    """The error of ssl's at the bottom: aiohttp's are of its class too, without its details."""
    found = None
    while error is not None:
        found = error if isinstance(error, ssl.SSLError) else found
        error = (
            getattr(error, "certificate_error", None)
            or getattr(error, "os_error", None)
            or error.__cause__
        )
    return found


def _tls_error(error: ssl.SSLError, url: str) -> TlsError:
    if isinstance(error, ssl.SSLCertVerificationError):
        message = f"the certificate of {url} is not trusted: {error.verify_message}"
        return TlsError(message, advice="give its CA with --ca-file, or have it renewed")
    reason = (error.reason or str(error)).replace("_", " ").lower()
    message = f"no TLS connection with {url}: {reason}"
    if "wrong version" in reason or "record layer" in reason or "http request" in reason:
        return TlsError(message, advice="it speaks plain http: does the URL begin with http://?")
    return TlsError(message, advice=_CLIENT_CERT)
