"""Records by number, by name and by the project they belong to."""

from __future__ import annotations

import itertools
from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

    from harborconf.simulator.http import Json, Record


class Table:
    """Records by number; a number is never used twice, as with a database's sequence.

    `key` names the field of the number, `group` the field of the owner, and `unique` makes
    what no two records share.
    """

    def __init__(
        self, unique: Callable[[Record], Hashable], *, key: str = "id", group: str = ""
    ) -> None:
        self.rows: dict[int, Record] = {}
        self._key = key
        self._group = group
        self._unique = unique
        self._numbers = itertools.count(1)
        self._index: dict[Hashable, Record] = {}
        self._groups: dict[int, dict[int, Record]] = defaultdict(dict)

    def skip(self) -> int:
        """Use up a number, as a refused INSERT does."""
        return next(self._numbers)

    def add(self, row: Record) -> Record:
        """Store a record under a new number."""
        number = row[self._key] = next(self._numbers)
        self.rows[number] = row
        self._index[self._unique(row)] = row
        if self._group:
            self._groups[row[self._group]][number] = row
        return row

    def drop(self, number: int) -> Record | None:
        """Remove a record, if it is there."""
        row = self.rows.pop(number, None)
        if row is not None:
            self._index.pop(self._unique(row), None)
            if self._group:
                self._groups[row[self._group]].pop(number, None)
        return row

    def drop_group(self, group: int) -> None:
        """Remove all records of an owner."""
        for number in tuple(self._groups.get(group, ())):
            self.drop(number)
        self._groups.pop(group, None)

    def change(self, row: Record, **values: Json) -> None:
        """Change a record's fields."""
        self._index.pop(self._unique(row), None)
        row.update(values)
        self._index[self._unique(row)] = row

    def find(self, unique: Hashable) -> Record | None:
        """The record with this name."""
        return self._index.get(unique)

    def of(self, group: int) -> list[Record]:
        """The records of an owner, oldest first."""
        return list(self._groups.get(group, {}).values())

    def count(self, group: int) -> int:
        """How many records an owner has."""
        return len(self._groups.get(group, ()))

    def __iter__(self) -> Iterator[Record]:
        return iter(list(self.rows.values()))

    def __len__(self) -> int:
        return len(self.rows)
