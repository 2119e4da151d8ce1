"""Addresses of other services: http or https, without anything secret in them."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from harborconf.spec.secret import HIDDEN
from harborconf.spec.value import ValueType, read_text

_USERINFO = re.compile(r"(?<=//)[^/?#]*(?=@)")
_BROKEN = re.compile(r"[\s\x00-\x1f\x7f]")


def url_type(longest: int, *, base: bool = False) -> ValueType:
    """A type of URLs of at most so many characters.

    With `base`, paths are put after it: no query, no fragment, and a slash at its end means
    nothing.
    """

    def read(raw: object) -> str:
        return _read(read_text(raw), longest, base=base)

    return ValueType("URL", read, str, {"type": "string"})


def _read(text: str, longest: int, *, base: bool) -> str:
    scheme, mark, rest = text.partition("://")
    if scheme.lower() not in ("http", "https") or not mark:
        message = f"expected a URL that begins with http:// or https://, got `{without_user(text)}`"
        raise ValueError(message)
    url = f"{scheme.lower()}://{rest}"
    if _USERINFO.search(url):
        message = "a URL holds no user and no password here: a secret never stands in the YAML"
        raise ValueError(message)
    if not _is_whole(url):
        message = f"`{url}` is no URL: it has no host, a wrong port, or a space in it"
        raise ValueError(message)
    if base:
        url = url.rstrip("/")
        if "?" in url or "#" in url:
            message = f"`{url}` ends in a query or a fragment, which Harbor drops"
            raise ValueError(message)
    if len(url) > longest:
        message = f"Harbor keeps at most {longest} characters of a URL, here are {len(url)}"
        raise ValueError(message)
    return url


def _is_whole(url: str) -> bool:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    return bool(parts.hostname) and not _BROKEN.search(url)


def without_user(text: str) -> str:
    """A URL as it may be shown: what stands before an `@`, often a password, is hidden."""
    return _USERINFO.sub(HIDDEN, text)
