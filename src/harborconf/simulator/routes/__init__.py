"""The API by families of resources."""

from __future__ import annotations

from harborconf.simulator.routes import (
    audit,
    configurations,
    groups,
    immutable,
    labels,
    members,
    metadata,
    permissions,
    preheat,
    projects,
    quotas,
    registries,
    replications,
    repositories,
    retentions,
    robots,
    scanners,
    schedules,
    system,
    users,
    webhooks,
)

_FAMILIES = (
    audit,
    configurations,
    groups,
    immutable,
    labels,
    members,
    metadata,
    permissions,
    preheat,
    projects,
    quotas,
    registries,
    replications,
    repositories,
    retentions,
    robots,
    scanners,
    schedules,
    system,
    users,
    webhooks,
)
ROUTES = tuple(route for family in _FAMILIES for route in family.ROUTES)
