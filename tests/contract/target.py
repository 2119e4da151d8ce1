"""A Harbor to test on: a simulated one, or a real one that others use too."""

from __future__ import annotations

import itertools
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import pytest

from contract.push import push
from contract.raw import Direct, Json, Raw
from harborconf.simulator import Simulator, State

VERSIONS = ("2.13.2", "2.15.2")
REAL = "real"
URL, USERNAME, PASSWORD = (
    "HARBORCONF_TEST_URL",
    "HARBORCONF_TEST_USERNAME",
    "HARBORCONF_TEST_PASSWORD",
)
REGISTRIES = "HARBORCONF_TEST_REGISTRIES"
EXAMPLES = "HARBORCONF_TEST_EXAMPLES"
WORD = "Example1Word"
"""A password that opens nothing but what tests make."""

KEYS = {
    "/replication/policies": "id",
    "/projects": "project_id",
    "/scanners": "uuid",
    "/p2p/preheat/instances": "name",
    "/registries": "id",
    "/robots": "id",
    "/labels": "id",
    "/users": "user_id",
    "/usergroups": "id",
}
"""What is found in lists, by what; in the order in which it can be deleted."""

_numbers = itertools.count(1)
_run = secrets.token_hex(3)


@dataclass(frozen=True)
class Target:
    """One Harbor and the part of it that is a test's own: what begins with `prefix`.

    `simulator` is None where the Harbor is real.
    """

    url: str
    username: str
    password: str
    version: tuple[int, ...]
    raw: Raw
    simulator: Simulator | None = None
    prefix: str = ""
    numeric: list[str] = field(default_factory=list)

    @property
    def is_real(self) -> bool:
        """Whether others use it too."""
        return self.simulator is None

    @property
    def state(self) -> State:
        """What a simulated Harbor holds, for what no API changes; with a real one, no test."""
        if self.simulator is None:
            pytest.skip("it needs what nobody can do to a real Harbor")
        return self.simulator.state

    def examples(self, *, real: int, simulated: int) -> int:
        """How many generated configurations are tried here, unless the environment says it."""
        return int(os.environ.get(EXAMPLES, real if self.is_real else simulated))

    def name(self, word: str) -> str:
        """A name that no one else has; good for every kind."""
        return f"{self.prefix}-{word}"

    def claim(self, number: str) -> str:
        """Take a number for a project's name; no prefix can be part of it."""
        self.numeric.append(number)
        return number

    def owns(self, name: str | None) -> bool:
        """Whether a name is this test's."""
        return bool(name) and (str(name).startswith(f"{self.prefix}-") or name in self.numeric)

    def add_user(self, word: str, **fields: str) -> str:
        """Make a user with the password WORD; gives the name."""
        name = self.name(word)
        body = {
            "username": name,
            "realname": fields.get("realname", name),
            "email": fields.get("email", f"{name}@example.com"),
            "comment": fields.get("comment", ""),
            "password": WORD,
        }
        self.raw.write("POST", "/users", body)
        return name

    def add_robot(self, *permissions: Json) -> Json:
        """Make a robot of the system for a day; gives its name, secret and number."""
        body = {
            "name": self.name("gitops"),
            "level": "system",
            "duration": 1,
            "permissions": list(permissions),
        }
        return self.raw.write("POST", "/robots", body).body

    def add_project(self, word: str, **metadata: str) -> int:
        """Make a project; gives its number."""
        body = {"project_name": self.name(word), "metadata": {"public": "false", **metadata}}
        return self.raw.make("/projects", body)

    def push(self, project: str, repository: str) -> None:
        """Put an image into a project of this test's."""
        if self.simulator is None:
            push(self.raw, f"{self.name(project)}/{repository}", "v1")
        else:
            self.simulator.state.add_repository(self.name(project), repository)

    def projects(self) -> list[Json]:
        """This test's projects."""
        names = [f"{self.prefix}-", *self.numeric]
        found = [one for name in names for one in self.raw.all("/projects", name=name)]
        own = {one["project_id"]: one for one in found if self.owns(one["name"])}
        return list(own.values())

    def robots(self) -> list[Json]:
        """This test's robots of the system."""
        found = self.raw.all("/robots", q=f"name=~{self.prefix}-")
        return [one for one in found if f"{self.prefix}-" in one["name"]]

    def labels(self) -> list[Json]:
        """This test's labels of the system."""
        found = self.raw.all("/labels", scope="g", name=f"{self.prefix}-")
        return [one for one in found if self.owns(one["name"])]

    def users(self) -> list[Json]:
        """This test's users."""
        found = self.raw.all("/users", q=f"username=~{self.prefix}-")
        return [one for one in found if self.owns(one["username"])]

    def groups(self) -> list[Json]:
        """This test's groups."""
        found = self.raw.all("/usergroups", group_name=f"{self.prefix}-")
        return [one for one in found if self.owns(one["group_name"])]

    @property
    def registries(self) -> tuple[str, str]:
        """Two URLs at which Harbor finds itself, or at the second one another with its credential.

        From where Harbor is, it may have another name than from here; a real one that is not
        told about has one URL.
        """
        if self.simulator is not None:
            return self.url, self.url.replace("127.0.0.1", "localhost")
        found = os.environ.get(REGISTRIES, self.url).split()
        return found[0], found[-1]

    def in_registries(self, path: str) -> list[Json]:
        """This test's registries, or what else has a name in such a list."""
        return [one for one in self.raw.all(path) if self.owns(one["name"])]

    def clean(self) -> None:
        """Delete everything of this test's. What it cannot delete fails the test."""
        for project in (one for one in self.projects() if one["repo_count"]):
            for repository in self.raw.all(f"/projects/{project['name']}/repositories"):
                name = str(repository["name"]).partition("/")[2].replace("/", "%252F")
                path = f"/projects/{project['name']}/repositories/{name}"
                self.raw.write("DELETE", path)
        found = {
            "/replication/policies": self.in_registries("/replication/policies"),
            "/projects": self.projects(),
            "/scanners": self.in_registries("/scanners"),
            "/p2p/preheat/instances": self.in_registries("/p2p/preheat/instances"),
            "/registries": self.in_registries("/registries"),
            "/robots": self.robots(),
            "/labels": self.labels(),
            "/users": self.users(),
            "/usergroups": self.groups(),
        }
        for path, key in KEYS.items():
            for one in found[path]:
                self.raw.write("DELETE", f"{path}/{one[key]}")
        self._leave_a_default_scanner()

    def _leave_a_default_scanner(self) -> None:
        """Where the default one was this test's, Harbor now has none: the first of others is it."""
        left = self.raw.all("/scanners")
        if left and not any(one["is_default"] for one in left):
            self.raw.write("PATCH", f"/scanners/{left[-1]['uuid']}", {"is_default": True})


@contextmanager
def fresh(target: Target) -> Iterator[Target]:
    """A new part of the Harbor, deleted at the end whatever happens."""
    own = replace(target, prefix=f"hc-{_run}-{next(_numbers)}", numeric=[])
    try:
        yield own
    finally:
        own.clean()


@contextmanager
def emptied(target: Target) -> Iterator[None]:
    """Afterwards nothing is left of what has come meanwhile, under whatever name."""
    raw = target.raw
    lists = {path: {"scope": "g"} if path == "/labels" else {} for path in KEYS}
    before = {path: [one[KEYS[path]] for one in raw.all(path, **lists[path])] for path in lists}
    try:
        yield
    finally:
        for path, key in KEYS.items():
            for one in raw.all(path, **lists[path]):
                if one[key] not in before[path]:
                    raw.write("DELETE", f"{path}/{one[key]}")


@contextmanager
def simulated(version: str) -> Iterator[Target]:
    """A Harbor in memory that nobody else uses."""
    simulator = Simulator(version)
    with simulator.serve() as url:
        password = simulator.state.admin_password
        raw = Direct(url, "admin", password, handle=simulator.app.handle)
        yield Target(url, "admin", password, _version(version), raw, simulator)


def real() -> Target:
    """The Harbor that the environment names.

    Raises:
        AssertionError: it does not answer as it should.
    """
    url, password = os.environ[URL].rstrip("/"), os.environ.get(PASSWORD)
    assert password, f"{URL} is set, and {PASSWORD} is not"
    raw = Raw(url, os.environ.get(USERNAME, "admin"), password, by_session=True)
    version = str(raw.get("/systeminfo")["harbor_version"])
    return Target(url, raw.username, password, _version(version), raw)


def _version(text: str) -> tuple[int, ...]:
    plain = text.removeprefix("v").partition("-")[0]
    return tuple(int(part) for part in plain.split("."))
