"""Harbor's API by hand: the standard library alone, so that no test judges harborconf by itself."""

from __future__ import annotations

import base64
import http.client
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urlsplit

from harborconf.simulator import Reply, Request

Json = Any

API = "/api/v2.0"
FORM = "/c/login"
CSRF = "X-Harbor-CSRF-Token"
SECONDS = 60
PAGE = 100


@dataclass(frozen=True)
class Answer:
    """One reply; `body` is the JSON in it, or its text where it is none."""

    status: int
    headers: http.client.HTTPMessage
    body: Json

    @property
    def number(self) -> int:
        """The number of what was made."""
        return int(self.headers["Location"].rpartition("/")[2])


@dataclass
class Raw:
    """Sends what it is told to, as somebody: by a session, or by basic auth.

    A session costs a real 2.15.2 a ninetieth of what basic auth costs; robots have none.
    """

    url: str
    username: str
    password: str
    by_session: bool = False
    _proof: dict[str, str] | None = None

    def send(
        self, method: str, path: str, body: Json = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """One reply, whatever its status."""
        more = {"Accept": "application/json", **(headers or {})}
        content = None
        if body is not None:
            content = json.dumps(body).encode()
            more["Content-Type"] = "application/json"
        answer = self._exchange(method, API + path, content, {**self._who(), **more})
        if self.by_session and "sid" in _cookies(answer):
            # The session was lost; whoever shows none that is known gets a new one.
            self._proof = None
            answer = self._exchange(method, API + path, content, {**self._who(), **more})
        return answer

    def get(self, path: str, headers: dict[str, str] | None = None) -> Json:
        """The body of a GET that succeeds."""
        answer = self.send("GET", path, headers=headers)
        assert answer.status == http.client.OK, (path, answer.status, answer.body)
        return answer.body

    def all(self, path: str, **query: str) -> list[Json]:
        """Every page of a list."""
        found: list[Json] = []
        number = 0
        while True:
            number += 1
            pages = {**query, "page": str(number), "page_size": str(PAGE)}
            items = self.get(f"{path}?{urlencode(pages)}")
            found += items
            if len(items) < PAGE:
                return found

    def write(self, method: str, path: str, body: Json = None) -> Answer:
        """A write that succeeds."""
        answer = self.send(method, path, body)
        assert answer.status in {200, 201}, (method, path, answer.status, answer.body)
        return answer

    def make(self, path: str, body: Json) -> int:
        """The number of what a POST makes."""
        return self.write("POST", path, body).number

    def status(self, method: str, path: str, body: Json = None) -> int:
        """Only the status."""
        return self.send(method, path, body).status

    def project(self, name: str) -> Json:
        """A project by its name, also where the name is a number."""
        return self.get(f"/projects/{name}", {"X-Is-Resource-Name": "true"})

    def be(self, username: str, password: str) -> Raw:
        """The same Harbor as somebody else, by basic auth."""
        return replace(self, username=username, password=password, by_session=False, _proof=None)

    def _who(self) -> dict[str, str]:
        if self.by_session:
            self._proof = self._proof or self._log_in()
            return self._proof
        pair = base64.b64encode(f"{self.username}:{self.password}".encode()).decode()
        return {"Authorization": f"Basic {pair}"}

    def _log_in(self) -> dict[str, str]:
        before = self._exchange("GET", FORM, None, {})
        cookies = _cookies(before)
        form = urlencode({"principal": self.username, "password": self.password}).encode()
        token = before.headers[CSRF]
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": _joined(cookies),
            CSRF: token,
        }
        after = self._exchange("POST", FORM, form, headers)
        assert after.status == http.client.OK, "the login form refuses the test's credential"
        return {"Cookie": _joined({**cookies, **_cookies(after)}), CSRF: token}

    def _exchange(
        self, method: str, path: str, content: bytes | None, headers: dict[str, str]
    ) -> Answer:
        parts = urlsplit(self.url)
        secure = parts.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = kind(parts.netloc, timeout=SECONDS)
        try:
            connection.request(method, parts.path + path, content, headers)
            reply = connection.getresponse()
            return _answer(reply.status, reply.headers, reply.read())
        finally:
            connection.close()


@dataclass
class Direct(Raw):
    """The same of a simulated Harbor, which is called and not sent to: half of all the time.

    Neither the faults that a test injects nor the requests that it counts are met this way.
    """

    handle: Callable[[Request], Reply] = field(kw_only=True)

    def _exchange(
        self, method: str, path: str, content: bytes | None, headers: dict[str, str]
    ) -> Answer:
        path, _, query = path.partition("?")
        named = {name.lower(): value for name, value in headers.items()}
        reply = self.handle(Request(method, path, query, named, content or b""))
        told = http.client.HTTPMessage()
        for name, value in reply.headers.items():
            told[name] = value
        return _answer(reply.status, told, reply.body)


def _answer(status: int, headers: http.client.HTTPMessage, content: bytes) -> Answer:
    text = content.decode()
    is_json = headers.get_content_type() == "application/json" and text
    return Answer(status, headers, json.loads(text) if is_json else text)


def _cookies(answer: Answer) -> dict[str, str]:
    return {
        name: morsel.value
        for header in answer.headers.get_all("Set-Cookie", [])
        for name, morsel in SimpleCookie(header).items()
    }


def _joined(cookies: dict[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in cookies.items())
