"""Who sends a request, and what that one may do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harborconf.simulator.permissions import IN_PUBLIC, OF_ROLE, SELF
from harborconf.simulator.robot_permissions import holds

if TYPE_CHECKING:
    from harborconf.simulator.http import Record
    from harborconf.simulator.state import State


@dataclass(frozen=True, slots=True)
class Identity:
    """A user, a robot or nobody."""

    kind: str = "anonymous"
    name: str = ""
    record: Record = field(default_factory=dict)

    @property
    def authenticated(self) -> bool:
        """Whether it is somebody."""
        return self.kind != "anonymous"

    @property
    def user_id(self) -> int:
        """The user's number; 0 for a robot and for nobody."""
        return int(self.record["user_id"]) if self.kind == "user" else 0

    @property
    def is_admin(self) -> bool:
        """Whether it is a system administrator, of Harbor's or its provider's making."""
        return self.kind == "user" and bool(
            self.record["sysadmin_flag"] or self.record.get("admin_role_in_auth")
        )

    @property
    def covers_all(self) -> bool:
        """Whether it is a robot for every project."""
        return any(item["namespace"] == "*" for item in self.record.get("permissions", ()))

    @property
    def namespaces(self) -> set[str]:
        """The projects that a robot is for."""
        return {item["namespace"] for item in self.record.get("permissions", ())}

    def may(self, resource: str, action: str) -> bool:
        """Whether it may do this in the system."""
        if self.kind == "robot":
            return self.record["project_id"] == 0 and any(
                item["kind"] == "system" and holds(item["access"], resource, action)
                for item in self.record["permissions"]
            )
        return self.is_admin

    def may_in(self, state: State, project: Record | None, resource: str, action: str) -> bool:
        """Whether it may do this in a project; an administrator even in one that is not there."""
        if self.is_admin:
            return True
        if project is None:
            return False
        if state.is_public(project) and (resource, action) in IN_PUBLIC:
            return True
        if self.kind == "robot":
            return self._robot_may_in(project["name"], resource, action)
        roles = state.roles(self.user_id, project["project_id"])
        return any((resource, action) in OF_ROLE.get(role, frozenset()) for role in roles)

    def _robot_may_in(self, project: str, resource: str, action: str) -> bool:
        name = "project" if resource == SELF else resource
        return any(
            item["kind"] == "project"
            and item["namespace"] in {project, "*"}
            and holds(item["access"], name, action)
            for item in self.record["permissions"]
        )


NOBODY = Identity()
