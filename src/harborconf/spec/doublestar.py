"""The patterns that Harbor matches repositories and tags with.

Harbor 2.13 to 2.15 use the Go library doublestar 1.3.4: `*` stays within one `/`; `**` crosses
it where it is a whole part between two slashes, and is a `*` elsewhere, also as an alternative
in braces: `{**,x}` does not match `a/b`. In brackets only `^` negates.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_MOST = 10_000
"""Alternatives that one pattern may stand for."""
_OPENED = "\0"
"""Stands where braces were opened: what follows is not a whole part."""


class PatternError(ValueError):
    """Text that is no pattern."""


def matches(pattern: str, name: str) -> bool:
    """Whether the whole name matches; an empty pattern matches everything, as in Harbor.

    Raises:
        PatternError: brackets or braces are left open, or a range has no end.
    """
    return not pattern or _compiled(pattern).fullmatch(name) is not None


@dataclass(frozen=True, slots=True)
class Names:
    """What names are made of; `first` and `last` stand at the ends of each part between `/`."""

    letters: str
    first: str
    last: str
    nested: bool = False


@lru_cache(maxsize=1024)
def can_match(pattern: str, names: Names) -> bool:
    """Whether such a name may match. False is certain, True is not.

    Raises:
        PatternError: it is no pattern.
    """
    return any(_can(one.split("/"), names) for one in _alternatives(pattern))


def _can(parts: list[str], names: Names) -> bool:
    if not names.nested and any(part != "**" for part in parts[:-1]):
        return False
    for part in parts:
        pieces = [] if part == "**" else _pieces(part) or [""]
        wanted = [(names.letters, piece) for piece in pieces]
        wanted += [(names.first, piece) for piece in pieces[:1]]
        wanted += [(names.last, piece) for piece in pieces[-1:]]
        if not all(_can_be(piece, letters) for letters, piece in wanted):
            return False
    return True


def _can_be(piece: str, letters: str) -> bool:
    """Whether one of these characters stands for it; nothing does for an empty part."""
    return piece == "*" or (piece != "" and re.search(_regex(piece), letters) is not None)


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{_plain(one)})" for one in _alternatives(pattern)), re.DOTALL)


def _alternatives(pattern: str) -> list[str]:
    """The patterns without braces that a pattern stands for."""
    found, open_ones = [], [pattern]
    while open_ones:
        one = open_ones.pop()
        start = _index(one, "{")
        if start == -1:
            found.append(one)
            continue
        options, end = _options(one, start)
        open_ones += [f"{one[:start]}{_OPENED}{option}{one[end:]}" for option in options]
        if len(open_ones) + len(found) > _MOST:
            message = f"the braces stand for more than {_MOST} patterns"
            raise PatternError(message)
    return found


def _index(text: str, wanted: str) -> int:
    """Where an unescaped character stands outside brackets, or -1."""
    index, in_class = 0, False
    while index < len(text):
        character = text[index]
        if character == "\\":
            index += 1
        elif in_class:
            in_class = character != "]"
        elif character == wanted:
            return index
        else:
            in_class = character == "["
        index += 1
    return -1


def _options(text: str, start: int) -> tuple[list[str], int]:
    """The options of the braces that open at `start`, and where they end."""
    options: list[str] = []
    begin, depth, index = start + 1, 0, start
    while index < len(text):
        match text[index]:
            case "\\":
                index += 1
            case "{":
                depth += 1
            case "}" if depth == 1:
                return [*options, text[begin:index]], index + 1
            case "}":
                depth -= 1
            case "," if depth == 1:
                options.append(text[begin:index])
                begin = index + 1
        index += 1
    message = "its braces are left open"
    raise PatternError(message)


def _plain(pattern: str) -> str:
    """The regular expression of a pattern without braces."""
    parts = pattern.split("/")
    last = len(parts) - 1
    found = ""
    for index, part in enumerate(parts):
        if part == "**":
            found += ".*" if index == last else "(?:[^/]*/)*"
        else:
            found += _part(part) + ("" if index == last else "/")
    return found


def _part(part: str) -> str:
    return "".join(_regex(piece) for piece in _pieces(part))


def _pieces(part: str) -> list[str]:
    """What a part is made of: characters, wildcards, and sets of characters."""
    part = part.replace(_OPENED, "")
    found, index = [], 0
    while index < len(part):
        end = index + 1
        if part[index] == "[":
            end += _class_end(part[end:]) + 1
        elif part[index] == "\\":
            end += 1
        found.append(part[index:end])
        index = end
    return found


def _regex(piece: str) -> str:
    match piece[0]:
        case "*":
            return "[^/]*"
        case "?":
            return "[^/]"
        case "[":
            return _class(piece[1:-1])
        case "\\" if len(piece) == 1:
            message = "nothing follows its last backslash"
            raise PatternError(message)
        case _:
            return re.escape(piece[-1])


def _class_end(text: str) -> int:
    escaped = False
    for index, character in enumerate(text):
        if character == "]" and not escaped:
            return index
        escaped = character == "\\" and not escaped
    message = "its brackets are left open"
    raise PatternError(message)


_RANGE = re.compile(r"(\\.|[^\\-])(?:-(\\.|[^\\-]))?", re.DOTALL)


def _class(content: str) -> str:
    negated = content.startswith("^")
    rest, items = content[negated:], ""
    while rest:
        found = _RANGE.match(rest)
        if found is None:
            message = f"`[{content}]` is no set of characters"
            raise PatternError(message)
        low, high = found[1][-1], (found[2] or found[1])[-1]
        if low <= high:
            items += f"{re.escape(low)}-{re.escape(high)}"
        rest = rest[found.end() :]
    if not content or (not items and not negated):
        message = "its brackets hold nothing"
        raise PatternError(message)
    return f"[^/{items}]" if negated else f"[{items}]"
