"""The plan: an immutable value that says what would change, and why."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING, Any

from harborconf.engine.selection import Selection

if TYPE_CHECKING:
    from harborconf.engine.preview import Preview
    from harborconf.kinds.resource import Desired, Live
    from harborconf.position import Position
    from harborconf.spec.address import Address


class Action(Enum):
    """What a change does."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    BLOCKED = "blocked"
    PENDING = "pending"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field before and after, as YAML would say it.

    Where order means nothing, `added` and `removed` hold what differs. A secret's field
    shows where it lives, never what it is.
    """

    path: str
    before: Any
    after: Any
    added: Any = None
    removed: Any = None
    reason: str = ""
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One resource's change. `desired` and `live` are what it was computed from.

    `wanted` is what a blocked change would have done, where that is known.
    """

    address: Address
    action: Action
    fields: tuple[FieldChange, ...] = ()
    reason: str = ""
    position: Position | None = None
    desired: Desired | None = field(default=None, compare=False, repr=False)
    live: Live | None = field(default=None, compare=False, repr=False)
    wanted: Action | None = field(default=None, compare=False, repr=False)

    @property
    def is_write(self) -> bool:
        """Whether it writes something."""
        return self.action in _WRITES

    def blocked(self, reason: str) -> Change:
        """This change as one that cannot be made."""
        return replace(self, action=Action.BLOCKED, reason=reason, wanted=self.action)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A guard that stops the whole apply: what would happen, its figure and its limit."""

    guard: str
    message: str
    figure: str
    limit: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """A field of which nobody can tell whether it is as desired."""

    address: Address
    path: str
    reason: str
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that would change, and what it was computed from.

    An incomplete plan can be shown and never applied; nor can one with refusals. `allowed`
    names the guards that were lifted for it, `digest` is that of the files. `elsewhere` holds
    changes that were found and are left alone, because the plan that was reviewed does not
    hold them.
    """

    url: str
    harbor_version: str
    harborconf_version: str
    digest: str
    changes: tuple[Change, ...] = ()
    extras: tuple[Address, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    notices: tuple[str, ...] = ()
    complete: bool = True
    refusals: tuple[Refusal, ...] = ()
    allowed: tuple[str, ...] = ()
    selection: Selection = field(default_factory=Selection)
    elsewhere: tuple[Change, ...] = ()
    previews: tuple[Preview, ...] = field(default=(), compare=False)

    @property
    def is_applicable(self) -> bool:
        """Whether there is anything to apply. The only place that decides it."""
        return self.complete and bool(self.writes)

    @property
    def writes(self) -> tuple[Change, ...]:
        """The changes that write something."""
        return tuple(change for change in self.changes if change.is_write)

    @property
    def is_blocked(self) -> bool:
        """Whether some change cannot be made."""
        return any(change.action is Action.BLOCKED for change in self.changes)

    @property
    def is_well(self) -> bool:
        """Whether everything that is planned can be done."""
        return self.complete and not self.refusals and not self.is_blocked

    def count(self, action: Action) -> int:
        """How many changes do this."""
        return sum(change.action is action for change in self.changes)


_WRITES = frozenset({Action.CREATE, Action.UPDATE, Action.DELETE})
