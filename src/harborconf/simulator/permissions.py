"""Who may do what: the lists of `/permissions` and the five project roles.

`/permissions` lists what a robot can be given, which is less than a person may do: nobody can
give a robot `robot:update`, and no role may list a project's metadata.
"""

from __future__ import annotations

from typing import TypeAlias

Permission: TypeAlias = tuple[str, str]
Permissions: TypeAlias = frozenset[Permission]

ADMIN, DEVELOPER, GUEST, MAINTAINER, LIMITED_GUEST = 1, 2, 3, 4, 5
ROLE_NAMES = {
    ADMIN: "projectAdmin",
    DEVELOPER: "developer",
    GUEST: "guest",
    MAINTAINER: "maintainer",
    LIMITED_GUEST: "limitedGuest",
}
# The strongest first.
ROLE_ORDER = (ADMIN, MAINTAINER, DEVELOPER, GUEST, LIMITED_GUEST)
SELF = "."


def _permissions(text: dict[str, str]) -> tuple[Permission, ...]:
    return tuple(
        (resource, action) for resource, actions in text.items() for action in actions.split()
    )


FOR_PROJECT_ROBOTS = _permissions(
    {
        "log": "list",
        "project": "read delete update",
        "metadata": "read create delete list update",
        "repository": "read update delete list pull push",
        "artifact": "read create list delete",
        "scan": "create read stop",
        "sbom": "create stop read",
        "tag": "create list delete",
        "accessory": "list",
        "artifact-addition": "read",
        "artifact-label": "create delete",
        "scanner": "create read",
        "preheat-policy": "read create delete list update",
        "immutable-tag": "create delete list update",
        "notification-policy": "read create delete list update",
        "tag-retention": "read create delete list update",
        "label": "read create delete list update",
        "quota": "read",
        "robot": "create read list delete",
        "export-cve": "create read",
        "member": "create read update list delete",
    }
)
FOR_SYSTEM_ROBOTS = _permissions(
    {
        "audit-log": "list",
        "preheat-instance": "read create delete list update",
        "project": "list create",
        "replication-policy": "read create delete list update",
        "replication": "read create list",
        "replication-adapter": "list",
        "registry": "read create delete list update",
        "scan-all": "read update stop create",
        "system-volumes": "read",
        "garbage-collection": "read create list update stop",
        "purge-audit": "read create list update stop",
        "jobservice-monitor": "list stop",
        "scanner": "read create delete list update",
        "label": "read create delete update",
        "security-hub": "read list",
        "catalog": "read",
        "quota": "read list update",
        "robot": "create read list delete",
        "user": "create read update list delete",
        "ldap-user": "create list",
        "user-group": "create read update list delete",
    }
)
_LIMITED_GUEST = _permissions(
    {
        SELF: "read",
        "quota": "read",
        "repository": "list read pull",
        "configuration": "read",
        "scan": "read",
        "sbom": "read",
        "scanner": "read",
        "tag": "list",
        "accessory": "list",
        "artifact": "read list",
        "artifact-addition": "read",
    }
)
_GUEST = _LIMITED_GUEST + _permissions(
    {"member": "read list", "label": "read list", "robot": "read list"}
)
_DEVELOPER = _GUEST + _permissions(
    {
        "repository": "create update push",
        "tag-retention": "create read update delete list operate",
        "artifact": "create",
        "tag": "create",
        "artifact-label": "create delete",
        "export-cve": "create read list",
    }
)
_MAINTAINER = _DEVELOPER + _permissions(
    {
        "metadata": "read",
        "label": "create update delete",
        "repository": "delete",
        "immutable-tag": "create update delete list",
        "notification-policy": "list",
        "scan": "create stop",
        "sbom": "create stop",
        "artifact": "delete",
        "tag": "delete",
    }
)
_ADMIN = _MAINTAINER + _permissions(
    {
        SELF: "update delete",
        "member": "create update delete",
        "metadata": "create update delete",
        "log": "list",
        "configuration": "update",
        "robot": "create update delete",
        "notification-policy": "create update delete read",
        "scanner": "create",
        "preheat-policy": "create read update delete list",
    }
)
OF_ROLE: dict[int, Permissions] = {
    ADMIN: frozenset(_ADMIN),
    MAINTAINER: frozenset(_MAINTAINER),
    DEVELOPER: frozenset(_DEVELOPER),
    GUEST: frozenset(_GUEST),
    LIMITED_GUEST: frozenset(_LIMITED_GUEST),
}
IN_A_PROJECT = _ADMIN
# What everybody may do in a public project, logged in or not.
IN_PUBLIC: Permissions = frozenset(
    _permissions(
        {
            SELF: "read",
            "label": "read list",
            "repository": "list pull",
            "scan": "read",
            "scanner": "read",
            "tag": "list",
            "artifact": "read list",
            "artifact-addition": "read",
            "accessory": "list",
        }
    )
)


def public(text: str) -> bool:
    """Whether this value of the metadata `public` makes a project public."""
    return text.lower() in {"true", "1"}
