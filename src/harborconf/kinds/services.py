"""What the services have in common that Harbor logs in to: scanners and preheat instances."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from harborconf.errors import ServerError
from harborconf.kinds.resource import Comparison, Verdict

if TYPE_CHECKING:
    from harborconf.kinds.resource import Server


def tells_credentials(server: Server) -> bool:
    """Whether Harbor tells their credentials. 2.14.4, 2.15.1 and later keep them to themselves."""
    version = server.version
    return version < (2, 14, 4) or (2, 15) <= version < (2, 15, 1)


def compare_credentials(server: Server, *, same: bool, same_auth: bool) -> Comparison:
    """Whether the live credential is the desired one, as far as this Harbor tells it."""
    if tells_credentials(server):
        if same:
            return Comparison(Verdict.EQUAL)
        return Comparison(Verdict.DIFFERENT, "Harbor has another one")
    if not same_auth:
        return Comparison(Verdict.DIFFERENT, "it goes with the authentication")
    return Comparison(Verdict.UNKNOWN, "Harbor never tells it")


@contextmanager
def explained(advice: str) -> Iterator[None]:
    """Say what Harbor's `internal server error` is likely to mean."""
    try:
        yield
    except ServerError as error:
        error.advice = advice or error.advice
        raise
