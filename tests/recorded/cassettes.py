"""Recordings of a real Harbor by vcrpy: made once, played ever after, free of secrets.

Every secret becomes REDACTED on its way into a cassette, and what is sent while one is played is
changed alike before it is compared. Who asked stands in a header of our own: `session`, or the
name that went with basic auth.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import vcr
from vcr.record_mode import RecordMode
from vcr.request import Request

FOLDER = Path(__file__).with_name("cassettes")
HOST = "harbor.example.com"
URL = f"http://{HOST}"
REDACTED = "redacted"
OURS = "cassette"
"""All that is made for a recording is called so; what others have in a Harbor is left out."""
AS = "As"

SENT = {"content-type", "x-is-resource-name"}
TOLD = {"content-type", "location", "x-total-count"}
COOKIE, CSRF = "set-cookie", "x-harbor-csrf-token"
SECRET_KEY = re.compile("password|secret|token|auth_header|credential", re.IGNORECASE)
# What stands before the host of a URL.
_USER = re.compile(r"(?<=://)[^/?#\s]*(?=@)")
# Lists of everything that everybody has.
_SHARED = re.compile(
    r"/api/v2\.0/(projects|users|usergroups|quotas|robots|labels|registries|replication/policies"
    r"|scanners|p2p/preheat/instances)"
)
_PAGE = 10
# What the machine that was recorded calls itself.
_LOCAL = re.compile(r"\b(localhost|127\.0\.0\.1)(:\d+)?\b")


def play(name: str) -> Any:
    """The cassette of this name, from which every request is answered."""
    return _recorder(RecordMode.NONE, URL).use_cassette(f"{name}.yaml")


def record(name: str, url: str) -> Any:
    """A new cassette of this name, for what is asked of a real Harbor."""
    (FOLDER / f"{name}.yaml").unlink(missing_ok=True)
    return _recorder(RecordMode.ALL, url).use_cassette(f"{name}.yaml")


def _recorder(mode: RecordMode, url: str) -> Any:
    cleaner = Cleaner(urlsplit(url).netloc)
    recorder = vcr.VCR(
        cassette_library_dir=str(FOLDER),
        record_mode=mode,
        match_on=("method", "uri", "as", "content"),
        before_record_request=cleaner.sent,
        before_record_response=cleaner.told,
    )
    recorder.register_matcher("as", _same_as)
    recorder.register_matcher("content", _same_content)
    return recorder


def _same_as(one: Request, other: Request) -> None:
    assert one.headers.get(AS) == other.headers.get(AS)


def _same_content(one: Request, other: Request) -> None:
    assert one.body == other.body


class Cleaner:
    """Takes out of exchanges what must not be kept: secrets, the machine, other people."""

    def __init__(self, netloc: str) -> None:
        self._names = re.compile(f"{re.escape(netloc)}|{_LOCAL.pattern}")
        self.path = ""  # vcrpy cleans a reply right after its request, and does not name that

    def sent(self, request: Request) -> Request:
        """A request as it is kept."""
        place = urlsplit(request.uri)
        self.path = place.path
        request.uri = URL + place.path + (f"?{place.query}" if place.query else "")
        headers = {str(name): _first(value) for name, value in request.headers.items()}
        kept = {name: value for name, value in headers.items() if name.lower() in SENT}
        request.headers = kept | {AS: _who(headers)}
        if request.body is not None:
            body = request.body if isinstance(request.body, Mapping) else json.loads(request.body)
            text = json.dumps(clean(body), sort_keys=True)
            request.body = self._names.sub(HOST, text)
        return request

    def told(self, response: dict[str, Any]) -> dict[str, Any]:
        """A reply as it is kept."""
        headers: dict[str, list[str]] = {}
        for name, values in response["headers"].items():
            if name.lower() == COOKIE:
                headers[name] = [f"{cookie.partition('=')[0]}={REDACTED}" for cookie in values]
            elif name.lower() == CSRF:
                headers[name] = [REDACTED]
            elif name.lower() in TOLD:
                headers[name] = values
        text = self._names.sub(HOST, response["body"]["string"].decode())
        try:
            body = json.loads(text)
        except ValueError:
            text = "" if "<" in text else text  # Harbor's pages say nothing
        else:
            if isinstance(body, list) and _SHARED.fullmatch(self.path):
                body = self._ours(body, headers)
            text = json.dumps(clean(body), separators=(",", ":"))
        status = {"code": response["status"]["code"], "message": response["status"]["message"]}
        return {"status": status, "headers": headers, "body": {"string": text.encode()}}

    def _ours(self, items: list[Any], headers: dict[str, list[str]]) -> list[Any]:
        """Without what others have in the Harbor that was recorded."""
        assert len(items) < _PAGE, f"record on a Harbor that holds less: {self.path}"
        kept = [item for item in items if OURS in json.dumps(item)]
        for name in headers:
            if name.lower() == "x-total-count":
                headers[name] = [str(len(kept))]
        return kept


def clean(value: Any, *, is_secret: bool = False) -> Any:
    """The value with every secret in it redacted."""
    if isinstance(value, Mapping):
        return {
            key: clean(item, is_secret=_names_secret(str(key), is_secret=is_secret))
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [clean(item, is_secret=is_secret) for item in value]
    if isinstance(value, str) and value:
        return REDACTED if is_secret else _USER.sub(REDACTED, value)
    return value


def _names_secret(key: str, *, is_secret: bool) -> bool:
    """A setting is `{value, editable}`, so that its name stands one above."""
    return bool(SECRET_KEY.search(key)) or (is_secret and key == "value")


def _who(headers: Mapping[str, str]) -> str:
    """In whose name a request is made: nobody's, that of a session, or by basic auth."""
    named = {name.lower(): value for name, value in headers.items()}
    if "as" in named:
        return named["as"]
    if "authorization" in named:
        pair = base64.b64decode(named["authorization"].removeprefix("Basic ")).decode()
        return pair.partition(":")[0]
    return "session" if "sid=" in named.get("cookie", "") else ""


def _first(value: Any) -> str:
    return str(value[0] if isinstance(value, list) else value)
