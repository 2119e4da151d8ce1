"""Text that cannot disturb a terminal. Nothing else is needed to tell an error, so it is alone."""

from __future__ import annotations

import re
from functools import cache

# Control, invisible and direction-changing characters, and halves of a surrogate pair.
_UNSAFE = (
    r"[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    r"\ud800-\udfff\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)


def safe(text: str) -> str:
    """Text that stays in its line and says what it is: what would not be seen is spelled out."""
    if text.isprintable():
        return text
    return _unsafe().sub(lambda match: match[0].encode("unicode_escape").decode(), text)


@cache
def _unsafe() -> re.Pattern[str]:
    """Compiled when it is first needed: so many characters take 5 ms."""
    return re.compile(_UNSAFE)
