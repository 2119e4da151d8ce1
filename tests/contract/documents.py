"""Generated configurations over the kinds that every team has: valid ones, of any combination.

`{me}` stands for the prefix of a test's names. What a document names besides itself is the
groups GROUPS, which must be there.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import yaml
from hypothesis import strategies as st

from contract.raw import Json
from harborconf.engine.tree import plain
from harborconf.kinds.base import declared
from harborconf.kinds.catalog import BY_NAME
from harborconf.spec.yaml import load

Strategy = st.SearchStrategy[Any]

ABSENT = "absent"
GROUPS = {"{me}-oidc": "oidc", "{me}-http": "http"}
PROJECTS = ("{me}-a", "{me}-b", "{me}-c")
USERS = ("{me}-ann", "{me}-bob x", "{me}-Zoë")
LABELS = ("{me}-one", "{me}-two/2 #%", "{me}-drei ä")
ROBOTS = ("{me}-r", "{me}-r.2")
LOCAL = ("x", "y.z", "w-1_0")
WITH_SECRET = {"{me}-r", "x"}
"""Robots whose secret is always written: one that comes later would replace another in use."""
KINDS = ("project", "quota", "member", "robot", "retention", "immutable_tags", "label", "user")

# Every character that people and Harbor's database can write, and none that ends a line.
words = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"]), max_size=20)
described = words | st.sampled_from(
    ["", "a: b # c", "{me}", "'quoted' \"twice\"", "true", "0777", "~", "- x", "é\u00a0ü", " x "]
)
flags = st.booleans()
colors = st.from_regex(r"#[0-9A-Fa-f]{6}", fullmatch=True)
days = st.integers(1, 3650).map(lambda number: f"{number}d") | st.just("never")
sizes = st.just("unlimited") | st.builds(
    lambda number, unit: f"{number}{unit}",
    st.integers(1, 1024),
    st.sampled_from(["B", "KiB", "MB", "MiB", "GiB", "TiB"]),
)
crons = st.sampled_from(
    ["hourly", "daily", "weekly", "never", "0 30 2 * * *", "0 0/15 1-5 * * MON,fri", "0 5 4 1 * ?"]
)
patterns = st.sampled_from(
    ["**", "v*", "release-?.?", "apps/**", "{a,b}-c", "x[0-9]", "latest", "a/b", "1.0"]
)
pattern_lists = st.lists(patterns, min_size=1, max_size=3)
selections = pattern_lists | pattern_lists.map(lambda items: {"except": items})
GRANTABLE = {
    "repository": ["pull", "push", "list"],
    "artifact": ["read", "list", "delete"],
    "tag": ["create", "list"],
    "label": ["read"],
    "scan": ["create"],
}
SYSTEM = {"project": ["list", "create"], "label": ["read"], "catalog": ["read"]}


def granted(known: dict[str, list[str]]) -> Strategy:
    """Some of the permissions there are."""
    return st.fixed_dictionaries(
        {},
        optional={
            resource: st.lists(st.sampled_from(actions), min_size=1, max_size=3)
            for resource, actions in known.items()
        },
    ).filter(bool)


def distinct(kind: str, items: Strategy, most: int) -> Strategy:
    """A list of rules of which no two mean the same: Harbor refuses one twice, harborconf too."""
    of_kind = declared(BY_NAME[kind].model)
    (rules,) = (item.type for item in of_kind if item.path == "rules")

    def meaning(rule: Json) -> Hashable:
        if kind == "immutable_tags":  # one that is disabled is the same to Harbor
            rule = {key: value for key, value in rule.items() if key != "disabled"}
        node = load(yaml.safe_dump([rule]).encode(), "rule")
        assert node is not None
        found: frozenset[Any] = rules.read(plain(node))
        return found

    return st.lists(items, max_size=most, unique_by=meaning)


keeps = (
    st.just("always")
    | st.fixed_dictionaries({"most_recently_pushed": st.integers(1, 500)})
    | st.fixed_dictionaries({"most_recently_pulled": st.integers(1, 500)})
    | st.fixed_dictionaries({"pushed_within": st.integers(1, 99).map("{}d".format)})
    | st.fixed_dictionaries({"pulled_within": st.integers(1, 99).map("{}d".format)})
)
rules = st.fixed_dictionaries(
    {"keep": keeps},
    optional={
        "repositories": selections,
        "tags": selections,
        "untagged": flags,
        "disabled": flags,
    },
)
immutable_rules = st.fixed_dictionaries(
    {}, optional={"repositories": selections, "tags": selections, "disabled": flags}
)
cves = st.lists(
    st.builds(
        lambda number, more: {"id": f"CVE-2024-{number:04}", **more},
        st.integers(1, 9999),
        st.fixed_dictionaries(
            {},
            optional={
                "reason": words,
                "expires": st.sampled_from(["2031-05-06", "2032-01-01T12:00:00Z", "never"]),
            },
        ),
    ),
    max_size=3,
    unique_by=lambda item: item["id"],
)
severities = st.sampled_from(["none", "low", "medium", "high", "critical"])
blocks = (
    severities
    | st.just(False)
    | st.fixed_dictionaries({"severity": severities}, optional={"enabled": st.just(False)})
)
roles = st.sampled_from(["admin", "maintainer", "developer", "guest", "limited_guest"])

# What may stand in each field; a test holds it against the fields that are declared.
FIELDS: dict[str, dict[str, Strategy]] = {
    "project": {
        "public": flags,
        "scanning.on_push": flags,
        "scanning.sbom": flags,
        "scanning.block": blocks,
        "signing.cosign": flags,
        "signing.notation": flags,
        "cve_allowlist": st.just("inherit") | cves,
    },
    "quota": {"storage": sizes},
    "member": {"role": roles, "type": st.none()},
    "robot": {
        "description": described,
        "expires": days,
        "disabled": flags,
        "permissions": granted(GRANTABLE),
        "secret": st.none(),
    },
    "retention": {"schedule": crons, "rules": distinct("retention", rules, 4)},
    "immutable_tags": {"rules": distinct("immutable_tags", immutable_rules, 4)},
    "label": {"color": colors, "description": described},
    "user": {
        "email": st.none(),
        "name": words.map(lambda text: "".join(set(text) - set(',"~#%$'))).filter(str.strip),
        "comment": words.filter(lambda text: len(text.encode()) <= 30),
        "admin": flags,
        "password": st.none(),
    },
}
ELSEWHERE = {"proxy_cache", "rotate"}
"""Sections that need another Harbor, or time that passes; they have tests of their own."""


@st.composite
def some(draw: st.DrawFn, kind: str, *needed: str, but: tuple[str, ...] = ()) -> dict[str, Json]:
    """Some fields of a resource, those that are needed among them."""
    written: dict[str, Json] = {}
    for path, values in FIELDS[kind].items():
        if path in but or not (path in needed or draw(flags)):
            continue
        *parents, last = path.split(".")
        place = written
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = draw(values)
    return written


@st.composite
def named(draw: st.DrawFn, names: tuple[str, ...], item: Strategy) -> dict[str, Json]:
    """Resources by name, some of them absent."""
    chosen = draw(st.lists(st.sampled_from(names), unique=True))
    return {name: draw(item | st.just(ABSENT)) for name in chosen}


@st.composite
def users(draw: st.DrawFn) -> dict[str, Json]:
    """The users. They are there as long as anybody may be a member."""
    found = {}
    for number, name in enumerate(USERS):
        more = draw(some("user", but=("email", "password")))
        email = f"{{me}}-{number}@example.{draw(st.sampled_from(['com', 'org']))}"
        found[name] = {"email": email, "password": {"env": "PASSWORD"}, **more}
    return found


@st.composite
def robots(draw: st.DrawFn, names: tuple[str, ...], folder: str) -> dict[str, Json]:
    """Robots; those of the system have permissions by scope."""
    found = {}
    for name in draw(st.lists(st.sampled_from(names), unique=True)):
        robot = draw(some("robot", "expires", "permissions", but=("secret",)))
        if not folder:
            robot["permissions"] = {"projects": {"*": robot["permissions"]}}
            if draw(flags):
                robot["permissions"]["system"] = draw(granted(SYSTEM))
        if name in WITH_SECRET:
            robot["secret"] = {"file": f"out/{folder or '{me}'}/{name}"}
        found[name] = draw(st.just(robot) | st.just(ABSENT))
    return found


@st.composite
def members(draw: st.DrawFn) -> dict[str, Json]:
    """Users and groups with a role, short or long."""
    people = st.fixed_dictionaries({"role": roles}) | roles | st.just(ABSENT)
    chosen = draw(st.lists(st.sampled_from(["admin", *USERS]), unique=True))
    groups: dict[str, Json] = {}
    for name in draw(st.lists(st.sampled_from(sorted(GROUPS)), unique=True)):
        typed = st.fixed_dictionaries({"role": roles}, optional={"type": st.just(GROUPS[name])})
        groups[name] = draw(typed | roles | st.just(ABSENT))
    found = {"users": {name: draw(people) for name in chosen}, "groups": groups}
    return {key: value for key, value in found.items() if draw(flags)}


@st.composite
def body(draw: st.DrawFn, folder: str, *, is_default: bool = False) -> dict[str, Json]:
    """What stands in a project, or in the defaults; its robots' secrets are in the folder."""
    sections: dict[str, Strategy] = {
        "quota": FIELDS["quota"]["storage"] | some("quota", "storage"),
        "members": members(),
        "labels": named(LOCAL, some("label")),
        "robots": robots(LOCAL, folder),
        "retention": _retention(is_default=is_default),
        "immutable_tags": FIELDS["immutable_tags"]["rules"] | some("immutable_tags", "rules"),
    }
    found = draw(some("project"))
    for key, values in sections.items():
        if draw(flags):
            found[key] = draw(values if is_default else values | st.none())
    if draw(flags):
        found["prune"] = draw(st.lists(st.sampled_from(["member", "robot", "label"]), unique=True))
    return found


@st.composite
def _retention(draw: st.DrawFn, *, is_default: bool) -> dict[str, Json]:
    """A policy. A schedule without rules is refused, so defaults have no schedule."""
    found: dict[str, Json] = draw(some("retention", but=("schedule",) if is_default else ()))
    if found.get("rules") == []:
        found.pop("schedule", None)
    return found


@st.composite
def configurations(draw: st.DrawFn) -> dict[str, Json]:
    """What one file holds, but for its version."""
    found: dict[str, Json] = {"users": draw(users())}
    if draw(flags):
        found["defaults"] = {"project": draw(body("{project}", is_default=True))}
    if draw(flags):
        found["labels"] = draw(named(LABELS, some("label")))
    if draw(flags):
        found["robots"] = draw(robots(ROBOTS, ""))
    found["projects"] = {
        name: draw(body(name) | st.just(ABSENT))
        for name in draw(st.lists(st.sampled_from(PROJECTS), unique=True))
    }
    return found


def written(found: dict[str, Json]) -> str:
    """The text of a file."""
    text: str = yaml.safe_dump(found, allow_unicode=True, sort_keys=False)
    return text


def documents() -> st.SearchStrategy[str]:
    """One file as text."""
    return configurations().map(written)
