"""Values as one line of text that cannot disturb a terminal."""

from __future__ import annotations

import json
import re
from typing import Any

_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_PLAIN = re.compile(r"[\w./*@+:$-][\w ./*@+:$%~()-]*")


def safe(text: str) -> str:
    """Text with control and direction-changing characters spelled out."""
    return _UNSAFE.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


def inline(value: Any) -> str:
    """A value as YAML would write it in one line."""
    if value is None:
        return "not set"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return (
            "{" + ", ".join(f"{inline(key)}: {inline(item)}" for key, item in value.items()) + "}"
        )
    if isinstance(value, list | tuple):
        return "[" + ", ".join(inline(item) for item in value) + "]"
    text = str(value)
    if isinstance(value, str) and not _PLAIN.fullmatch(text):
        return safe(json.dumps(text, ensure_ascii=False))
    return safe(text)
