"""What a project has as a proxy cache, and what it cannot have then."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from harborconf.kinds.base import BOOL_TEXT, Codec, Section, declared, field
from harborconf.kinds.registry import REGISTRY_NAME
from harborconf.kinds.resource import Comparison, Live, Verdict, Who
from harborconf.spec.bandwidth import BANDWIDTH, bandwidth_from_api
from harborconf.spec.nodes import Entry, Map, Node, Scalar
from harborconf.spec.value import UNLIMITED, Flag, ValueType, read_count, shown

_MAX_CONNECTIONS = 2**31 - 1


def _read_connections(raw: object) -> int:
    if raw == "unlimited":
        return UNLIMITED
    count = read_count(raw)
    if not 0 < count <= _MAX_CONNECTIONS:
        message = f"expected a number of connections from 1, or unlimited, got {shown(raw)}"
        raise ValueError(message)
    return count


CONNECTIONS = ValueType(
    "number of connections",
    _read_connections,
    lambda count: "unlimited" if count == UNLIMITED else count,
    {"anyOf": [{"const": "unlimited"}, {"type": "integer", "minimum": 1}]},
)


class ProxyCache(Section):
    """What a proxy cache fetches images from, and how. A registry alone is short."""

    registry: Annotated[str, REGISTRY_NAME] = field(
        "registry_id",
        default=None,
        doc="The registry it stands before, by name. Fixed when the project is made.",
    )
    speed: Annotated[int, BANDWIDTH] = field(
        "metadata.proxy_speed_kb",
        codec=Codec(str, bandwidth_from_api),
        default=UNLIMITED,
        doc="How fast it fetches, like 512Kbps or 10Mbps, or unlimited.",
    )
    max_upstream_connections: Annotated[int, CONNECTIONS] = field(
        "metadata.max_upstream_conn",
        codec=Codec(str, bandwidth_from_api),
        default=UNLIMITED,
        since="2.14.1",
        doc="How many requests for one artifact it sends to the registry at once, or unlimited.",
    )
    local_on_not_found: Flag = field(
        "metadata.proxy_cache_local_on_not_found",
        codec=BOOL_TEXT,
        default=False,
        since="2.15.1",
        doc="Hand out what is cached, also when the registry has it no more.",
    )

    @classmethod
    def expand(cls, node: Node) -> Node:
        """`docker-hub` is `{registry: docker-hub}`."""
        if isinstance(node, Scalar):
            return Map({"registry": Entry(node, node.position)}, node.position)
        return node

    @classmethod
    def collapse(cls, written: Mapping[str, Any]) -> Any:
        """Just the registry, where nothing else is written."""
        return written["registry"] if set(written) == {"registry"} else written

    @classmethod
    def short_schema(cls) -> Mapping[str, Any]:
        """A registry's name."""
        return REGISTRY_NAME.schema


REGISTRY, NOTATION = "proxy_cache.registry", "signing.notation"
OF_PROXIES = frozenset(f"proxy_cache.{item.path}" for item in declared(ProxyCache)) - {REGISTRY}


def reserved(fields: Mapping[str, Any], who: Who) -> Mapping[str, Comparison]:
    """Who may create projects may not create proxy caches (2.13 to 2.15)."""
    if not fields.get(REGISTRY) or who.is_system_admin or who.is_robot:
        return {}
    reason = "only a system administrator may make a proxy cache"
    return {REGISTRY: Comparison(Verdict.BLOCKED, reason)}


def dropped(fields: Mapping[str, Any], live: Live) -> Mapping[str, Comparison]:
    """Another registry than a project was made with, and fields of the other sort of project."""
    found = {}
    is_proxy = bool(live.raw.get("registry_id"))
    registry = live.fields.get(REGISTRY)
    if REGISTRY in fields and fields[REGISTRY] != registry and (registry or not is_proxy):
        it_is = f"a proxy cache of `{registry}`" if is_proxy else "no proxy cache"
        reason = f"it is {it_is}, and that is fixed when a project is made: make another"
        found[REGISTRY] = Comparison(Verdict.BLOCKED, reason)
    if is_proxy and fields.get(NOTATION):
        reason = f"Harbor drops {NOTATION} on a proxy cache"
        found[NOTATION] = Comparison(Verdict.BLOCKED, reason)
    if not is_proxy:
        reason = "Harbor drops it on a project that is no proxy cache"
        for path in OF_PROXIES & fields.keys():
            found[path] = Comparison(Verdict.BLOCKED, reason)
    return found
