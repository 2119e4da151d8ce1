"""What a kind is: its fields, each declared once, and how Harbor reads and writes them.

One declaration a field drives everything: the YAML model, reading, comparing, the payload,
export, the schema and the reference page.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from harborconf.spec.reference import Env, Reference
from harborconf.spec.value import ValueType

if TYPE_CHECKING:
    from harborconf.kinds.resource import (
        Desired,
        Live,
        Place,
        Remark,
        Risk,
        Server,
        Step,
        Who,
        Workbench,
        WriteBench,
    )
    from harborconf.spec.address import Address
    from harborconf.spec.nodes import Node


class _Unset:
    """The one value that says: not written, or not told by Harbor. Unset is not zero."""

    def __repr__(self) -> str:
        return "UNSET"

    def __bool__(self) -> bool:
        return False


UNSET = _Unset()


@dataclass(frozen=True, slots=True)
class Codec:
    """A value's way to Harbor and back; canonical both ways.

    `from_api` keeps what it does not recognise as it came, so that nonsense stored in Harbor
    shows up as a difference instead of an error.
    """

    to_api: Callable[[Any], Any]
    from_api: Callable[[Any], Any]


def _bool_from_text(text: object) -> object:
    return {"true": True, "1": True, "false": False, "0": False}.get(str(text).lower(), text)


AS_IS = Codec(lambda value: value, lambda value: value)
BOOL_TEXT = Codec(lambda value: "true" if value else "false", _bool_from_text)


def word_codec(words: Mapping[Any, Any]) -> Codec:
    """A codec between an enumeration's members and what Harbor calls them."""
    back = {api: member for member, api in words.items()}
    return Codec(lambda member: words[member], lambda api: back.get(api, api))


@dataclass(frozen=True, slots=True)
class _Declaration:
    api: str
    codec: Codec
    default: Any
    since: str
    until: str | None
    write_only: bool
    required: bool
    local: bool


def field(
    api: str,
    *,
    doc: str,
    codec: Codec = AS_IS,
    default: Any = UNSET,
    since: str = "2.13",
    until: str | None = None,
    write_only: bool = False,
    required: bool = False,
    local: bool = False,
) -> Any:
    """Declare one field of a kind.

    Args:
        api: where the value stands in Harbor's reply and payload, dotted.
        doc: what it means, for the reference page and the editor.
        codec: between the canonical value and Harbor's.
        default: what Harbor has when its reply does not name the field.
        since: the first Harbor minor version with the field.
        until: the last one.
        write_only: Harbor never tells it.
        required: needed to create the resource.
        local: harborconf's own; Harbor knows nothing of it, and it is compared by `observe` only.
    """
    info: Any = Field(default=None, description=doc)
    info.metadata.append(
        _Declaration(api, codec, default, since, until, write_only, required, local)
    )
    return info


PREVIOUSLY = "previously"


def former_name() -> Any:
    """Declare `previously`, of a kind whose resources Harbor can rename."""
    doc = "The name it had: what is live under that name is renamed, and nothing made anew."
    return field("", local=True, doc=doc)


def new_name(step: Step, key: str = "name") -> dict[str, str | None]:
    """The part of a payload that renames a resource, if that is to be done."""
    return {key: step.address.name} if PREVIOUSLY in step.changed else {}


def section(doc: str) -> Any:
    """Declare a map of fields within a map of fields."""
    return Field(default=None, description=doc)


class Section(BaseModel):
    """A map of fields in the YAML; subclasses declare them with `field`."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, arbitrary_types_allowed=True, defer_build=True
    )

    @classmethod
    def expand(cls, node: Node) -> Node:
        """Turn a short form into the map it stands for. Must not change anything else."""
        return node

    @classmethod
    def collapse(cls, written: Mapping[str, Any]) -> Any:
        """The short form of a written map where it has one, else the map: undoes `expand`."""
        return written

    @classmethod
    def short_schema(cls) -> Mapping[str, Any] | None:
        """The JSON Schema of the short form, where there is one."""
        return None


@dataclass(frozen=True, slots=True)
class Declared:
    """One declared field of a kind; `path` is where it stands in the YAML, dotted."""

    path: str
    type: ValueType
    doc: str
    api: str
    codec: Codec
    default: Any
    since: str
    until: str | None
    write_only: bool
    required: bool
    local: bool

    def exists_in(self, version: tuple[int, ...]) -> bool:
        """Whether this Harbor version has the field."""
        return _version(self.since) <= version and (
            self.until is None or version[:2] <= _version(self.until)
        )


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))


def value_type(info: Any) -> ValueType | None:
    """The type of a leaf, or None where the field is a section."""
    return next((item for item in info.metadata if isinstance(item, ValueType)), None)


@cache
def declared(model: type[Section]) -> tuple[Declared, ...]:
    """Every declared field of a model, sections within sections included."""
    found: list[Declared] = []
    for name, info in model.model_fields.items():
        kind = value_type(info)
        if kind is None:
            nested = declared(info.annotation)  # type: ignore[arg-type]  # a Section, by construction
            found += [_prefixed(name, item) for item in nested]
            continue
        about = next(item for item in info.metadata if isinstance(item, _Declaration))
        found.append(
            Declared(
                name,
                kind,
                info.description or "",
                about.api,
                about.codec,
                about.default,
                about.since,
                about.until,
                about.write_only,
                about.required,
                about.local,
            )
        )
    return tuple(found)


def _prefixed(name: str, item: Declared) -> Declared:
    return replace(item, path=f"{name}.{item.path}")


def pick(reply: Any, api: str) -> Any:
    """The value at a dotted place of a reply, or UNSET."""
    for part in api.split("."):
        if not isinstance(reply, Mapping) or part not in reply:
            return UNSET
        reply = reply[part]
    return reply


def from_reply(model: type[Section], reply: Mapping[str, Any]) -> dict[str, Any]:
    """What Harbor's reply says of every readable field, canonical; unknown ones left out."""
    found = {}
    for item in declared(model):
        if item.write_only or item.local:
            continue
        raw = pick(reply, item.api)
        value = item.default if raw is UNSET or raw is None else item.codec.from_api(raw)
        if value is not UNSET:
            found[item.path] = value
    return found


def payload(model: type[Section], fields: Mapping[str, Any]) -> dict[str, Any]:
    """The request body that says these fields."""
    body: dict[str, Any] = {}
    for item in declared(model):
        if item.path not in fields or not item.api:
            continue
        *parents, last = item.api.split(".")
        place = body
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = item.codec.to_api(fields[item.path])
    return body


@dataclass(frozen=True, slots=True)
class At:
    """A place in the YAML where resources of a kind stand.

    `path` is counted from the project, or from the top of the file. Names found there get
    `prefix` in addresses, so that users and groups keep apart.
    """

    path: tuple[str, ...]
    prefix: str = ""


class Kind(ABC):
    """Everything about one kind. Subclasses hold no state.

    Methods that read must only GET. Writing methods must do what their step says and no
    more, and must raise harborconf's errors, with more said where Harbor's words do not help.
    """

    name: ClassVar[str]
    doc: ClassVar[str]
    model: ClassVar[type[Section]]
    in_project: ClassVar[tuple[At, ...]] = ()
    in_system: ClassVar[tuple[At, ...]] = ()
    named: ClassVar[bool] = True
    in_one_list: ClassVar[bool] = False
    """Whether Harbor lists those of all projects together, so that they share a read."""
    depends_on: ClassVar[tuple[str, ...]] = ()
    follows: ClassVar[tuple[str, ...]] = ()
    outlives: ClassVar[tuple[str, ...]] = ()
    """Kinds whose deletions come before what needs it unused: what goes with them may use it."""
    can_prune: ClassVar[bool] = False
    untold: ClassVar[tuple[str, ...]] = ()
    """Fields with a reference whose value Harbor neither tells nor can be asked about."""
    audited: ClassVar[frozenset[str]] = frozenset()
    """Which of create, update and delete Harbor's audit log records."""
    audited_as: ClassVar[str] = ""
    """What the audit log calls this kind, where it is not its name."""
    permission: ClassVar[str] = ""
    """What Harbor calls this kind in the permissions of a project's members; with `:` and an
    action, where one is enough for all; nothing where only system administrators may write it."""

    @property
    def observes(self) -> bool:
        """Whether there is anything to find out beyond comparing values."""
        return type(self).observe is not Kind.observe

    def check_name(self, name: str) -> str | None:
        """What is wrong with a resource's name (without prefix), or None."""
        del name
        return None

    def canonical(self, name: str) -> str:
        """The one form, in addresses, of names (with prefix) that mean the same."""
        return name

    def check(self, desired: Desired) -> Iterable[tuple[str, str]]:
        """What is wrong with a resource as a whole: pairs of field path and message."""
        del desired
        return ()

    def lint(self, desired: Desired, known: Mapping[Address, Desired]) -> Iterable[Remark]:
        """What is written and cannot do what it seems to, beside what else is desired."""
        del desired, known
        return ()

    def missing(self, fields: Mapping[str, Any]) -> Sequence[str]:
        """What creating a resource needs beside these fields, as people are told."""
        return [
            f"`{item.path}`"
            for item in declared(self.model)
            if item.required and item.path not in fields
        ]

    def mentions(self, fields: Mapping[str, Any]) -> Mapping[str, Address]:
        """Other resources that these fields name, by field: they must be live or desired."""
        del fields
        return {}

    def references(self, address: Address, fields: Mapping[str, Any]) -> Sequence[Address]:
        """Resources that must be there before one with these fields, and go after it."""
        del address
        return tuple(self.mentions(fields).values())

    def must_be_unused(self, fields: Mapping[str, Any]) -> bool:
        """Whether Harbor takes an update to these fields only while nothing references it."""
        del fields
        return False

    def as_of(self, desired: Desired, now: float) -> Desired:
        """What is desired at this moment (Unix seconds), where that depends on the time."""
        del now
        return desired

    @abstractmethod
    async def read(self, bench: Workbench, place: Place) -> Sequence[Live]:
        """Every live resource of this kind at one place."""

    async def observe(
        self, bench: Workbench, desired: Desired, live: Live | None
    ) -> Mapping[str, Any]:
        """What can be found out beyond comparing values: path to Comparison.

        May raise a DocumentError for what no Harbor like this one would take.
        """
        del bench, desired, live
        return {}

    def same(self, path: str, desired: Any, live: Any) -> bool:
        """Whether two canonical values mean the same."""
        del path
        return bool(desired == live)

    def place_for(self, address: Address, path: str) -> Reference:
        """Where an exported write-only value could come from."""
        words = re.sub(r"[^A-Za-z0-9]+", "_", f"{address}_{path}")
        return Env(f"HARBOR_{words}".upper())

    def has_secret(self, live: Live) -> bool:
        """Whether it has values that Harbor never tells, so that an export names places."""
        del live
        return True

    def holds(self, live: Live, path: str) -> bool:
        """Whether this one of those values may be there."""
        del path
        return self.has_secret(live)

    def secrets_within(self, live: Live, path: str) -> Sequence[tuple[str | int, ...]]:
        """Where secrets stand within one field's value as it is written: keys and indexes."""
        del live, path
        return ()

    def born(self, desired_project: Desired, bench: Workbench) -> Sequence[Live]:
        """What Harbor makes of this kind by itself when it creates a project."""
        del desired_project, bench
        return ()

    def audit_name(self, address: Address, live: Live | None, server: Server) -> str:
        """What the audit log calls a resource."""
        del live, server
        return str(address.name)

    def keeps(self, desired: Desired | None, live: Live) -> str:
        """Why Harbor would refuse to delete this, or nothing."""
        del desired, live
        return ""

    def risks(self, desired: Desired | None, live: Live, changed: frozenset[str]) -> Iterable[Risk]:
        """Guards of one change that this update or deletion meets."""
        del desired, live, changed
        return ()

    def grants(self, fields: Mapping[str, Any]) -> frozenset[Any]:
        """What a resource with these fields lets somebody do."""
        del fields
        return frozenset()

    def locks_out(
        self, desired: Desired | None, live: Live, changed: frozenset[str], who: Who
    ) -> str:
        """How this update or deletion would take from `who` the right to do it, or nothing."""
        del desired, live, changed, who
        return ""

    def actions(self, step: Step) -> tuple[str, ...]:
        """The steps one change is lowered to, in order."""
        return (step.action,)

    def opening(self, step: Step) -> str:
        """Which of a change's steps every other change waits for, or nothing."""
        del step
        return ""

    def closing(self, step: Step) -> str:
        """Which of a change's steps waits for every other change, or nothing."""
        del step
        return ""

    async def run(self, bench: WriteBench, step: Step) -> None:
        """Do one step."""
        match step.action:
            case "create":
                await self.create(bench, step)
            case "update":
                await self.update(bench, step)
            case "delete":
                await self.delete(bench, step)
            case other:
                message = f"{self.name} has no step {other}"
                raise AssertionError(message)

    @abstractmethod
    async def create(self, bench: WriteBench, step: Step) -> None:
        """Make the resource as `step.desired` says."""

    @abstractmethod
    async def update(self, bench: WriteBench, step: Step) -> None:
        """Change the fields in `step.changed` of `step.live`, and no other."""

    async def delete(self, bench: WriteBench, step: Step) -> None:
        """Delete `step.live`. Named kinds do; no other is asked to."""
        raise NotImplementedError
