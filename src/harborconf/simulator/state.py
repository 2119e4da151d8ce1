"""What the simulated Harbor holds."""

from __future__ import annotations

import bisect
import hashlib
import itertools
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harborconf.simulator.clock import DAY, ZERO_TIME, timestamp
from harborconf.simulator.permissions import ADMIN, public
from harborconf.simulator.sessions import Sessions
from harborconf.simulator.settings import DEFAULTS
from harborconf.simulator.table import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from harborconf.simulator.http import Record, Reply, Request

ROOT_USER = 1
# What an installation has until somebody changes it.
ADMIN_PASSWORD = "Harbor12345"


def _by_name(row: Record) -> str:
    return str(row["name"])


def _users() -> Table:
    return Table(lambda row: row["username"], key="user_id")


def _groups() -> Table:
    return Table(lambda row: row["group_name"])


def _members() -> Table:
    return Table(
        lambda row: (row["project_id"], row["entity_type"], row["entity_id"]), group="project_id"
    )


def _in_project() -> Table:
    return Table(lambda row: (row["project_id"], row["name"]), group="project_id")


def _labels() -> Table:
    return Table(lambda row: (row["scope"], row["project_id"], row["name"]), group="project_id")


def _rules() -> Table:
    return Table(lambda row: (row["project_id"], row["filter"]), group="project_id")


@dataclass(slots=True)
class State:
    """Everything. Tests look into it, and change it behind the client's back.

    Attributes:
        before: Asked before a request is handled: a reply stands for the server's, nothing of it
            is done; raising `DroppedError` cuts the connection.
        after: Asked when a request has been handled: its reply is sent instead, and raising
            `DroppedError` cuts the connection; the change is made all the same.
        latency: Seconds that every reply takes.
        slow_quotas: Seconds that `GET /quotas` takes for each quota of the page; a real Harbor
            takes 0.017.
        login_delay: Seconds that refusing a user's password takes; a real Harbor takes 1.5.
        directory: DNs of groups and names of users that LDAP has.
        reachable: Audit endpoints that answer; any other is refused.
        settings_overwritten: Whether the server runs with `CONFIG_OVERWRITE_JSON`.
        unreachable: Registries and scanners, by URL, that do not answer; nothing at port 1 does.
        credentials: What registries, by URL, take for user and password; others take anything.
        database_down: Sessions get 500, basic auth 401; only system information is left.
        redis_down: Every session is unknown, though logging in answers 200.
    """

    version: str = "2.13.2"
    admin_password: str = ADMIN_PASSWORD
    before: Callable[[Request], Reply | None] | None = None
    after: Callable[[Request, Reply], Reply | None] | None = None
    latency: float = 0.0
    slow_quotas: float = 0.0
    login_delay: float = 0.0
    database_down: bool = False
    redis_down: bool = False
    clock: Callable[[], float] = time.time
    directory: set[str] = field(default_factory=set)
    reachable: set[str] = field(default_factory=set)
    settings_overwritten: bool = False
    unreachable: set[str] = field(default_factory=set)
    credentials: dict[str, tuple[str, str]] = field(default_factory=dict)
    settings: Record = field(default_factory=lambda: dict(DEFAULTS))
    settings_stored: set[str] = field(default_factory=set)
    users: Table = field(default_factory=_users)
    groups: Table = field(default_factory=_groups)
    projects: Table = field(default_factory=lambda: Table(_by_name, key="project_id"))
    project_order: list[str] = field(default_factory=list)
    audit: list[Record] = field(default_factory=list)
    quotas: Table = field(default_factory=lambda: Table(lambda row: row["project_id"]))
    members: Table = field(default_factory=_members)
    robots: Table = field(default_factory=_in_project)
    labels: Table = field(default_factory=_labels)
    retentions: Table = field(default_factory=lambda: Table(lambda row: row["id"]))
    rules: Table = field(default_factory=_rules)
    webhooks: Table = field(default_factory=_in_project)
    scanners: Table = field(default_factory=lambda: Table(lambda row: row["uuid"]))
    preheat_instances: Table = field(default_factory=lambda: Table(_by_name))
    preheat_policies: Table = field(default_factory=_in_project)
    repositories: Table = field(default_factory=_in_project)
    artifacts: Table = field(
        default_factory=lambda: Table(
            lambda row: (row["repository_id"], row["digest"]), group="repository_id"
        )
    )
    registries: Table = field(default_factory=lambda: Table(_by_name))
    replications: Table = field(default_factory=lambda: Table(_by_name))
    allowlists: Table = field(default_factory=lambda: Table(lambda row: row["project_id"]))
    schedules: dict[str, Record] = field(default_factory=dict)
    schedule_numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    sessions: Sessions = field(default_factory=Sessions)
    turns: Iterator[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        """Begin with what an installation has: users, the project library, and Trivy."""
        root = self.add_user("admin", self.admin_password, "", "system admin", "admin user")
        root["sysadmin_flag"] = True
        self.users.skip()
        self.add_project("library", root["user_id"], {"public": "true"})
        trivy = {
            "name": "Trivy",
            "url": "http://trivy-adapter:8080",
            "description": "The Trivy scanner adapter",
            "use_internal_addr": True,
        }
        row = self.add_scanner(trivy, "5a1b0000-0000-11f1-8000-000000000001")
        row["immutable"] = True
        row["capabilities"]["support_sbom"] = True
        row["metadata"] = {"adapter": "Trivy", "vendor": "Aqua Security", "version": "v0.61.0"}

    @property
    def release(self) -> tuple[int, ...]:
        """The version as numbers."""
        return tuple(int(part) for part in self.version.split("."))

    @property
    def has_scanner(self) -> bool:
        """Whether a scanner is the default one."""
        return any(row["is_default"] for row in self.scanners)

    def now(self) -> str:
        """The time as Harbor writes it."""
        return timestamp(self.clock())

    def times(self) -> Record:
        """Both times of a new record."""
        moment = self.now()
        return {"creation_time": moment, "update_time": moment}

    def add_user(
        self, username: str, password: str, email: str, realname: str = "", comment: str = ""
    ) -> Record:
        """Make a user."""
        return self.users.add(
            {
                "username": username,
                "password": password,
                "email": email,
                "realname": realname or username,
                "comment": comment,
                "sysadmin_flag": False,
                **self.times(),
            }
        )

    def add_group(self, name: str, kind: int, ldap_dn: str = "") -> Record:
        """Make a group: 1 LDAP, 2 HTTP, 3 OIDC."""
        return self.groups.add({"group_name": name, "group_type": kind, "ldap_group_dn": ldap_dn})

    def add_project(
        self,
        name: str,
        owner: int = ROOT_USER,
        metadata: dict[str, str] | None = None,
        storage: int | None = -1,
        registry: int = 0,
    ) -> Record:
        """Make a project with its quota; who makes it is a member, as projectAdmin."""
        row = self.projects.add(
            {
                "name": name,
                "owner_id": owner,
                "registry_id": registry,
                "metadata": {"public": "false"} if metadata is None else metadata,
                **self.times(),
            }
        )
        number: int = row["project_id"]
        bisect.insort(self.project_order, name)
        self.allowlists.add({"project_id": number, "items": [], "expires_at": None})
        if storage is not None:
            self.quotas.add(
                {"project_id": number, "hard": {"storage": storage}, "used": 0, **self.times()}
            )
        self.add_member(number, "u", owner, ADMIN)
        return row

    def drop_project(self, row: Record) -> None:
        """Remove a project and everything in it."""
        number = row["project_id"]
        self.projects.drop(number)
        self.project_order.remove(row["name"])
        for unique in (self.quotas, self.allowlists):
            if (found := unique.find(number)) is not None:
                unique.drop(found["id"])
        for table in (
            self.members,
            self.robots,
            self.labels,
            self.rules,
            self.webhooks,
            self.preheat_policies,
            self.repositories,
        ):
            table.drop_group(number)
        if "retention_id" in row["metadata"]:
            self.retentions.drop(int(row["metadata"]["retention_id"]))

    def add_member(self, project: int, kind: str, entity: int, role: int) -> Record:
        """Make a membership of a user (`u`) or a group (`g`)."""
        return self.members.add(
            {"project_id": project, "entity_type": kind, "entity_id": entity, "role_id": role}
        )

    def add_robot(
        self,
        project: int,
        name: str,
        duration: int,
        permissions: list[Record],
        secret: str = "",
    ) -> Record:
        """Make a robot, of a project or (0) of the system; its name without the prefix."""
        moment = self.clock()
        expires = -1 if duration == -1 else int(moment) + duration * DAY
        return self.robots.add(
            {
                "project_id": project,
                "name": name,
                "duration": duration,
                "expires_at": expires,
                "permissions": permissions,
                "description": "",
                "disable": False,
                "secret": secret,
                "creator_ref": ROOT_USER,
                "creator_type": "local",
                "created": moment,
                **self.times(),
            }
        )

    def add_registry(self, name: str, kind: str = "docker-hub", url: str = "") -> Record:
        """Make a registry without a credential."""
        return self.registries.add(
            {
                "name": name,
                "type": kind,
                "url": url,
                "description": "",
                "insecure": False,
                "ca_certificate": "",
                "credential": {"type": "", "access_key": "", "access_secret": ""},
                "status": "healthy",
                **self.times(),
            }
        )

    def add_scanner(self, values: Record, uuid: str) -> Record:
        """Register a scanner; the first one is the default."""
        moment = self.now()
        return self.scanners.add(
            {
                "auth": "",
                "access_credential": "",
                "description": "",
                "disabled": False,
                "skip_certVerify": False,
                "use_internal_addr": False,
                **values,
                "uuid": uuid,
                "is_default": not self.scanners,
                "immutable": False,
                "capabilities": {"support_vulnerability": True},
                "metadata": {"adapter": "Example", "vendor": "Example", "version": "1"},
                "create_time": moment,
                "update_time": moment,
            }
        )

    def add_repository(self, project: str, name: str, tags: Iterable[str] = ("latest",)) -> Record:
        """Put content into a project: a repository with one artifact a tag."""
        owner = self.projects.find(project)
        if owner is None:
            message = f"project {project} not found"
            raise LookupError(message)
        full = f"{project}/{name}"
        repository = self.repositories.find((owner["project_id"], full))
        if repository is None:
            repository = self.repositories.add(
                {"project_id": owner["project_id"], "name": full, "description": "", **self.times()}
            )
        for tag in tags:
            digest = hashlib.sha256(f"{full}:{tag}".encode()).hexdigest()
            self.artifacts.add(
                {
                    "repository_id": repository["id"],
                    "digest": f"sha256:{digest}",
                    "tag": tag,
                    "push_time": self.now(),
                    "pull_time": ZERO_TIME,
                }
            )
        return repository

    def project(self, reference: int | str) -> Record | None:
        """A project by its id or name."""
        if isinstance(reference, int):
            return self.projects.rows.get(reference)
        return self.projects.find(reference)

    def roles(self, user: int, project: int) -> list[int]:
        """The roles of a user in a project."""
        found = self.members.find((project, "u", user))
        return [] if found is None else [found["role_id"]]

    def is_public(self, project: Record) -> bool:
        """Whether everybody may read it."""
        return public(project["metadata"].get("public", ""))

    def expire_sessions(self) -> None:
        """Let every session end, as `session_timeout` would."""
        self.sessions.clear()

    def expire_robot(self, robot: int, moment: int = 1_700_000_000) -> None:
        """Set a robot's expiry into the past."""
        self.robots.rows[robot]["expires_at"] = moment

    def leads_a_project(self, user: int) -> bool:
        """Whether the user is projectAdmin anywhere."""
        return any(
            row["role_id"] == ADMIN and row["entity_id"] == user and row["entity_type"] == "u"
            for row in self.members
        )
