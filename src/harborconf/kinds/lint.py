"""Rules over repositories and tags that cannot do what they seem to. Says only what is certain."""

from __future__ import annotations

from dataclasses import dataclass
from string import ascii_letters, ascii_lowercase, digits
from typing import TYPE_CHECKING

from harborconf.kinds.resource import Remark
from harborconf.spec.doublestar import Names, can_match
from harborconf.spec.patterns import EVERYTHING
from harborconf.spec.value import shown

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from harborconf.kinds.immutable import ImmutableRule
    from harborconf.kinds.retention_rules import Rule
    from harborconf.spec.patterns import Patterns

_RULES = "rules"
_IMMUTABLE = "Harbor's retention passes over what `immutable_tags` holds"


@dataclass(frozen=True, slots=True)
class _Sort:
    """What patterns are for; `every` holds those that match each of its names."""

    word: str
    names: Names
    every: frozenset[str]
    advice: str

    def selects_none(self, patterns: Patterns) -> bool:
        if patterns.excluding:
            return not self.every.isdisjoint(patterns.items)
        return not any(can_match(item, self.names) for item in patterns.items)


# What Harbor (2.13 to 2.15) takes is what the distribution project calls a name and a tag.
_LOWER, _LETTERS = ascii_lowercase + digits, ascii_letters + digits
_REPOSITORY = _Sort(
    "repository",
    Names(f"{_LOWER}._-", _LOWER, _LOWER, nested=True),
    frozenset({"**", "**/*"}),
    "repositories are named in lower case, with `.`, `_`, `-` and `/` between, without the project",
)
_TAG = _Sort(
    "tag",
    Names(f"{_LETTERS}._-", f"{_LETTERS}_", f"{_LETTERS}._-"),
    frozenset({"**", "**/*", "*"}),
    "a tag has letters, digits, `_`, `.` and `-`, and does not begin with the last two",
)


def of_patterns(rule: Rule | ImmutableRule, project: str) -> Iterator[Remark]:
    """Patterns that no name can match, or that begin with the project's name."""
    for sort, patterns in ((_REPOSITORY, rule.repositories), (_TAG, rule.tags)):
        for item in patterns.items:
            if not can_match(item, sort.names):
                yield Remark(_RULES, f"no {sort.word} can match {shown(item)}", sort.advice, item)
        if patterns.excluding and sort.selects_none(patterns):
            message = f"no {sort.word} is left by `except` {_text(patterns)}"
            advice = f"leave it out to mean every {sort.word}"
            yield Remark(_RULES, message, advice, patterns.items[0])
    for item in rule.repositories.items:
        if item.startswith(f"{project}/"):
            message = f"{shown(item)} is for the repository {project}/{item}"
            yield Remark(_RULES, message, "patterns are matched without the project's name", item)


def of_retention(
    rules: Iterable[Rule], immutable: Iterable[ImmutableRule], project: str
) -> Iterator[Remark]:
    """What is odd about a policy, beside the immutable tags that are written."""
    rules = [rule for rule in rules if not rule.disabled]
    fixed = [rule for rule in immutable if not rule.disabled]
    for rule in rules:
        yield from of_patterns(rule, project)
        if _TAG.selects_none(rule.tags):
            what = "untagged images only" if rule.untagged else "nothing"
            message = f"the rule for the tags {_written(rule.tags)} keeps {what}"
            advice = "where a rule is for a repository, what no rule keeps there is deleted"
            yield Remark(_RULES, message, advice, rule.tags.items[0])
    if len(rules) > 1 and any(_keeps_everything(rule) for rule in rules):
        message = "a rule keeps every image, so nothing is deleted, whatever the others say"
        yield Remark(_RULES, message, "give it `tags` or `repositories`, or remove the others")
    everywhere = [rule.tags for rule in fixed if rule.repositories == EVERYTHING]
    if rules and _cover(everywhere, EVERYTHING):
        message = "every tag is immutable, so retention deletes untagged images only"
        yield Remark(_RULES, message, _IMMUTABLE)
        return
    for rule in rules:
        tags = [one.tags for one in fixed if _reaches(one.repositories, rule.repositories)]
        if rule.keep.word != "always" and _cover(tags, rule.tags):
            message = (
                f"the tags {_written(rule.tags)} are immutable: retention deletes none of them"
            )
            yield Remark(_RULES, message, _IMMUTABLE, rule.tags.items[0])


def _keeps_everything(rule: Rule) -> bool:
    is_always = rule.keep.word == "always" and rule.untagged
    has_all_tags = not rule.tags.excluding and not _TAG.every.isdisjoint(rule.tags.items)
    return is_always and has_all_tags and rule.repositories == EVERYTHING


def _reaches(immutable: Patterns, retained: Patterns) -> bool:
    """Whether immutability holds in each repository of a retention rule.

    Retention looks up nested repositories without their first part, so that equal patterns
    are certain for repositories without a `/` only.
    """
    is_flat = not immutable.excluding and not any(
        "/" in item or "**" in item for item in immutable.items
    )
    return immutable == EVERYTHING or (immutable == retained and is_flat)


def _cover(selectors: Collection[Patterns], wanted: Patterns) -> bool:
    """Whether each tag that is wanted is selected, as far as equal patterns tell."""
    matched = {item for one in selectors if not one.excluding for item in one.items}
    excepted = [set(one.items) for one in selectors if one.excluding]
    if matched & _TAG.every or any(items <= matched for items in excepted):
        return True
    if wanted.excluding:
        return any(items <= matched | set(wanted.items) for items in excepted)
    return set(wanted.items) <= matched


def _text(patterns: Patterns) -> str:
    return ", ".join(shown(item) for item in patterns.items)


def _written(patterns: Patterns) -> str:
    return f"except {_text(patterns)}" if patterns.excluding else _text(patterns)
