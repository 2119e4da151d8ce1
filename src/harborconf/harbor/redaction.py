"""What a request holds that is secret, and blotting it out of what a server says of it.

Harbor, or what stands before it, may repeat in a refusal what it was sent: as it is, or
escaped once more.
"""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

from multidict import CIMultiDict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

BLOT = "***"
_SECRET_KEY = re.compile("password|secret|auth_header|token", re.IGNORECASE)
_SHORTEST = 4
_SHORTEST_IN_BASE64 = 8
_GO = str.maketrans({"&": "\\u0026", "<": "\\u003c", ">": "\\u003e"})


def secrets_in(sent: object, *, is_secret: bool = False) -> Iterator[str]:
    """The secrets in a body or form: values whose key says so."""
    match sent:
        case dict():
            for key, value in sent.items():
                yield from secrets_in(value, is_secret=bool(_SECRET_KEY.search(str(key))))
        case list():
            for value in sent:
                yield from secrets_in(value, is_secret=is_secret)
        case str() if is_secret and len(sent) >= _SHORTEST:
            yield sent


def secrets_in_headers(headers: Mapping[str, str]) -> Iterator[str]:
    """The secrets in headers: the credential, as sent and in clear, and a session's cookies."""
    named = CIMultiDict(headers)
    scheme, _, shown = named.get("Authorization", "").partition(" ")
    if shown:
        yield shown
    if scheme == "Basic":
        with suppress(binascii.Error, UnicodeDecodeError):
            yield base64.b64decode(shown).decode().partition(":")[2]
    for cookie in filter(None, named.get("Cookie", "").split("; ")):
        yield cookie.partition("=")[2]
    yield from (value for name, value in named.items() if _SECRET_KEY.search(name))


def blotted(text: str, secrets: Iterable[str]) -> str:
    """The text without the secrets, whichever way they are escaped in it."""
    found = {form for secret in secrets if secret for form in _forms(secret)}
    for form in sorted(found, key=len, reverse=True):
        text = text.replace(form, BLOT)
    return text


def _forms(secret: str) -> Iterator[str]:
    yield secret
    once = [json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]]
    once += [text.translate(_GO) for text in once]
    yield from once
    yield from (json.dumps(text)[1:-1] for text in once)
    yield from (quote(secret, safe=""), quote(secret), quote_plus(secret))
    yield from (html.escape(secret), repr(secret)[1:-1])
    yield from _in_base64(secret.encode())


def _in_base64(secret: bytes) -> Iterator[str]:
    """What of it stands in base64, wherever in the encoded text it begins."""
    for before in range(3):
        skipped, rest = -(-before * 4 // 3), (before + len(secret)) % 3
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            text = encode(bytes(before) + secret).decode().rstrip("=")
            text = text[skipped : -1 if rest else None]
            if len(text) >= _SHORTEST_IN_BASE64:
                yield text
