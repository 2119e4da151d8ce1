"""Generated configurations of a whole Harbor: every kind that can live beside the others.

Names begin with the prefix of the test's target. What a document names besides itself is the
groups of `documents`, a scanner that answers at `adapter`, and what ENVIRON holds.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from contract.documents import (
    GRANTABLE,
    body,
    configurations,
    described,
    distinct,
    flags,
    granted,
    pattern_lists,
    rules,
    sizes,
)
from contract.documents_elsewhere import (
    NAME,
    SINGLE_SINCE,
    TEXT,
    caches,
    optional,
    registries,
    replications,
)
from contract.elsewhere import certificate
from contract.raw import Json
from contract.system_settings import ENVIRON as OF_SETTINGS
from contract.target import WORD, Target
from harborconf.kinds.audit_events import EVENTS, OTHER
from harborconf.kinds.webhook import Event
from harborconf.kinds.webhook import Format as WebhookFormat

Strategy = st.SearchStrategy[Any]

PASSWORD, ADMIN, TOKEN, PAIR = "PASSWORD", "ADMIN", "TOKEN", "PAIR"
OF_WHOLES = {PASSWORD: WORD, TOKEN: "Bearer Example1Word", PAIR: "X-Somebody: Example1Word"}
HUB, CACHE = "hub", "cache"
# Harbor takes no schedule that comes often, and none of these comes while tests run.
crons = st.sampled_from(["weekly", "0 30 4 1 1 *", "0 0/15 1-5 29 2 MON,fri", "0 5 4 31 12 ?"])
schedules = crons | st.just("never")
slugs = st.from_regex(r"[A-Za-z0-9]{1,8}([._-][A-Za-z0-9]{1,8}){0,2}", fullmatch=True)
URL = st.sampled_from(
    ["https://a.example.com", "http://b.example.com:8080/x?y=%2F&z=1#f", "https://ü.example.com/ä"]
)
headers = st.sampled_from([{"env": TOKEN}, {"env": PASSWORD}, "none"])
events = st.lists(st.sampled_from([one.value for one in Event]), min_size=1, unique=True)
http = st.fixed_dictionaries(
    {"url": URL},
    optional={
        "type": st.just("http"),
        "format": st.sampled_from([one.value for one in WebhookFormat]),
        "auth_header": headers,
        "insecure": flags,
    },
)
slack = st.fixed_dictionaries({"url": URL, "type": st.just("slack")}, optional={"insecure": flags})
webhooks = st.dictionaries(
    NAME.filter(bool),
    st.fixed_dictionaries(
        {"events": events, "targets": st.lists(http | slack, min_size=1, max_size=4)},
        optional={"description": described, "enabled": flags},
    ),
    max_size=2,
)
labels = st.lists(TEXT.filter(lambda text: text and "," not in text), min_size=1, max_size=2)


def preheats(instances: list[str]) -> Strategy:
    """Preheat policies, where there is an instance that is switched on."""
    if not instances:
        return st.just({})
    filters = optional(repositories=pattern_lists, tags=pattern_lists, labels=labels).filter(bool)
    policy = st.fixed_dictionaries(
        {"instance": st.sampled_from(instances)},
        optional={
            "description": described,
            "enabled": flags,
            "filters": filters,
            "trigger": crons | st.sampled_from(["manual", "event_based"]),
            "scope": st.sampled_from(["default", "single_seed_peer", "all_seed_peers"]),
            "clusters": st.lists(st.integers(1, 99), max_size=3, unique=True),
        },
    )
    return st.dictionaries(slugs, policy, max_size=2)


@st.composite
def instances(draw: st.DrawFn, target: Target) -> dict[str, Json]:
    """Preheat instances, of which at most one is the default; no two have one URL.

    Each has one vendor for life, as each registry has one type.
    """
    found = {}
    default = draw(st.integers(0, 3))
    for number in range(draw(st.integers(0, 2))):
        said: Json = draw(
            st.sampled_from(
                [
                    {},
                    {"auth": "none"},
                    {"auth": "basic", "credential": {"env": PAIR}},
                    {"auth": "oauth", "credential": {"env": TOKEN}},
                    {"auth": "custom", "credential": {"env": PAIR}},
                ]
            )
        )
        more = draw(optional(description=described, insecure=flags, enabled=flags))
        found[f"{target.name('peers')}.{number}"] = {
            "vendor": ["dragonfly", "kraken"][number],
            "url": f"http://{number}.example.com/{target.prefix}",
            **({"default": True} if default == number else {}),
            **said,
            **more,
        }
    return found


@st.composite
def scanners(draw: st.DrawFn, target: Target, adapter: str) -> dict[str, Json]:
    """Scanners, all of which answer at the adapter; no two have one URL."""
    found = {}
    for number in range(draw(st.integers(0, 2))):
        said = draw(
            st.sampled_from(
                [
                    {},
                    {"auth": "basic", "credential": {"env": PAIR}},
                    {"auth": "bearer", "credential": {"env": TOKEN}},
                    {"auth": "api_key", "credential": {"env": TOKEN}},
                ]
            )
        )
        more = draw(optional(description=described, insecure=flags, internal_address=flags))
        found[f"{target.name('scanner')} {number}ß"] = {
            "url": f"{adapter}/{target.prefix}-{number}",
            "disabled": draw(flags) and draw(flags),
            **said,
            **more,
        }
    return found


# ---- what there is once --------------------------------------------------------------


def settings(endpoints: tuple[str, str]) -> Strategy:
    """Harbor's settings, but for the mode of authentication: it keeps that while it has users.

    Nothing is written that contradicts what another example leaves there.
    """
    text = TEXT.map(str.strip)
    secret = st.sampled_from([{"env": name} for name in OF_SETTINGS])
    url = st.sampled_from(["", "https://a.example.com", "https://b.example.com:8443/realms/x"])
    scope = st.sampled_from(["base", "one_level", "subtree"])
    names = st.lists(st.sampled_from(["a", "b c", "ü"]), max_size=3, unique=True)
    fields: dict[str, Strategy] = {
        "primary_auth_mode": flags,
        "self_registration": flags,
        "project_creation_restriction": st.sampled_from(["everyone", "adminonly"]),
        "read_only": flags,
        "session_timeout": st.integers(30, 153_722_867),
        "token_expiration": st.integers(1, 153_722_867),
        "robot_token_duration": st.integers(1, 3650),
        "robot_name_prefix": st.sampled_from(["robot$", "bot$", "r+"]),
        "notification_enable": flags,
        "quota_per_project_enable": flags,
        "storage_per_project": sizes,
        "scanner_skip_update_pulltime": flags,
        "banner_message": st.just("")
        | st.fixed_dictionaries(
            {"message": TEXT.filter(bool), "starts": st.sampled_from(["2031-01-31", "01/31/2031"])},
            optional={
                "ends": st.just("2032-02-29"),
                "type": st.sampled_from(["success", "info", "warning", "danger"]),
                "closable": flags,
            },
        ),
        "disabled_audit_log_event_types": st.lists(st.sampled_from(EVENTS), unique=True),
        "ldap_uid": st.sampled_from(["cn", "uid", "sAMAccountName"]),
        "ldap_filter": text,
        "ldap_scope": scope,
        "ldap_search_dn": text,
        "ldap_search_password": secret,
        "ldap_timeout": st.integers(0, 3600),
        "ldap_verify_cert": flags,
        "ldap_group_base_dn": text,
        "ldap_group_attribute_name": st.sampled_from(["cn", "ou"]),
        "ldap_group_search_scope": scope,
        "ldap_group_admin_dn": text,
        "ldap_group_attach_parallel": flags,
        "oidc_name": text,
        "oidc_endpoint": url,
        "oidc_client_id": text,
        "oidc_client_secret": secret,
        "oidc_scope": names.map(lambda found: ["openid", *found]),
        "oidc_user_claim": text,
        "oidc_groups_claim": text,
        "oidc_admin_group": text,
        "oidc_group_filter": st.sampled_from(["", "^harbor-.*$", "(a|b)"]),
        "oidc_verify_cert": flags,
        "oidc_auto_onboard": flags,
        "oidc_extra_redirect_parms": st.dictionaries(TEXT, TEXT, max_size=3),
        "oidc_logout": flags,
        "uaa_endpoint": url,
        "uaa_client_id": text,
        "uaa_client_secret": secret,
        "uaa_verify_cert": flags,
        "http_authproxy_endpoint": url,
        "http_authproxy_tokenreview_endpoint": url,
        "http_authproxy_admin_groups": names,
        "http_authproxy_admin_usernames": names,
        "http_authproxy_verify_cert": flags,
        "http_authproxy_skip_search": flags,
        "http_authproxy_server_certificate": st.just("") | st.builds(certificate),
    }
    ldap = st.fixed_dictionaries(
        {
            "ldap_url": st.sampled_from(["ldap://a.example.com", "ldaps://b.example.com:636"]),
            "ldap_base_dn": st.sampled_from(["dc=example,dc=com", "ou=ü,dc=example,dc=com"]),
        }
    )
    search = st.fixed_dictionaries(
        {
            "ldap_group_search_filter": text,
            "ldap_group_attribute_name": st.just("cn"),
            "ldap_group_membership_attribute": st.just("memberof"),
        }
    )
    audit: Strategy = st.just({})
    if endpoints[0]:
        audit = st.sampled_from(
            [
                {"audit_log_forward_endpoint": "", "skip_audit_log_database": False},
                {"audit_log_forward_endpoint": endpoints[0], "skip_audit_log_database": True},
                {"audit_log_forward_endpoint": endpoints[1], "skip_audit_log_database": False},
            ]
        )
    parts: tuple[Strategy, ...] = (
        optional(**fields),
        ldap | st.just({}),
        search | st.just({}),
        audit | st.just({}),
    )
    return st.tuples(*parts).map(
        lambda found: {key: one for part in found for key, one in part.items()}
    )


def system(target: Target, chosen: list[str], endpoints: tuple[str, str]) -> Strategy:
    """What there is once in a Harbor. A first schedule of audit log rotation says everything."""
    since = (2, 15)
    tag = {"delete_tag": flags} if target.version >= since else {}
    kept = st.lists(st.sampled_from([*EVENTS, OTHER]), min_size=1, unique=True)
    rotation = {
        "schedule": schedules,
        "retention": st.sampled_from(["1h", "36h", "90d", "10000d"]),
        "event_types": kept,
    }
    fields: dict[str, Strategy] = {
        "garbage_collection": optional(
            schedule=schedules, delete_untagged=flags, workers=st.integers(1, 10), **tag
        ).filter(lambda found: found.keys() != {"schedule"} or found),
        "audit_rotation": st.fixed_dictionaries(rotation, optional={"dry_run": flags}),
        "scan_all": st.fixed_dictionaries({"schedule": schedules}),
        "cve_allowlist": st.lists(
            st.sampled_from(
                ["CVE-1", "CVE-2024-3094", {"id": "CVE-2", "expires": "2031-01-31"}, "GHSA-x"]
            ),
            max_size=3,
            unique_by=str,
        ),
        "settings": settings(endpoints),
    }
    if chosen:
        fields["default_scanner"] = st.sampled_from(chosen)
    return optional(**fields)


# ---- everything ----------------------------------------------------------------------


def _mine(found: Json, target: Target) -> Json:
    """The same under the test's names."""
    match found:
        case dict():
            return {_mine(key, target): _mine(one, target) for key, one in found.items()}
        case list():
            return [_mine(one, target) for one in found]
        case str():
            return found.replace("{me}", target.prefix)
    return found


@st.composite
def elsewhere(draw: st.DrawFn, target: Target) -> dict[str, Json]:
    """Registries and replications; always the one that a proxy cache stands before."""
    hub = target.name(HUB)
    names = [target.name(word) for word in draw(st.lists(NAME, max_size=2, unique=True))]
    found: dict[str, Json] = {
        hub: {"type": "harbor", "url": target.registries[0], "credential": "none"}
    }
    for name in names:
        found[name] = {**draw(registries(target)), "type": "harbor"}
        if target.version >= (2, 15) and draw(flags):
            found[name]["ca_certificate"] = certificate()
    return {
        "registries": found,
        "replications": {name: draw(replications([*found], target.version)) for name in names},
    }


@st.composite
def layers(draw: st.DrawFn, target: Target) -> dict[str, Json]:
    """A profile, and policies for the test's projects, of which at most one is enforced."""
    found: dict[str, Json] = {}
    glob = {"name": f"{target.prefix}-*"}
    policies: list[Json] = []
    if draw(flags):
        more: list[Json] = [{}, {"except": [target.name("a")]}, {"proxy": False}]
        match = {**glob, **draw(st.sampled_from(more))}
        policies.append({"match": match, "project": draw(body("{project}", is_default=True))})
    if draw(flags):
        enforced = draw(optional(public=flags, quota=sizes, webhooks=webhooks).filter(bool))
        policies.append({"match": glob, "enforced": True, "project": enforced})
    if policies:
        found["policies"] = policies
    if draw(flags):
        found["profiles"] = {"odd": draw(body("{project}", is_default=True))}
    return found


@st.composite
def wholes(
    draw: st.DrawFn, target: Target, adapter: str, endpoints: tuple[str, str]
) -> dict[str, Json]:
    """One file, but for its version."""
    found = draw(configurations())
    peers, looking = draw(instances(target)), draw(scanners(target, adapter))
    enabled = [name for name, one in peers.items() if one.get("enabled", True)]
    chosen = [name for name, one in looking.items() if not one["disabled"]]
    found |= {**draw(elsewhere(target)), **draw(layers(target))}
    found |= {"preheat_instances": peers, "scanners": looking}
    found["system"] = draw(system(target, chosen, endpoints))
    cache = draw(caches(target.name(HUB), target.version))
    extra = draw(body(target.name(CACHE)))
    found["projects"][target.name(CACHE)] = {**extra, **cache, "signing": {"notation": False}}
    if draw(flags):
        number = target.claim(str(10**8 + draw(st.integers(0, 10**8))))
        found["projects"][number] = draw(body(number))
    for project in found["projects"].values():
        if project != "absent":
            _more(draw, project, found, enabled, chosen)
    _some_projects_for_robots(draw, found)
    mine: dict[str, Json] = _mine(found, target)
    return mine


def _more(draw: st.DrawFn, project: Json, found: Json, peers: list[str], chosen: list[str]) -> None:
    """What else stands in a project."""
    project |= draw(optional(webhooks=webhooks, preheat=preheats(peers)))
    if "profiles" in found and draw(flags):
        project["profile"] = "odd"
    if draw(flags):
        scanner = draw(st.sampled_from(["inherit", *chosen]))
        project.setdefault("scanning", {})["scanner"] = scanner
    if draw(flags) and project.get("retention"):
        project["retention"]["rules"] = draw(distinct("retention", rules, 15).filter(bool))


def _some_projects_for_robots(draw: st.DrawFn, found: dict[str, Json]) -> None:
    """Robots of the system may reach some projects in other ways than all."""
    names = [name for name, project in found["projects"].items() if project != "absent"]
    for robot in found.get("robots", {}).values():
        if robot != "absent" and draw(flags):
            reach = robot["permissions"]["projects"]
            reach |= draw(st.dictionaries(st.sampled_from(names), granted(GRANTABLE), max_size=2))


def removal(found: dict[str, Json], scanner: str) -> dict[str, Json]:
    """What takes all of it away again, but for what there always is. `scanner` is the default."""
    named = ("projects", "robots", "labels", "users", "replications", "registries", "scanners")
    gone: dict[str, Json] = {
        section: dict.fromkeys(found.get(section, {}), "absent")
        for section in (*named, "preheat_instances")
    }
    gone["system"] = {"default_scanner": scanner, "settings": {"read_only": False}}
    return gone


def writable(found: dict[str, Json], version: tuple[int, ...]) -> dict[str, Json]:
    """The same, so that another can follow.

    Harbor writes, nothing in use is disabled, and what goes with few others is always written.
    """
    switches = {"read_only": False, "quota_per_project_enable": True}
    settings = {**found["system"].get("settings", {}), **switches}
    single = {"single_active_replication": False} if version >= SINGLE_SINCE else {}
    plain = {"replicate_deletion": False, **single}
    return {
        **found,
        "replications": {name: {**plain, **one} for name, one in found["replications"].items()},
        "preheat_instances": _each(found["preheat_instances"], enabled=True),
        "scanners": _each(found["scanners"], disabled=False),
        "system": {**found["system"], "settings": settings},
    }


def _each(named: Json, **more: bool) -> Json:
    return {name: {**one, **more} for name, one in named.items()}
