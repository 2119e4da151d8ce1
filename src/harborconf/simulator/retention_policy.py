"""Retention policies as Harbor stores and checks them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harborconf.simulator.cron import CronError, check, next_time
from harborconf.simulator.http import RefusedError, bad_request

if TYPE_CHECKING:
    from harborconf.simulator.http import Json, Record

_MOST_RULES = 15
_PROXY_CACHE_DAYS = 7
SCHEDULE = "Schedule"


def for_proxy_cache(project: int) -> Record:
    """What a proxy cache gets by itself: images that nobody pulled for 7 days go."""
    repositories = {"kind": "doublestar", "decoration": "repoMatches", "pattern": "**"}
    tags = {"kind": "doublestar", "decoration": "matches", "pattern": "**"}
    template = "nDaysSinceLastPull"
    rule = {
        "id": 1,
        "priority": 1,
        "action": "retain",
        "template": template,
        "params": {template: _PROXY_CACHE_DAYS},
        "tag_selectors": [tags],
        "scope_selectors": {"repository": [repositories]},
    }
    return {
        "algorithm": "or",
        "rules": [rule],
        "scope": {"level": "project", "ref": project},
        "trigger": {"kind": SCHEDULE, "settings": {"cron": "0 0 0 * * *"}},
    }


def normal(body: Record) -> Record:
    """The policy of a request, with the fields that Harbor keeps. Templates are not looked at."""
    trigger = body.get("trigger") or {}
    settings = {
        name: value
        for name, value in (trigger.get("settings") or {}).items()
        if name != "next_scheduled_time"
    }
    return {
        "algorithm": body.get("algorithm", ""),
        "rules": [_rule(rule) for rule in body.get("rules") or []],
        "scope": body.get("scope") or {},
        "trigger": {"kind": trigger.get("kind", ""), "settings": settings},
    }


def _rule(rule: Record) -> Record:
    found: Record = {
        "action": rule.get("action", ""),
        "template": rule.get("template", ""),
        "tag_selectors": [_selector(item) for item in rule.get("tag_selectors") or []],
        "scope_selectors": {
            name: [_selector(item) for item in items or []]
            for name, items in (rule.get("scope_selectors") or {}).items()
        },
    }
    found |= {name: rule[name] for name in ("priority", "disabled", "params") if rule.get(name)}
    return found


def _selector(item: Record) -> Record:
    names = ("kind", "decoration", "pattern", "extras")
    return {name: item[name] for name in names if item.get(name)}


def check_rules(policy: Record) -> None:
    """At most 15 rules, no two of them equal."""
    rules: list[Json] = policy["rules"]
    if len(rules) > _MOST_RULES:
        message = "bad request: only 15 rules are allowed at most"
        raise bad_request(message)
    for number, rule in enumerate(rules):
        first = rules.index(rule)
        if first != number:
            message = f"resource conflict: rule {number} is conflict with rule {first}"
            raise RefusedError(409, message)


def check_cron(policy: Record) -> None:
    """A cron, if there is one, has six fields; an empty one is no schedule."""
    cron = policy["trigger"]["settings"].get("cron")
    if policy["trigger"]["kind"] != SCHEDULE or not cron:
        return
    try:
        check(cron)
    except CronError as error:
        message = f"invalid cron string for scheduled tag retention: {cron}, error: {error}"
        raise bad_request(message) from None


def show(policy: Record, now: float) -> Record:
    """A policy, with its next time if it has a schedule."""
    trigger = policy["trigger"]
    cron = trigger["settings"].get("cron")
    if trigger["kind"] != SCHEDULE or not cron:
        return policy
    settings = trigger["settings"] | {"next_scheduled_time": next_time(cron, now)}
    return policy | {"trigger": trigger | {"settings": settings}}
