"""The Harbor to measure on: a simulated one, or a real one where the environment names it."""

from __future__ import annotations

import json
import os
import secrets
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from http.cookiejar import CookieJar
from typing import TYPE_CHECKING, Any

from bare import CSRF, FORM
from measure import helper

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

API = "/api/v2.0"
SIMULATED = "2.15.2"
URL, USERNAME, PASSWORD = (
    "HARBORCONF_BENCH_URL",
    "HARBORCONF_BENCH_USERNAME",
    "HARBORCONF_BENCH_PASSWORD",
)


class Session:
    """Requests of one user, who logs in once: Harbor 2.15 takes 0.1 s to check a password."""

    def __init__(self, url: str, username: str, password: str) -> None:
        self._url = url
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPCookieProcessor(CookieJar()),
        )
        try:
            self._opener.open(self._url + FORM)
        except urllib.error.HTTPError as reply:  # 404, with what a login needs
            self._token = reply.headers[CSRF]
        form = urllib.parse.urlencode({"principal": username, "password": password}).encode()
        self._open("POST", FORM, form, "application/x-www-form-urlencoded")

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The body of one reply."""
        data = None if body is None else json.dumps(body).encode()
        content = self._open(method, API + path, data, "application/json")
        return json.loads(content) if content else None

    def _open(self, method: str, path: str, data: bytes | None, kind: str) -> bytes:
        request = urllib.request.Request(  # noqa: S310 - the URL is the user's own
            self._url + path,
            method=method,
            data=data,
            headers={"Content-Type": kind, CSRF: self._token},
        )
        with self._opener.open(request) as reply:
            content: bytes = reply.read()
        return content


@dataclass(frozen=True)
class Harbor:
    """One Harbor. Everything that is made there begins with `prefix`."""

    title: str
    url: str
    username: str
    password: str
    prefix: str

    @cached_property
    def ask(self) -> Callable[..., Any]:
        """The body of one reply to a method, a path and perhaps a body."""
        return Session(self.url, self.username, self.password).ask

    @property
    def user(self) -> str:
        """A user to be a member of every project."""
        return f"{self.prefix}-user"

    def add_user(self) -> None:
        """Make the user."""
        body = {
            "username": self.user,
            "realname": self.user,
            "email": f"{self.user}@example.com",
            "password": "Aa1" + secrets.token_hex(16),
        }
        self.ask("POST", "/users", body)

    def projects(self) -> list[int]:
        """The numbers of at most 100 projects that were made."""
        found = self.ask("GET", f"/projects?name={self.prefix}-&page_size=100")
        return [project["project_id"] for project in found]

    def publish(self, projects: list[int], *, public: bool) -> None:
        """Make projects public or not: drift, and back."""
        for number in projects:
            body = {"metadata": {"public": str(public).lower()}}
            self.ask("PUT", f"/projects/{number}", body)

    def clean(self) -> None:
        """Delete the projects that were made."""
        with ThreadPoolExecutor(8) as pool:
            while projects := self.projects():
                list(pool.map(lambda one: self.ask("DELETE", f"/projects/{one}"), projects))

    def leave(self) -> None:
        """Delete everything that was made."""
        self.clean()
        for user in self.ask("GET", f"/users?q=username={self.user}"):
            self.ask("DELETE", f"/users/{user['user_id']}")


@contextmanager
def harbor_to_measure() -> Iterator[Harbor]:
    """The real Harbor that the environment names, else a simulated one; cleaned at the end."""
    prefix = f"bench-{secrets.token_hex(3)}"
    with _real(prefix) if os.environ.get(URL) else _simulated(prefix) as harbor:
        harbor.add_user()
        try:
            yield harbor
        finally:
            harbor.leave()


@contextmanager
def _simulated(prefix: str) -> Iterator[Harbor]:
    with helper("serve.py", SIMULATED) as program:
        assert program.stdout is not None
        url = program.stdout.readline().strip()
        yield Harbor(f"{SIMULATED}, simulated", url, "admin", "Harbor12345", prefix)


@contextmanager
def _real(prefix: str) -> Iterator[Harbor]:
    url = os.environ[URL].rstrip("/")
    nameless = Harbor("", url, os.environ.get(USERNAME, "admin"), os.environ[PASSWORD], prefix)
    version = str(nameless.ask("GET", "/systeminfo")["harbor_version"])
    title = version.removeprefix("v").partition("-")[0]
    yield Harbor(title, url, nameless.username, nameless.password, prefix)
