"""What is said of rules that cannot do what they seem to is true, whatever there is to delete."""

from __future__ import annotations

from itertools import product

from harborconf.kinds.immutable import ImmutableRule
from harborconf.kinds.lint import of_patterns, of_retention
from harborconf.kinds.retained import Artifact, deleted
from harborconf.kinds.retention_rules import Keep, Rule
from harborconf.spec.patterns import EVERYTHING, Patterns

NOW = 100 * 24 * 3600.0
TAG_PATTERNS = [
    EVERYTHING,
    Patterns(("v*",)),
    Patterns(("v1", "x*")),
    Patterns(("x y",)),
    Patterns(("v*",), excluding=True),
    Patterns(("v*", "x*"), excluding=True),
    Patterns(("*",), excluding=True),
]
REPOSITORY_PATTERNS = [
    EVERYTHING,
    Patterns(("web*",)),
    Patterns(("apps/**",)),
    Patterns(("Web",)),
    Patterns(("web",), excluding=True),
    Patterns(("**",), excluding=True),
]
RULES = [
    Rule.model_construct(keep=keep, repositories=repositories, tags=tags, untagged=untagged)
    for keep in (Keep("always"), Keep("most_recently_pushed", 1))
    for repositories in REPOSITORY_PATTERNS
    for tags in TAG_PATTERNS
    for untagged in (True, False)
]
IMMUTABLE = [
    ImmutableRule.model_construct(repositories=repositories, tags=tags, disabled=disabled)
    for repositories in REPOSITORY_PATTERNS
    for tags in TAG_PATTERNS
    for disabled in (False, True)
    if not disabled or tags == EVERYTHING
]
ARTIFACTS = [
    Artifact(repository, f"sha256:{repository}{number}", tags, number * 1000.0, 0, 1)
    for repository in ("web", "webs", "db", "apps/web", "apps/x/web")
    for number, tags in enumerate([("v1",), ("v2", "x"), ("x1",), ("latest",), (), ("v3",), ()])
]


def chosen(rule: Rule) -> frozenset[Artifact]:
    """Everything in the repositories that the rule is for, by the evaluator's own word."""
    none = rule.model_copy(update={"tags": Patterns(("none",)), "untagged": False})
    return deleted([none], ARTIFACTS, [], NOW)


def tagged(rule: Rule) -> frozenset[Artifact]:
    """What the rule selects by a tag."""
    every = rule.model_copy(update={"keep": Keep("always"), "untagged": False})
    return chosen(rule) - deleted([every], ARTIFACTS, [], NOW)


def is_true(message: str, rule: Rule, fixed: ImmutableRule) -> bool:
    gone = deleted([rule], ARTIFACTS, [fixed], NOW)
    unless_fixed = deleted([rule], ARTIFACTS, [], NOW)
    facts = {
        "no repository": not chosen(rule),
        "no tag": not tagged(rule),
        "keeps nothing": unless_fixed == chosen(rule),
        "keeps untagged images only": not any(one.tags for one in chosen(rule) - unless_fixed),
        "every tag is immutable": not any(one.tags for one in gone),
        "deletes none of them": not gone & tagged(rule),
    }
    return next(fact for word, fact in facts.items() if word in message)


def test_each_remark_is_true() -> None:
    seen = set()
    for rule, fixed in product(RULES, IMMUTABLE):
        for remark in of_retention([rule], [fixed], "team"):
            assert is_true(remark.message, rule, fixed), (remark, rule, fixed)
            seen.add(remark.message)
    assert seen == {
        "no repository can match `Web`",
        "no repository is left by `except` `**`",
        "no tag can match `x y`",
        "no tag is left by `except` `*`",
        "the rule for the tags `x y` keeps nothing",
        "the rule for the tags `x y` keeps untagged images only",
        "the rule for the tags except `*` keeps nothing",
        "the rule for the tags except `*` keeps untagged images only",
        "every tag is immutable, so retention deletes untagged images only",
        "the tags `**` are immutable: retention deletes none of them",
        "the tags `v*` are immutable: retention deletes none of them",
        "the tags `v1`, `x*` are immutable: retention deletes none of them",
        "the tags `x y` are immutable: retention deletes none of them",
        "the tags except `v*` are immutable: retention deletes none of them",
        "the tags except `*` are immutable: retention deletes none of them",
        "the tags except `v*`, `x*` are immutable: retention deletes none of them",
    }


def test_a_rule_that_keeps_everything_leaves_nothing_to_the_others() -> None:
    seen = set()
    for one, other in product(RULES, RULES[::5]):
        told = [remark.message for remark in of_retention([one, other], [], "team")]
        if any(message.startswith("a rule keeps every image") for message in told):
            assert not deleted([one, other], ARTIFACTS, [], NOW)
            seen.add(one)
    always = {Keep("always"), True, EVERYTHING}
    assert any({one.keep, one.untagged, one.repositories, one.tags} == always for one in seen)


def test_a_repository_is_named_without_its_project() -> None:
    rule = ImmutableRule.model_construct(repositories=Patterns(("team/web",)))
    (remark,) = of_patterns(rule, "team")
    assert remark.message == "`team/web` is for the repository team/team/web"


def test_what_is_disabled_does_nothing_anyway() -> None:
    rules = [rule.model_copy(update={"disabled": True}) for rule in RULES]
    assert list(of_retention(rules, IMMUTABLE, "Web")) == []
