"""Labels, of the whole installation or of one project."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any, ClassVar

from harborconf.kinds.base import (
    At,
    Kind,
    Section,
    field,
    former_name,
    from_reply,
    payload,
)
from harborconf.kinds.resource import Live, Place, Step, Workbench, WriteBench
from harborconf.spec.address import Address
from harborconf.spec.value import Text, ValueType, shown

_MAX_NAME = 128


def _read_color(raw: object) -> str:
    if isinstance(raw, str) and re.fullmatch(r"#[0-9A-Fa-f]{6}", raw):
        return raw.upper()
    message = f'expected a colour like "#00AB9A" (in quotes), got {shown(raw)}'
    raise ValueError(message)


COLOR = ValueType("colour", _read_color, str, {"type": "string", "pattern": "^#[0-9A-Fa-f]{6}$"})


class LabelFields(Section):
    """One label."""

    color: Annotated[str, COLOR] = field(
        "color", default="", doc='Its colour in Harbor\'s pages, for example "#00AB9A".'
    )
    description: Text = field("description", default="", doc="What the label means.")
    previously: Text = former_name()


class Label(Kind):
    """A label that artifacts can carry."""

    name = "label"
    doc = "A label that artifacts can carry."
    model = LabelFields
    permission = "label"
    in_project: ClassVar[tuple[At, ...]] = (At(("labels",)),)
    in_system: ClassVar[tuple[At, ...]] = (At(("labels",)),)
    can_prune = True

    def check_name(self, name: str) -> str | None:
        """Harbor 2.13 to 2.15: 1 to 128 bytes."""
        if len(name.encode()) > _MAX_NAME:
            return f"a label's name has at most {_MAX_NAME} bytes"
        return None

    def same(self, path: str, desired: object, live: object) -> bool:
        """Colours are compared without regard to case."""
        return str(desired).upper() == str(live).upper() if path == "color" else desired == live

    async def read(self, bench: Workbench, place: Place) -> Sequence[Live]:
        """GET /labels of one scope."""
        params: dict[str, str | int] = {"scope": "g", "page_size": 100}
        if place.project is not None:
            params = {"scope": "p", "project_id": place.project_id, "page_size": 100}
        replies = await bench.api.get("/labels", params)
        return [
            Live(
                Address(self.name, str(reply["name"]), place.project),
                from_reply(LabelFields, reply),
                reply,
            )
            for reply in replies
        ]

    async def create(self, bench: WriteBench, step: Step) -> None:
        """POST /labels."""
        assert step.desired is not None
        body: dict[str, Any] = {"name": step.address.name, "scope": "g"}
        if step.address.project is not None:
            project = await bench.project_id(step.address.project)
            body = {"name": step.address.name, "scope": "p", "project_id": project}
        await bench.api.post("/labels", {**body, **payload(LabelFields, step.desired.fields)})

    async def update(self, bench: WriteBench, step: Step) -> None:
        """PUT replaces the label: what the YAML does not say is sent back as it is."""
        assert step.desired is not None
        assert step.live is not None
        body = payload(LabelFields, {**step.live.fields, **step.desired.fields})
        await bench.api.put(f"/labels/{step.live.raw['id']}", {"name": step.address.name, **body})

    async def delete(self, bench: WriteBench, step: Step) -> None:
        """DELETE; artifacts lose the label."""
        assert step.live is not None
        await bench.api.delete(f"/labels/{step.live.raw['id']}")
