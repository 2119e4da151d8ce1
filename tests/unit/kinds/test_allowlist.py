"""Lists of vulnerabilities, by the clock."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harborconf.kinds.allowlist import (
    ALLOWLIST,
    Allowed,
    Allowlist,
    allowlist_from_api,
    allowlist_to_api,
    same_lists,
)
from harborconf.spec.value import Plain
from unit.refusals import refusal


def written(*items: tuple[str, int]) -> Allowlist:
    raw = [{"id": name, "expires": _date(date)} for name, date in items]
    found: Allowlist = ALLOWLIST.read(raw)
    return found


def _date(seconds: int) -> str:
    return "never" if seconds == 0 else f"2030-01-{seconds:02d}"


def moment(day: float) -> float:
    return 1_893_369_600 + day * 86_400


def live(*names: str, expires: int | None = None, now: float = 0) -> Allowlist:
    body: dict[str, Any] = {"items": [{"cve_id": name} for name in names]}
    return allowlist_from_api({**body, "expires_at": expires}, now)


@pytest.mark.parametrize(
    ("items", "now", "ids", "date"),
    [
        ((("A", 3), ("B", 5)), 2, "AB", 5),
        ((("A", 3), ("B", 5)), 3, "B", 5),
        ((("A", 3), ("B", 5)), 5, "", None),
        ((("A", 3), ("B", 0)), 2, "AB", None),
        ((("A", 3), ("B", 0)), 9, "B", None),
        ((), 0, "", None),
    ],
)
def test_what_is_left(
    items: tuple[tuple[str, int], ...], now: float, ids: str, date: int | None
) -> None:
    left = written(*items).at(moment(now))
    expires = None if date is None else moment(date)
    assert allowlist_to_api(left) == {
        "items": [{"cve_id": name} for name in ids],
        "expires_at": expires,
    }


NOW = moment(4)
EXPIRED = int(moment(3))


@pytest.mark.parametrize(
    ("desired", "has", "same"),
    [
        (written(("A", 3)), live("A", expires=EXPIRED, now=NOW), True),
        (written(("A", 3)), live("A", expires=0, now=NOW), True),
        (written(("A", 3)), live(), True),
        (written(("A", 3)), live("A"), False),
        (written(("A", 3)), live("A", "B", expires=EXPIRED, now=NOW), False),
        (written(("A", 3), ("B", 5)), live("A", "B", expires=EXPIRED, now=NOW), False),
        (written(), live("A", expires=EXPIRED, now=NOW), False),
        (written(("B", 5)), live("B", expires=int(moment(5))), True),
        (written(("B", 5)), live("B", expires=int(moment(6))), False),
        (written(("B", 5)), live("B"), False),
    ],
)
def test_a_dead_list_is_compared_by_what_it_does(
    desired: Allowlist, has: Allowlist, same: bool
) -> None:
    assert same_lists(desired.at(NOW), has) is same


@given(
    st.dictionaries(st.sampled_from("ABCDEF"), st.integers(0, 20), max_size=6),
    st.integers(1, 21),
)
def test_what_one_run_writes_the_next_finds_the_same(dates: dict[str, int], day: int) -> None:
    now = moment(day)
    desired = written(*dates.items()).at(now)
    assert same_lists(desired, allowlist_from_api(allowlist_to_api(desired), now))
    later = written(*dates.items()).at(now + 86_400)
    stale = allowlist_from_api(allowlist_to_api(desired), now + 86_400)
    assert same_lists(later, stale) == (later.ids == desired.ids or not later.ids)


def test_parts() -> None:
    one, two = written(("A", 3), ("B", 5)), written(("B", 5))
    assert one.minus(two) == Allowlist(frozenset("A"), one.expires)
    assert two.minus(one) is None


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("x", "expected a list of CVEs like {id: CVE-2024-3094}, got `x`"),
        (["A", "A"], "`A` is in the list twice"),
        ([Plain("A"), {"id": "A"}], "`A` is in the list twice"),
        (["A B"], "`A B` is no name of a vulnerability: it is empty, or has a space or comma"),
        ([""], "`` is no name of a vulnerability: it is empty, or has a space or comma"),
        (["A,B"], "`A,B` is no name of a vulnerability: it is empty, or has a space or comma"),
        (["cve-2024-1"], "`cve-2024-1` lets nothing pass: Harbor knows it as CVE-2024-1"),
        ([{"reason": "x"}], "`id` is missing"),
    ],
)
def test_refused(raw: object, expected: str) -> None:
    assert refusal(ALLOWLIST.read, raw) == expected


def test_a_name_alone_is_short() -> None:
    (item,) = ALLOWLIST.read([Plain("GHSA-1234")]).items
    assert item == Allowed.model_construct(id="GHSA-1234", reason="", owner="", expires=0)
    assert ALLOWLIST.write(ALLOWLIST.read(["GHSA-1234"])) == ["GHSA-1234"]
