"""The rules of retention, and the policy that they stand in."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from harborconf.errors import InvalidError, ServerError
from harborconf.kinds.selectors import read_selectors, selectors
from harborconf.spec.patterns import EVERYTHING, PatternList
from harborconf.spec.records import Foreign, Record, ValueProblemError, unknown_key
from harborconf.spec.value import Flag, ValueType, read_count, read_days

if TYPE_CHECKING:
    from harborconf.kinds.api import Reads
    from harborconf.kinds.resource import Place

MAX_RULES = 15
_COUNTS = {"most_recently_pushed": "latestPushedK", "most_recently_pulled": "latestPulledN"}
_SPANS = {"pushed_within": "nDaysSinceLastPush", "pulled_within": "nDaysSinceLastPull"}
_TEMPLATES = {**_COUNTS, **_SPANS, "always": "always"}
_WORDS = {template: word for word, template in _TEMPLATES.items()}
ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Keep:
    """What a rule keeps: a word, and a count or a number of days."""

    word: str
    amount: int = 0


def _read_keep(raw: object) -> Keep:
    if raw == ALWAYS:
        return Keep(ALWAYS)
    if not isinstance(raw, Mapping) or len(raw) != 1:
        message = f"expected `always`, or one of {', '.join([*_COUNTS, *_SPANS])} with its amount"
        raise ValueProblemError(message, ())
    ((word, amount),) = raw.items()
    if word in _COUNTS:
        count = _amount(read_count, word, amount)
        if count < 1:
            message = "keeping none would delete every image: expected 1 or more"
            raise ValueProblemError(message, (word,))
        return Keep(str(word), count)
    if word in _SPANS:
        days = _amount(read_days, word, amount)
        if days < 1:
            message = "expected a number of days like 30d; to keep everything, write `always`"
            raise ValueProblemError(message, (word,))
        return Keep(str(word), days)
    raise ValueProblemError("; ".join(unknown_key(word, _TEMPLATES)), (word,), at_key=True)


def _amount(read: Callable[[object], int], word: str, raw: object) -> int:
    try:
        return read(raw)
    except ValueError as error:
        raise ValueProblemError(str(error), (word,)) from error


def _write_keep(value: Keep) -> Any:
    if value.word == ALWAYS:
        return ALWAYS
    return {value.word: value.amount if value.word in _COUNTS else f"{value.amount}d"}


KEEP = ValueType(
    "keep",
    _read_keep,
    _write_keep,
    {
        "anyOf": [
            {"const": ALWAYS},
            *(
                {
                    "type": "object",
                    "properties": {word: schema},
                    "required": [word],
                    "additionalProperties": False,
                }
                for words, schema in (
                    (_COUNTS, {"type": "integer", "minimum": 1}),
                    (_SPANS, {"type": "string", "pattern": "^[0-9]+d$"}),
                )
                for word in words
            ),
        ]
    },
)


class Rule(Record):
    """One rule: an image is kept if any rule keeps it, else it is deleted."""

    keep: Annotated[Keep, KEEP]
    repositories: PatternList = EVERYTHING
    tags: PatternList = EVERYTHING
    untagged: Flag = True
    disabled: Flag = False


def rules_to_api(rules: frozenset[Rule]) -> list[dict[str, Any]]:
    """What Harbor is sent, always in the same order."""
    return [_rule_to_api(rule) for rule in sorted(rules, key=repr)]


def _rule_to_api(rule: Rule) -> dict[str, Any]:
    template = _TEMPLATES[rule.keep.word]
    # Beside excluded tags Harbor takes `untagged` for one more thing that is excluded.
    untagged = rule.untagged != rule.tags.excluding
    extras = json.dumps({"untagged": untagged}, separators=(",", ":"))
    return {
        "action": "retain",
        "template": template,
        "params": {} if rule.keep.word == ALWAYS else {template: rule.keep.amount},
        "disabled": rule.disabled,
        **selectors(rule.repositories, rule.tags, extras),
    }


def rules_from_api(rules: Sequence[Mapping[str, Any]]) -> frozenset[Rule | Foreign]:
    """What Harbor tells; `Foreign` is what YAML cannot say."""
    return frozenset(_rule_from_api(rule) for rule in rules)


def _rule_from_api(raw: Mapping[str, Any]) -> Rule | Foreign:
    """Untagged images are selected where the rule says nothing of them (Harbor 2.13 to 2.15).

    PUT takes any template, and any amount of it, even none or words.
    """
    template = str(raw.get("template"))
    found = read_selectors(raw)
    amount = (raw.get("params") or {}).get(template, 0)
    untagged = None if found is None else _untagged(found[2], excluding=found[1].excluding)
    if template not in _WORDS or found is None or untagged is None or type(amount) is not int:
        return Foreign(json.dumps(raw, sort_keys=True))
    return Rule.model_construct(
        keep=Keep(_WORDS[template], amount),
        repositories=found[0],
        tags=found[1],
        untagged=untagged,
        disabled=bool(raw.get("disabled", False)),
    )


def _untagged(extras: str, *, excluding: bool) -> bool | None:
    """Whether a tag selector takes untagged images in; None where it is not told."""
    if not extras:
        return True
    try:
        told = json.loads(extras).get("untagged", False)
    except (ValueError, AttributeError):
        return None
    return told != excluding if isinstance(told, bool) else None


def retention_number(place: Place) -> object:
    """Harbor's number of a project's policy, or None where it never had one."""
    return (place.raw.get("metadata") or {}).get("retention_id")


async def policy(api: Reads, number: object) -> Mapping[str, Any] | None:
    """GET /retentions/{id}; None where it was deleted.

    A deleted policy leaves its number behind: GET answers 500 and its executions 400 (2.13 to
    2.15); that pair proves that there is none.
    """
    try:
        reply: Mapping[str, Any] = await api.get(f"/retentions/{number}")
    except ServerError:
        if not await _is_gone(api, number):
            raise
        return None
    return reply


async def _is_gone(api: Reads, number: object) -> bool:
    try:
        await api.get(f"/retentions/{number}/executions")
    except InvalidError:
        return True
    return False
