"""Globs over names and addresses: `*` and `?` stay within one `/`, `**` crosses it."""

from __future__ import annotations

import re
from functools import lru_cache


@lru_cache(maxsize=1024)
def _compiled(glob: str) -> re.Pattern[str]:
    pattern = ""
    for token in re.findall(r"\*\*|\*|\?|[^*?]+", glob):
        match token:
            case "**":
                pattern += ".*"
            case "*":
                pattern += "[^/]*"
            case "?":
                pattern += "[^/]"
            case _:
                pattern += re.escape(token)
    return re.compile(pattern, re.DOTALL)


def matches(glob: str, name: str) -> bool:
    """Whether the whole name matches the glob."""
    return _compiled(glob).fullmatch(name) is not None
