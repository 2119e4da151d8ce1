"""Generated registries, replications and proxy caches: valid ones, of any combination."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from contract.target import Target
from harborconf.kinds.registry import CredentialType, RegistryType

SINGLE_SINCE = (2, 14)
# PostgreSQL keeps no zero.
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
NAME = TEXT.filter(lambda text: "{project}" not in text)
PATTERNS = st.lists(
    st.from_regex(r"[a-z*][a-z0-9*/.-]{0,6}(\{[a-z]{1,3},[a-z]{1,3}\})?", fullmatch=True),
    min_size=1,
    max_size=3,
)
LABELS = st.lists(TEXT.filter(bool), min_size=1, max_size=3)


def either(items: st.SearchStrategy[list[str]]) -> st.SearchStrategy[Any]:
    return items | items.map(lambda found: {"except": found})


FILTERS = st.lists(
    st.fixed_dictionaries({"repositories": PATTERNS})
    | st.fixed_dictionaries({"tags": either(PATTERNS)})
    | st.fixed_dictionaries({"labels": either(LABELS)})
    | st.sampled_from([{"resource": "image"}, {"resource": "artifact"}]),
    max_size=4,
    unique_by=repr,
)
SPEEDS = st.sampled_from(["unlimited", "1Kbps", "3Mbps", "5000Kbps", "16777215Kbps"])
PULLS = st.sampled_from(["manual", "daily", "hourly", "0 5,35 2 * * 1-5"])
PUSHES = PULLS | st.just("event_based")


def optional(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=fields)


def registries(target: Target) -> st.SearchStrategy[dict[str, Any]]:
    """A real Harbor tries what it is told, and finds itself only."""
    url, kinds = st.just(target.registries[0]), st.just(RegistryType.HARBOR.value)
    if not target.is_real:
        url = st.sampled_from(["http://a.example.com", "https://b.example.com:5000/c"])
        kinds = st.sampled_from([kind.value for kind in RegistryType])
    own = {"username": target.username, "password": {"env": "ADMIN"}}
    types = st.sampled_from([kind.value for kind in CredentialType])
    credential = types.map(lambda kind: {**own, "type": kind})
    return st.builds(
        lambda fixed, rest: {**fixed, **rest},
        st.fixed_dictionaries({"type": kinds, "url": url, "credential": credential}),
        optional(insecure=st.booleans(), description=TEXT),
    )


def replications(names: list[str], version: tuple[int, ...]) -> st.SearchStrategy[dict[str, Any]]:
    common = optional(
        description=TEXT,
        filters=FILTERS,
        destination=optional(
            namespace=st.sampled_from(["", "mirror", "a/b-c/d"]),
            flatten=st.sampled_from(["all", 0, 1, 127]),
        ).filter(bool),
        enabled=st.booleans(),
        override=st.booleans(),
        speed=SPEEDS,
        copy_by_chunk=st.booleans(),
    )
    ends = st.sampled_from(names)
    single = st.booleans() if version >= SINGLE_SINCE else st.nothing()
    pull = st.fixed_dictionaries(
        {"pull_from": ends, "trigger": PULLS}, optional={"single_active_replication": single}
    )
    push = st.fixed_dictionaries({"push_to": ends, "trigger": PUSHES})
    return st.builds(lambda one, other: {**one, **other}, common, pull | push).map(_deleting)


def _deleting(replication: dict[str, Any]) -> dict[str, Any]:
    if replication["trigger"] == "event_based":
        replication["replicate_deletion"] = True
    return replication


def caches(name: str, version: tuple[int, ...]) -> st.SearchStrategy[dict[str, Any]]:
    fields: dict[str, st.SearchStrategy[Any]] = {"speed": SPEEDS}
    if version >= (2, 14, 1):
        fields["max_upstream_connections"] = st.sampled_from(["unlimited", 1, 2**31 - 1])
    if version >= (2, 15, 1):
        fields["local_on_not_found"] = st.booleans()
    cache = st.fixed_dictionaries({"registry": st.just(name)}, optional=fields)
    return st.fixed_dictionaries({"proxy_cache": cache}, optional={"public": st.booleans()})
