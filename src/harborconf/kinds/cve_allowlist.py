"""Vulnerabilities that may pass in every project that has no list of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar

from harborconf.kinds.allowlist import (
    ALLOWLIST,
    SCHEMA,
    Allowlist,
    allowlist_from_api,
    allowlist_to_api,
    list_as_of,
    same_lists,
)
from harborconf.kinds.base import At, Section, field
from harborconf.kinds.readback import confirm
from harborconf.kinds.resource import Desired, Live, Place, Step, Workbench, WriteBench
from harborconf.kinds.standing import Standing
from harborconf.spec.address import Address
from harborconf.spec.nodes import Entry, Map, Node
from harborconf.spec.nodes import Sequence as List

_PATH = "/system/CVEAllowlist"


class CveAllowlistFields(Section):
    """The system's list. The list alone is short."""

    items: Annotated[Allowlist, ALLOWLIST] = field(
        "",
        doc="What may pass; each by its name, or as {id, reason, owner, expires}. An item leaves"
        " at the first run after its date, and stays while nothing runs.",
    )

    @classmethod
    def expand(cls, node: Node) -> Node:
        """A list is `{items: [...]}`."""
        if isinstance(node, List):
            return Map({"items": Entry(node, node.position)}, node.position)
        return node

    @classmethod
    def collapse(cls, written: Mapping[str, Any]) -> Any:
        """Just the list."""
        return written.get("items", written)

    @classmethod
    def short_schema(cls) -> Mapping[str, Any]:
        """A list of vulnerabilities."""
        return SCHEMA


class CveAllowlist(Standing):
    """The system's list of vulnerabilities that may pass."""

    name = "cve_allowlist"
    doc = "Vulnerabilities that may pass in every project that has no list of its own."
    model = CveAllowlistFields
    in_system: ClassVar[tuple[At, ...]] = (At(("system", "cve_allowlist")),)

    def as_of(self, desired: Desired, now: float) -> Desired:
        """Vulnerabilities leave the list when their date has passed."""
        return list_as_of(desired, "items", now)

    def same(self, path: str, desired: Any, live: Any) -> bool:
        """Lists are compared by what they do."""
        del path
        return same_lists(desired, live)

    async def read(self, bench: Workbench, place: Place) -> Sequence[Live]:
        """GET /system/CVEAllowlist, which answers every user; never stored, it is empty."""
        del place
        reply = await bench.api.get(_PATH)
        found = allowlist_from_api(reply, bench.now)
        return [Live(Address(self.name), {"items": found}, reply)]

    async def update(self, bench: WriteBench, step: Step) -> None:
        """PUT replaces the list and its date."""
        assert step.desired is not None
        await bench.api.put(_PATH, allowlist_to_api(step.desired.fields["items"]))
        (found,) = await self.read(bench, Place())
        confirm(self, step.desired, step.changed, found)
