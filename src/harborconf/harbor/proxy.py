"""The proxy that the environment names for a URL.

Not left to aiohttp: what makes it read the proxy variables also makes it read ~/.netrc and
send what stands there as Authorization, which must not go beside a session's cookie.
"""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from harborconf.errors import UsageError
from harborconf.spec.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping


def proxy_for(url: str, environ: Mapping[str, str]) -> Secret | None:
    """The URL of the proxy to use, which may hold a password, or None.

    HTTPS_PROXY or HTTP_PROXY by the scheme of `url`, lower case first, unless NO_PROXY (names,
    their subdomains, addresses, networks, `*`) covers it. Loopback is never asked of a proxy.

    Raises:
        UsageError: the variable holds no http or https URL.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    name = f"{parts.scheme}_proxy"
    proxy = (environ.get(name) or environ.get(name.upper()) or "").strip()
    unproxied = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    if not proxy or _is_loopback(host) or _is_exempt(host, parts.port, unproxied):
        return None
    if "://" not in proxy:
        proxy = f"http://{proxy}"
    advice = "unset it, or list Harbor's host in NO_PROXY"
    if not proxy.startswith(("http://", "https://")):
        message = f"{name.upper()} names a proxy that speaks neither http nor https"
        raise UsageError(message, advice=advice)
    if not _is_whole(proxy):
        message = f"{name.upper()} is no URL"
        special = "special characters in a password are written like %40"
        raise UsageError(message, advice=f"{special}; or {advice}")
    return Secret(proxy)


def _is_whole(url: str) -> bool:
    """What comes after is not told: it would be repeated in the words of others."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    return bool(parts.hostname) and "@" not in parts.path


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _is_exempt(host: str, port: int | None, unproxied: str) -> bool:
    return any(_covers(item.strip().lower(), host, port) for item in unproxied.split(","))


def _covers(item: str, host: str, port: int | None) -> bool:
    try:
        return ip_address(host) in ip_network(item, strict=False)
    except ValueError:
        pass  # one of the two is a name
    name, _, only_port = item.partition(":")
    if only_port and only_port != str(port):
        return False
    domain = name.removeprefix("*").removeprefix(".")
    return item == "*" or (bool(domain) and (host == domain or host.endswith(f".{domain}")))
