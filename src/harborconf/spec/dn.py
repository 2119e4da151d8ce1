"""Distinguished names of LDAP: `cn=devs,ou=groups,dc=example,dc=com`."""

from __future__ import annotations

import re

_ATTRIBUTE = r"(?:[A-Za-z][A-Za-z0-9-]*|[0-9]+(?:\.[0-9]+)*)"
# A part is attribute=value; a backslash takes the meaning from what follows.
_PART = rf"\s*{_ATTRIBUTE}\s*=\s*(?:\\.|[^\\,+=])+"
_DN = re.compile(rf"{_PART}(?:[,+]{_PART})+", re.DOTALL)


def is_dn(text: str) -> bool:
    """Whether it looks like a distinguished name: two parts or more."""
    return _DN.fullmatch(text) is not None


def canonical_dn(text: str) -> str:
    """In lower case and without spaces around its parts, as LDAP servers list it to Harbor.

    Harbor (2.13 to 2.15) keeps it in lower case and compares letter by letter.
    """
    parts = re.split(r"(?<!\\)([,+])", text.lower())
    return "".join(_trimmed(part) for part in parts)


def _trimmed(part: str) -> str:
    name, equals, value = part.partition("=")
    return f"{name.strip()}{equals}{value.strip()}"


def first_value(text: str) -> str:
    """The value of the first part: what people call the group."""
    first = re.split(r"(?<!\\)[,+]", text)[0]
    return re.sub(r"\\(.)", r"\1", first.partition("=")[2].strip())
