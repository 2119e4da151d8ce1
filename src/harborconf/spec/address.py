"""The names of things: `project/team-a/robot/ci#permissions`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from harborconf.spec.globs import matches

PROJECT, SYSTEM = "project", "system"
_UNSAFE = re.compile(r"[%/#\s\x00-\x1f\x7f-\x9f\u2028\u2029]")


def quote(name: str) -> str:
    """A name as it stands in an address: `%`, `/`, `#`, spaces and controls encoded."""
    return _UNSAFE.sub(
        lambda match: "".join(f"%{byte:02X}" for byte in match[0].encode("utf-8")), name
    )


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """One resource: its kind, its name where the kind has names, and its project, if any."""

    kind: str
    name: str | None = None
    project: str | None = None

    @property
    def owner(self) -> Address | None:
        """The project the resource lives in."""
        return None if self.project is None else Address(PROJECT, self.project)

    def __str__(self) -> str:
        own = self.kind if self.name is None else f"{self.kind}/{quote(self.name)}"
        if self.project is not None:
            return f"{PROJECT}/{quote(self.project)}/{own}"
        return own if self.name is not None else f"{SYSTEM}/{own}"

    def field(self, path: str) -> str:
        """The address of one field."""
        return f"{self}#{path}" if path else str(self)

    def is_protected(self, globs: tuple[str, ...]) -> bool:
        """Whether one of these globs names this resource, or the whole it is part of.

        `*` does not cross `/`: `project/x` names the project, `project/x/**` what it holds.
        """
        return any(matches(glob, str(self)) for glob in globs)


def parse(text: str) -> tuple[Address, str]:
    """An address as people write it, and the field after `#` (or nothing).

    Raises:
        ValueError: the text is no address.
    """
    whole, _, path = text.partition("#")
    parts = [unquote(part) for part in whole.split("/")]
    match parts:
        case ["project", project, kind, name] if all(parts):
            return Address(kind, name, project), path
        case ["project", project, kind] if all(parts):
            return Address(kind, None, project), path
        case ["system", kind] if kind:
            return Address(kind), path
        case [kind, name] if all(parts):
            return Address(kind, name), path
        case _:
            message = f"`{text}` is no address; one looks like project/team-a/robot/ci#expires"
            raise ValueError(message)
