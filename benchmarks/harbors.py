"""The Harbors to measure on: one simulated, and one real where the environment names it."""

from __future__ import annotations

import base64
import json
import os
import secrets
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from measure import helper

if TYPE_CHECKING:
    from collections.abc import Iterator

API = "/api/v2.0"
SIMULATED = "2.15.2"
URL, USERNAME, PASSWORD = (
    "HARBORCONF_BENCH_URL",
    "HARBORCONF_BENCH_USERNAME",
    "HARBORCONF_BENCH_PASSWORD",
)


@dataclass(frozen=True)
class Harbor:
    """One Harbor. Everything that is made there begins with `prefix`."""

    title: str
    url: str
    username: str
    password: str
    prefix: str

    @property
    def user(self) -> str:
        """A user to be a member of every project."""
        return f"{self.prefix}-user"

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The body of one reply."""
        pair = base64.b64encode(f"{self.username}:{self.password}".encode()).decode()
        request = urllib.request.Request(  # noqa: S310 - the URL is the user's own
            self.url + API + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Basic {pair}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request) as reply:  # noqa: S310 - as above
            content = reply.read()
        return json.loads(content) if content else None

    def add_user(self) -> None:
        """Make the user."""
        body = {
            "username": self.user,
            "realname": self.user,
            "email": f"{self.user}@example.com",
            "password": "Aa1" + secrets.token_hex(16),
        }
        self.ask("POST", "/users", body)

    def clean(self) -> None:
        """Delete the projects that were made."""
        while projects := self.ask("GET", f"/projects?name={self.prefix}-&page_size=100"):
            for project in projects:
                self.ask("DELETE", f"/projects/{project['project_id']}")

    def leave(self) -> None:
        """Delete everything that was made."""
        self.clean()
        for user in self.ask("GET", f"/users?q=username={self.user}"):
            self.ask("DELETE", f"/users/{user['user_id']}")


@contextmanager
def harbors() -> Iterator[list[Harbor]]:
    """The Harbors, each with the user; cleaned at the end."""
    prefix = f"bench-{secrets.token_hex(3)}"
    with helper("serve.py", SIMULATED) as program:
        assert program.stdout is not None
        url = program.stdout.readline().strip()
        found = [Harbor(f"simulated {SIMULATED}", url, "admin", "Harbor12345", prefix)]
        if os.environ.get(URL):
            found.append(_real(prefix))
        try:
            for harbor in found:
                harbor.add_user()
            yield found
        finally:
            for harbor in found:
                harbor.leave()


def _real(prefix: str) -> Harbor:
    url = os.environ[URL].rstrip("/")
    nameless = Harbor("", url, os.environ.get(USERNAME, "admin"), os.environ[PASSWORD], prefix)
    version = str(nameless.ask("GET", "/systeminfo")["harbor_version"])
    title = f"real {version.removeprefix('v').partition('-')[0]}"
    return Harbor(title, url, nameless.username, nameless.password, prefix)
