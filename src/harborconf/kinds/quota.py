"""How much a project may store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from harborconf.errors import NotPermittedError, RefusedError, UnsteadyError
from harborconf.kinds.base import At, Section, field, from_reply, payload
from harborconf.kinds.resource import (
    Comparison,
    Desired,
    Live,
    Place,
    Risk,
    Step,
    Verdict,
    Workbench,
    WriteBench,
)
from harborconf.kinds.settings import gives_quotas
from harborconf.kinds.standing import Standing
from harborconf.spec.address import Address
from harborconf.spec.nodes import Entry, Map, Node, Scalar
from harborconf.spec.value import UNLIMITED, Size, write_size


class QuotaFields(Section):
    """A project's quota. A size alone is short."""

    storage: Size = field(
        "hard.storage",
        default=UNLIMITED,
        doc="The most the project's artifacts may take, for example 100GiB, or unlimited.",
    )

    @classmethod
    def expand(cls, node: Node) -> Node:
        """`100GiB` is `{storage: 100GiB}`."""
        if isinstance(node, Scalar):
            return Map({"storage": Entry(node, node.position)}, node.position)
        return node

    @classmethod
    def collapse(cls, written: Mapping[str, Any]) -> Any:
        """Just the size."""
        return written.get("storage", written)

    @classmethod
    def short_schema(cls) -> Mapping[str, Any]:
        """A size."""
        return {"type": "string"}


class Quota(Standing):
    """A project's quota. Harbor makes one with every project."""

    name = "quota"
    doc = "How much a project may store."
    model = QuotaFields
    in_project: ClassVar[tuple[At, ...]] = (At(("quota",)),)
    in_one_list = True

    async def read(self, bench: Workbench, place: Place) -> Sequence[Live]:
        """From the list of all quotas, in small pages: Harbor waits 17 ms for each entry.

        A project's administrator may not list quotas; `/projects/{id}/summary` has them too.
        An entry lacks its `ref` where Harbor could not load the project just then (2.13 to
        2.15: while somebody deletes it), so that who is not in the list may have a quota. Nor is
        the list believed where it keeps changing, as it does while many projects are made.
        """
        quotas: Sequence[Mapping[str, Any]] = []
        unlisted: Sequence[Mapping[str, Any]] = []
        try:
            quotas = await bench.api.get("/quotas", {"reference": "project", "page_size": 10})
            unlisted = [{}]  # no quota, and so not limited
        except (NotPermittedError, UnsteadyError):
            pass
        found: Sequence[Mapping[str, Any]] = bench.once(_by_project, quotas).get(
            place.project_id, []
        )
        if not found:
            summary = await bench.api.get(f"/projects/{place.project_id}/summary")
            found = [summary["quota"]] if summary.get("quota") else unlisted
        address = Address(self.name, None, place.project)
        return [Live(address, from_reply(QuotaFields, one), one) for one in found]

    def born(self, desired_project: Desired, bench: Workbench) -> Sequence[Live]:
        """Every new project has the installation's default quota, whatever that is."""
        del bench
        return [Live(Address(self.name, None, desired_project.address.name), {})]

    def risks(self, desired: Desired | None, live: Live, changed: frozenset[str]) -> Iterable[Risk]:
        """Below its use a quota stops every push."""
        del changed
        used = int((live.raw.get("used") or {}).get("storage") or 0)
        storage = desired.fields.get("storage", UNLIMITED) if desired else UNLIMITED
        if storage != UNLIMITED and storage < used:
            what = f"{write_size(storage)} is less than the {write_size(used)} in use"
            yield Risk("quota", what)

    async def observe(
        self, bench: Workbench, desired: Desired, live: Live | None
    ) -> Mapping[str, Comparison]:
        """A quota is for system administrators to change, and for robots that may.

        A project that is made while quotas are off never gets one, and is not limited.
        """
        if live is not None and desired.fields == live.fields:
            return {}
        if not bench.who.is_system_admin and not bench.who.is_robot:
            reason = "only a system administrator may change a quota"
            return {"storage": Comparison(Verdict.BLOCKED, reason)}
        if live is not None:
            return {} if live.raw else {"storage": Comparison(Verdict.BLOCKED, _NEVER)}
        if await gives_quotas(bench):
            return {}
        if desired.fields.get("storage", UNLIMITED) == UNLIMITED:
            return {"storage": Comparison(Verdict.EQUAL)}
        return {"storage": Comparison(Verdict.BLOCKED, _OFF)}

    async def update(self, bench: WriteBench, step: Step) -> None:
        """PUT /quotas/{id}; its number is not the project's. A new project may have it already.

        Raises:
            RefusedError: the project has no quota.
        """
        assert step.desired is not None
        number = step.live.raw.get("id") if step.live else None
        if number is None:
            project = await bench.project_id(str(step.address.project))
            found = await bench.api.get(
                "/quotas", {"reference": "project", "reference_id": str(project)}
            )
            if not found:
                raise RefusedError(_NEVER)
            if from_reply(QuotaFields, found[0]) == step.desired.fields:
                return
            number = found[0]["id"]
        await bench.api.put(f"/quotas/{number}", payload(QuotaFields, step.desired.fields))


_OFF = "quotas are off (`quota_per_project_enable`), and Harbor gives a new project none"
_NEVER = (
    "Harbor has no quota of this project, as quotas were off (`quota_per_project_enable`) when it"
    " was made, and gives it none later"
)


def _by_project(quotas: Sequence[Mapping[str, Any]]) -> Mapping[Any, list[Mapping[str, Any]]]:
    found: dict[Any, list[Mapping[str, Any]]] = {}
    for one in quotas:
        found.setdefault((one.get("ref") or {}).get("id"), []).append(one)
    return found
