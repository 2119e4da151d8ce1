"""Globs over names and addresses: `*` and `?` stay within one `/`, `**` crosses it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_SEPARATOR = "/"


@dataclass(frozen=True, slots=True)
class _Glob:
    """A glob as sets of states, each an integer's bits: bit n is "n characters are matched".

    Stars keep a state as it is; every other character of the glob leads to the next state. So
    the time is that of the name times the glob, whatever stands in them.
    """

    length: int
    literal: dict[str, int]
    any_in_part: int
    stars: int
    double_stars: int

    def matches(self, name: str) -> bool:
        states = 1
        for character in name:
            step = self.literal.get(character, 0)
            stay = self.double_stars
            if character != _SEPARATOR:
                step |= self.any_in_part
                stay |= self.stars
            states = (states & step) << 1 | (states & stay)
        return bool(states >> self.length & 1)


@lru_cache(maxsize=1024)
def _compiled(glob: str) -> _Glob:
    length = any_in_part = stars = double_stars = 0
    literal: dict[str, int] = {}
    for token in re.findall(r"\*+|[^*]", glob, re.DOTALL):
        bit = 1 << length
        match token:
            case "*":
                stars |= bit
            case str() if token.startswith("*"):
                double_stars |= bit
            case "?":
                any_in_part |= bit
                length += 1
            case _:
                literal[token] = literal.get(token, 0) | bit
                length += 1
    return _Glob(length, literal, any_in_part, stars, double_stars)


def matches(glob: str, name: str) -> bool:
    """Whether the whole name matches the glob."""
    return _compiled(glob).matches(name)
