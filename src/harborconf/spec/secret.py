"""The one type that carries a secret."""

from __future__ import annotations

import hmac
from typing import NoReturn

HIDDEN = "(hidden)"
TRIMMED = "ends in a newline, which is taken off"
"""What is said of a place where nobody writes a newline on purpose."""


def trimmed(text: str) -> str:
    """What was meant: editors and `echo` end a text with a newline."""
    return text.removesuffix("\n").removesuffix("\r")


class Secret:
    """A secret in memory. It cannot be printed, formatted, compared by accident or pickled."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself: only for the request or the store it belongs to."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._value.encode(), other._value.encode())

    __hash__ = None  # type: ignore[assignment]  # a hash of a secret is a leak

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__

    def __format__(self, format_spec: str) -> str:
        return repr(self)

    def __reduce__(self) -> NoReturn:
        msg = "a secret is never serialised"
        raise TypeError(msg)
