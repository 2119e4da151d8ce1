"""One resource as desired, as live, and the work between the two."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from harborconf.errors import HarborError
from harborconf.kinds.api import NAMED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from harborconf.kinds.api import Api, Reads
    from harborconf.position import Position
    from harborconf.spec.address import Address
    from harborconf.spec.reference import File, Reference
    from harborconf.spec.secret import Secret

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Absent:
    """The wish that a resource is gone."""

    with_contents: bool = False


@dataclass(frozen=True, slots=True)
class Desired:
    """What the YAML says of one resource: only the fields that are written.

    `spelled` is its name as it is written, where the address has it in another form.
    """

    address: Address
    fields: Mapping[str, Any]
    position: Position
    origins: Mapping[str, Position] = field(default_factory=dict)
    absent: Absent | None = None
    spelled: str = ""


@dataclass(frozen=True, slots=True)
class Live:
    """What Harbor says of one resource.

    `raw` is its reply, which may hold secrets in clear; `spelled` its name as Harbor has it, where
    the address has it in another form.
    """

    address: Address
    fields: Mapping[str, Any]
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)
    note: str = ""
    spelled: str = ""


def one_of(found: Iterable[Live], address: Address) -> Live:
    """The one with this address.

    Raises:
        HarborError: Harbor does not list it, though it should.
    """
    for live in found:
        if live.address == address:
            return live
    message = f"Harbor does not list {address}, though it has just made it"
    raise HarborError(message, advice="run again: what is missing is then seen")


@dataclass(frozen=True, slots=True)
class Place:
    """Where resources live: a live project, or the system."""

    project: str | None = None
    raw: Mapping[str, Any] = field(default_factory=dict)

    @property
    def project_id(self) -> int:
        """Harbor's number of the project."""
        return int(self.raw["project_id"])


class Verdict(Enum):
    """What a comparison says."""

    EQUAL = "equal"
    DIFFERENT = "different"
    UNKNOWN = "cannot tell"
    BLOCKED = "blocked"
    PENDING = "pending"


@dataclass(frozen=True, slots=True)
class Remark:
    """Something written in a field that is no error, and surely not meant so.

    `text` is what it is about, as it stands there.
    """

    path: str
    message: str
    advice: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Risk:
    """A guard that a change meets, with a figure of it and what would happen."""

    guard: str
    message: str
    figure: float = 1


@dataclass(frozen=True, slots=True)
class Comparison:
    """A verdict with its reason, which is for people only; and a risk that it found."""

    verdict: Verdict
    reason: str = ""
    risk: Risk | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One piece of work on one resource. `action` is its verb.

    What `completes` another is done with it even where the run is to stop: the next run could not
    tell that it is yet to be done. `along` holds, by kind, what is planned of that which Harbor
    makes along with a new project.
    """

    action: str
    address: Address
    desired: Desired | None = None
    live: Live | None = None
    changed: frozenset[str] = frozenset()
    needs: frozenset[tuple[Address, str]] = field(default_factory=frozenset)
    completes: bool = False
    along: Mapping[str, Desired] = field(default_factory=dict)

    @property
    def key(self) -> tuple[Address, str]:
        """What other steps call this one."""
        return (self.address, self.action)

    def __str__(self) -> str:
        return f"{self.action} {self.address}"


@dataclass(frozen=True, slots=True)
class Who:
    """Whose credential is in use.

    `is_built_in` is Harbor's first administrator, who logs in to Harbor itself whatever its
    authentication mode (2.13 to 2.15, auth.Login in core/auth/authenticator.go).
    """

    username: str
    is_system_admin: bool
    is_robot: bool = False
    is_built_in: bool = False


@dataclass(frozen=True, slots=True)
class Server:
    """The Harbor at the other end: `version` is (major, minor, patch)."""

    url: str
    version: tuple[int, ...]
    auth_mode: str
    read_only: bool = False
    robot_prefix: str = "robot$"
    users_may_create_projects: bool = True

    @property
    def text(self) -> str:
        """The version as people write it."""
        return ".".join(str(part) for part in self.version)


class Secrets(Protocol):
    """Secrets where they live, to look at."""

    async def peek(self, reference: Reference) -> Secret | None:
        """The secret there, or None where the store is empty.

        Raises:
            StoreError: it cannot be read, or an environment variable is not set.
        """

    async def username(self, reference: Reference) -> str | None:
        """The user name that stands beside the secret, or None.

        Raises:
            StoreError: it cannot be read.
        """


class Stores(Secrets, Protocol):
    """Secrets where they live, to put new ones there too."""

    async def replace(self, reference: Reference, secret: Secret, username: str = "") -> None:
        """Put a secret in the place of another, and whose it is where that is told.

        Raises:
            StoreError: the store cannot be written.
        """

    async def keep(self, reference: Reference, secret: Secret) -> Secret:
        """Put a secret into an empty store and return what the store then holds.

        Of two writers the later one gets the earlier one's secret back.
        """

    async def change(self, reference: File, make: Callable[[Secret | None], Secret]) -> None:
        """Put into a file what is made of what it holds; one writer at a time.

        Raises:
            StoreError: the file cannot be read or written.
        """


@dataclass(frozen=True, slots=True)
class Workbench:
    """What a kind reads and compares with; nothing on it can write.

    `now` is in Unix seconds, `desired` what else this run is about. `on_read` is told how many
    of how many known reads are done.
    """

    api: Reads
    server: Server
    who: Who
    stores: Secrets
    now: float
    desired: Mapping[Address, Desired] = field(default_factory=dict, kw_only=True)
    on_read: Callable[[int, int], None] | None = field(default=None, kw_only=True, repr=False)
    verify_secrets: bool = field(default=False, kw_only=True)
    _made: dict[Any, Any] = field(default_factory=dict, kw_only=True, repr=False)

    def once(self, make: Callable[[Sequence[Any]], T], replies: Sequence[Any]) -> T:
        """What `make` makes of a list; of one that many reads share, made once, not for each."""
        last = self._made.get(make)
        if last is None or last[0] is not replies:
            last = self._made[make] = (replies, make(replies))
        made: T = last[1]
        return made


@dataclass(frozen=True, slots=True)
class WriteBench(Workbench):
    """What a kind writes with.

    `projects` holds Harbor's replies for those that were live, `made` its replies to what this
    run has created, where a later step needs them.
    """

    api: Api
    stores: Stores
    projects: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    turns: defaultdict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))
    made: dict[Address, Mapping[str, Any]] = field(default_factory=dict, repr=False)

    async def project(self, name: str) -> Mapping[str, Any]:
        """Harbor's reply for a project, asked once after its creation."""
        if name not in self.projects:
            self.projects[name] = await self.api.get(f"/projects/{name}", headers=NAMED)
        return self.projects[name]

    async def project_id(self, name: str) -> int:
        """Harbor's number of a project."""
        return int((await self.project(name))["project_id"])
