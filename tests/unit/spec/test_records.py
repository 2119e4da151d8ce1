"""Lists without names: sets of records."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from harborconf.spec.records import Foreign, Record, ValueProblemError, records
from harborconf.spec.value import Count, Flag, Plain, Text


class Fruit(Record):
    name: Text
    count: Count = 1
    ripe: Flag = True


FRUIT = records("fruit", Fruit, 3)


def test_a_set_of_records() -> None:
    found = FRUIT.read([{"name": "pear"}, {"name": "fig", "count": Plain("2")}])
    assert found == {
        Fruit.model_construct(name="pear"),
        Fruit.model_construct(name="fig", count=2),
    }
    assert FRUIT.write(found) == [{"name": "fig", "count": 2}, {"name": "pear"}]
    assert FRUIT.read([]) == frozenset()


@pytest.mark.parametrize(
    ("raw", "expected", "path", "at_key"),
    [
        (None, "expected a list of fruit", (), False),
        ({"name": "pear"}, "expected a list of fruit", (), False),
        (["pear"], "expected a map with name, count, ripe", (0,), False),
        ([{}], "`name` is missing", (0, "name"), False),
        ([{"name": ["pear"]}], "expected text, got a list", (0, "name"), False),
        ([{"name": "pear", "count": "2"}], "expected a whole number, got `2`", (0, "count"), False),
        (
            [{"name": "pear"}, {"name": "fig", "ripee": Plain("true")}],
            "unknown key `ripee`; did you mean `ripe`?",
            (1, "ripee"),
            True,
        ),
        (
            [{"name": "fig", "xyz": "1"}],
            "unknown key `xyz`; known are name, count, ripe",
            (0, "xyz"),
            True,
        ),
        (
            [{"name": "fig"}, {"name": "pear"}, {"name": "fig", "count": Plain("1")}],
            "this is the same as item 1 of the fruit: Harbor takes it once",
            (2,),
            False,
        ),
        (
            [{"name": str(number)} for number in range(5)],
            "Harbor takes at most 3 fruit, here are 5",
            (3,),
            False,
        ),
    ],
)
def test_refused_at_a_place(
    raw: object, expected: str, path: tuple[str | int, ...], at_key: bool
) -> None:
    with pytest.raises(ValueProblemError) as caught:
        FRUIT.read(raw)
    assert (str(caught.value), caught.value.path, caught.value.at_key) == (expected, path, at_key)


def test_what_cannot_be_written_is_shown() -> None:
    assert FRUIT.write(frozenset({Foreign("{}")})) == [{"unreadable": "{}"}]


@given(
    st.sets(
        st.builds(
            Fruit.model_construct, name=st.text(), count=st.integers(-9, 9), ripe=st.booleans()
        )
    )
)
def test_records_round_trip_in_any_order(fruit: set[Fruit]) -> None:
    kind = records("fruit", Fruit)
    written = kind.write(frozenset(fruit))
    Draft202012Validator(kind.schema).validate(written)
    marked = [
        {
            key: value if isinstance(value, str) else Plain(str(value).lower())
            for key, value in item.items()
        }
        for item in reversed(written)
    ]
    assert kind.read(marked) == fruit
