"""Harbor's repository and tag selectors, which retention and immutability share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harborconf.spec.patterns import EVERYTHING, Patterns, from_pattern

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_REPOSITORIES = ("repoMatches", "repoExcludes")
_TAGS = ("matches", "excludes")


def selectors(repositories: Patterns, tags: Patterns, extras: str | None = None) -> dict[str, Any]:
    """The two selectors of a rule as Harbor wants them."""
    tag = _selector(tags, _TAGS)
    if extras is not None:
        tag["extras"] = extras
    return {
        "scope_selectors": {"repository": [_selector(repositories, _REPOSITORIES)]},
        "tag_selectors": [tag],
    }


def _selector(value: Patterns, words: tuple[str, str]) -> dict[str, Any]:
    return {
        "kind": "doublestar",
        "decoration": words[value.excluding],
        "pattern": value.pattern,
    }


def read_selectors(rule: Mapping[str, Any]) -> tuple[Patterns, Patterns, str] | None:
    """Repositories, tags and the tag selector's extras, or None for another shape."""
    repository = (rule.get("scope_selectors") or {}).get("repository") or []
    tag = rule.get("tag_selectors") or []
    repositories = _patterns(repository, _REPOSITORIES)
    tags = _patterns(tag, _TAGS)
    if repositories is None or tags is None:
        return None
    return repositories, tags, str((tag[0] if tag else {}).get("extras") or "")


def _patterns(found: Sequence[Mapping[str, Any]], words: tuple[str, str]) -> Patterns | None:
    if not found:
        return EVERYTHING
    if len(found) > 1 or found[0].get("decoration") not in words:
        return None
    pattern = str(found[0].get("pattern") or "**")
    return from_pattern(pattern, excluding=found[0]["decoration"] == words[1])
