"""Which part of what is desired a plan is about."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from harborconf.errors import UsageError
from harborconf.kinds.catalog import PROJECT
from harborconf.spec.globs import matches

if TYPE_CHECKING:
    from harborconf.engine.resolve import DesiredState
    from harborconf.spec.address import Address


@dataclass(frozen=True, slots=True)
class Selection:
    """Which part of the desired state is meant: projects by glob, kinds by name; all if empty.

    With projects, the system's own resources are left out. With `refresh_secrets`, values that
    Harbor never tells are sent anew.
    """

    projects: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    refresh_secrets: bool = False

    def of(self, state: DesiredState) -> DesiredState:
        """Only what is selected.

        Raises:
            UsageError: no desired project matches.
        """
        resources = tuple(one for one in state.resources if self._has_resource(one.address))
        if self.projects and not resources:
            globs = ", ".join(self.projects)
            message = f"no project in the files matches {globs}"
            raise UsageError(message, advice="globs match whole names; quote them in a shell")
        managed = frozenset(key for key in state.managed if self._has(key.project, key.kind))
        return replace(state, resources=resources, managed=managed)

    def _has_resource(self, address: Address) -> bool:
        project = address.name if address.kind == PROJECT.name else address.project
        return self._has(project, address.kind)

    def _has(self, project: str | None, kind: str) -> bool:
        return (not self.kinds or kind in self.kinds) and (
            not self.projects
            or (project is not None and any(matches(glob, project) for glob in self.projects))
        )
