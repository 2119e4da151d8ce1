"""The count that shows whether a real Harbor was tested."""

from __future__ import annotations

from collections import Counter

import pytest

from contract.counts import REAL, SIMULATED, Counts

URL = "http://harbor.example.com"


@pytest.mark.parametrize(
    ("url", "selected", "found", "fails"),
    [
        ("", 3, {SIMULATED: 3}, False),
        (URL, 3, {SIMULATED: 3}, True),
        (URL, 3, {SIMULATED: 2, REAL: 1}, False),
        (URL, 0, {}, False),
    ],
)
def test_a_run_that_misses_the_real_harbor_fails(
    url: str, selected: int, found: dict[str, int], fails: bool
) -> None:
    assert bool(Counts(url, selected, Counter(found)).problem) is fails


def test_it_says_how_many_ran_where() -> None:
    counts = Counts(URL, 3, Counter({SIMULATED: 2, REAL: 1}))
    assert str(counts) == f"contract tests: 1 on a real Harbor ({URL}), 2 simulated, 0 skipped"
