"""The events that Harbor's audit log knows, equal in 2.13 to 2.15."""

from __future__ import annotations

from harborconf.spec.lists import word_set

EVENTS = (
    "create_artifact",
    "delete_artifact",
    "pull_artifact",
    "create_project",
    "delete_project",
    "delete_repository",
    "login_user",
    "logout_user",
    "create_user",
    "delete_user",
    "update_user",
    "create_robot",
    "delete_robot",
    "update_configuration",
)
# All events but those of artifacts; known to rotation only.
OTHER = "other"

AUDIT_EVENTS = word_set("audit log events", EVENTS)
ROTATED_EVENTS = word_set("audit log events", (*EVENTS, OTHER))
