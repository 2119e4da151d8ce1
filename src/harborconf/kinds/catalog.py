"""The kinds there are. A new kind is one file and one line here."""

from __future__ import annotations

from graphlib import TopologicalSorter
from typing import TYPE_CHECKING

from harborconf.kinds.audit_rotation import AuditRotation
from harborconf.kinds.cve_allowlist import CveAllowlist
from harborconf.kinds.garbage_collection import GarbageCollection
from harborconf.kinds.group import Group
from harborconf.kinds.immutable import ImmutableTags
from harborconf.kinds.label import Label
from harborconf.kinds.member import Member
from harborconf.kinds.preheat import Preheat
from harborconf.kinds.preheat_instance import PreheatInstance
from harborconf.kinds.project import Project
from harborconf.kinds.quota import Quota
from harborconf.kinds.registry import Registry
from harborconf.kinds.replication import Replication
from harborconf.kinds.retention import Retention
from harborconf.kinds.robot import Robot
from harborconf.kinds.scan_all import ScanAll
from harborconf.kinds.scanner import DefaultScanner, ProjectScanner, Scanner
from harborconf.kinds.settings import Settings
from harborconf.kinds.user import User
from harborconf.kinds.webhook import Webhook

if TYPE_CHECKING:
    from harborconf.kinds.base import Kind
    from harborconf.kinds.resource import Desired, Live
    from harborconf.spec.address import Address

KINDS: tuple[Kind, ...] = (
    Settings(),
    GarbageCollection(),
    AuditRotation(),
    ScanAll(),
    CveAllowlist(),
    Registry(),
    Project(),
    User(),
    Label(),
    Group(),
    Robot(),
    Quota(),
    Member(),
    Retention(),
    ImmutableTags(),
    Webhook(),
    Replication(),
    Scanner(),
    DefaultScanner(),
    ProjectScanner(),
    PreheatInstance(),
    Preheat(),
)

BY_NAME: dict[str, Kind] = {kind.name: kind for kind in KINDS}


def _ordered() -> tuple[str, ...]:
    """Names of the kinds, each after those it depends on, else as they are listed."""
    graph = {kind.name: set(kind.depends_on) for kind in KINDS}
    return tuple(TopologicalSorter(graph).static_order())


ORDER: tuple[str, ...] = _ordered()
PROJECT: Kind = BY_NAME["project"]


def references(address: Address, resource: Desired | Live | None) -> set[Address]:
    """What a resource needs to exist: its project, and what it references."""
    owner = {address.owner} if address.owner else set()
    if resource is None:
        return owner
    return {*owner, *BY_NAME[address.kind].references(address, resource.fields)}
