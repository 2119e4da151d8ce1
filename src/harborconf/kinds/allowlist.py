"""Lists of vulnerabilities that may pass, the system's and each project's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from harborconf.kinds.resource import Desired
from harborconf.spec.parts import Parts
from harborconf.spec.records import (
    Record,
    ValueProblemError,
    read_record,
    record_schema,
    write_record,
)
from harborconf.spec.value import SCALAR_SCHEMA, Date, Text, ValueType, shown

_NEVER = 0
_LONG_AGO = 1


class Allowed(Record):
    """One vulnerability that may pass."""

    id: Text
    reason: Text = ""
    owner: Text = ""
    expires: Date = _NEVER


@dataclass(frozen=True, slots=True)
class Allowlist(Parts):
    """A list of vulnerabilities that may pass, until `expires` (Unix seconds, 0 is never).

    Harbor (2.13 to 2.15) keeps one date for the whole list, and from then on behaves as if the
    list were empty. So a desired list has the date of its latest item, and each run takes out
    those items whose own date has passed. Reason and owner are for people; Harbor does not
    keep them.

    Attributes:
        ids: what may pass.
        expires: the date of the whole list.
        items: what is written, where it is written.
        lapsed: of a desired list, what is written and has expired.
        dead: of a live list, whether its date has passed.
    """

    ids: frozenset[str]
    expires: int = _NEVER
    items: tuple[Allowed, ...] = ()
    lapsed: frozenset[str] = frozenset()
    dead: bool = False

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Allowlist):
            return NotImplemented
        return self.ids == other.ids and (self.expires == other.expires or not self.ids)

    def __hash__(self) -> int:
        return hash(self.ids)

    def minus(self, other: Allowlist) -> Allowlist | None:
        """The items that the other list does not have."""
        ids = self.ids - other.ids
        items = tuple(item for item in self.items if item.id in ids)
        return replace(self, ids=ids, items=items) if ids else None

    def at(self, now: float) -> Allowlist:
        """What is left of a written list at this moment."""
        left = tuple(item for item in self.items if not _has_passed(item.expires, now))
        return _of(left, frozenset(item.id for item in self.items if item not in left))


def _of(items: Iterable[Allowed], lapsed: frozenset[str] = frozenset()) -> Allowlist:
    found = tuple(items)
    dates = [item.expires for item in found]
    latest = _NEVER if not dates or _NEVER in dates else max(dates)
    return Allowlist(frozenset(item.id for item in found), latest, found, lapsed)


def _has_passed(date: int, now: float) -> bool:
    """Harbor's own rule: the very second counts (2.13 to 2.15)."""
    return date != _NEVER and date <= now


def same_lists(desired: Allowlist, live: Allowlist) -> bool:
    """Whether a live list does what is desired.

    Of a dead one nothing is left, and it needs no cleaning of items that expired with it.
    """
    if live.dead:
        return not desired.ids and live.ids <= desired.lapsed
    return desired == live


def list_as_of(desired: Desired, path: str, now: float) -> Desired:
    """The resource with its list at this field as it is at this moment."""
    value = desired.fields.get(path)
    if not isinstance(value, Allowlist):
        return desired
    return replace(desired, fields={**desired.fields, path: value.at(now)})


# ---- in the YAML ---------------------------------------------------------------------


def read_allowlist(raw: object) -> Allowlist:
    """A list of CVEs, each by its name alone or as a map."""
    if not isinstance(raw, list):
        message = f"expected a list of CVEs like {{id: CVE-2024-3094}}, got {shown(raw)}"
        raise ValueProblemError(message, ())
    items: dict[str, Allowed] = {}
    for index, item in enumerate(raw):
        allowed = read_record(Allowed, {"id": item} if isinstance(item, str) else item, (index,))
        problem = _problem(allowed.id)
        if problem is None and allowed.id in items:
            problem = f"{shown(allowed.id)} is in the list twice"
        if problem:
            raise ValueProblemError(problem, (index,))
        items[allowed.id] = allowed
    return _of(items.values())


def _problem(name: str) -> str | None:
    """Harbor (2.13 to 2.15) stores any text, and compares letter by letter."""
    if not re.fullmatch(r"[^\s,]+", name):
        return f"{shown(name)} is no name of a vulnerability: it is empty, or has a space or comma"
    if name.upper().startswith("CVE-") and name != name.upper():
        return f"{shown(name)} lets nothing pass: Harbor knows it as {name.upper()}"
    return None


def write_allowlist(value: Allowlist) -> list[Any]:
    """The list as it is written; one that Harbor has, with its date at every item."""
    items = value.items or tuple(
        Allowed.model_construct(id=name, expires=value.expires) for name in sorted(value.ids)
    )
    written = [write_record(item) for item in items]
    return [item["id"] if len(item) == 1 else item for item in written]


SCHEMA: Mapping[str, Any] = {
    "type": "array",
    "items": {"anyOf": [SCALAR_SCHEMA, record_schema(Allowed)]},
}
ALLOWLIST = ValueType("list of CVEs", read_allowlist, write_allowlist, SCHEMA)


# ---- Harbor's ------------------------------------------------------------------------


def allowlist_from_api(raw: Mapping[str, Any], now: float) -> Allowlist:
    """A live list. A date of 0 is no date, but the year 1970."""
    ids = frozenset(str(item.get("cve_id", "")) for item in raw.get("items") or [])
    date = raw.get("expires_at")
    expires = _NEVER if date is None else max(int(date), _LONG_AGO)
    return Allowlist(ids, expires, dead=_has_passed(expires, now))


def allowlist_to_api(value: Allowlist) -> dict[str, Any]:
    """The body that stores a list."""
    return {
        "items": [{"cve_id": name} for name in sorted(value.ids)],
        "expires_at": value.expires or None,
    }
