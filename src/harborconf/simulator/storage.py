"""Limits of storage."""

from __future__ import annotations

from harborconf.simulator.http import bad_request

UNLIMITED = -1
_LARGEST = 1 << 50


def check_limit(value: int, prefix: str = "") -> None:
    """Refuse 0, negative limits but -1, and more than 1024 TiB."""
    if value <= 0 and value != UNLIMITED:
        message = f"{prefix}invalid non-positive value for quota limit, value={value}"
        raise bad_request(message)
    if value > _LARGEST:
        message = f"{prefix}exceeded 1024TB, which is {_LARGEST} Bytes, value={value}"
        raise bad_request(message)
