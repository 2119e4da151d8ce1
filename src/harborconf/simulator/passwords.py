"""What Harbor takes for a password or a secret."""

from __future__ import annotations

import secrets
import string

_SHORTEST, _LONGEST = 8, 128
_GENERATED = 32
RULE = (
    "must be 8-128, inclusively, characters long with at least 1 uppercase letter, "
    "1 lowercase letter and 1 number"
)


def good(text: str) -> bool:
    """Whether it is long and mixed enough."""
    return _SHORTEST <= len(text) <= _LONGEST and all(
        any(char in kind for char in text)
        for kind in (string.ascii_uppercase, string.ascii_lowercase, string.digits)
    )


def generate() -> str:
    """A secret of a robot."""
    alphabet = string.ascii_letters + string.digits
    text = ""
    while not good(text):
        text = "".join(secrets.choice(alphabet) for _ in range(_GENERATED))
    return text
