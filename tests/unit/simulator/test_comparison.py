"""The comparison of the replays sees what differs."""

from __future__ import annotations

import pytest

from unit.simulator.comparison import differences
from unit.simulator.exchanges import Json, Numbers


@pytest.mark.parametrize(
    ("recorded", "here"),
    [
        ({"a": 1}, {"a": "1"}),
        ({"a": 1}, {"a": 2}),
        ({"a": True}, {"a": 1}),
        ({"a": None}, {}),
        ({}, {"a": 1}),
        ([1, 2], [1]),
        ([{"name": "a"}], [{"name": "b"}]),
        ({"x_time": "2026-01-01T00:00:00.000Z"}, {"x_time": "0001-01-01T00:00:00.000Z"}),
        ({"x_time": "2026-01-01T00:00:00.000Z"}, {"x_time": "2026-01-01"}),
        ({"message": "robot 5 is gone"}, {"message": "robot 6 is gone"}),
        ({"message": "gone"}, {"message": "away"}),
        ([{"name": "a", "id": 1}, {"name": "b", "id": 2}], [{"name": "a", "id": 7}] * 2),
        ({"id": 1, "x": [{"id": 1}]}, {"id": 2, "x": [{"id": 3}]}),
    ],
)
def test_differences(recorded: Json, here: Json) -> None:
    assert differences(Numbers(), recorded, here, "robot", shortened=False)


@pytest.mark.parametrize(
    ("recorded", "here"),
    [
        (
            [{"name": "a", "id": 1}, {"name": "b", "id": 2}],
            [{"name": "b", "id": 1}, {"name": "a", "id": 9}],
        ),
        ({"retention_id": "5"}, {"retention_id": "6"}),
        ({"x_time": "2026-01-01T00:00:00.000Z"}, {"x_time": "2020-01-01T00:00:00.123Z"}),
        ({"secret": "x"}, {"secret": "y"}),
    ],
)
def test_what_may_differ(recorded: Json, here: Json) -> None:
    assert differences(Numbers(), recorded, here, "robot", shortened=False) == []
