"""What the services have in common that Harbor logs in to: scanners and preheat instances."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

from harborconf.errors import ServerError
from harborconf.kinds.base import Kind
from harborconf.kinds.resource import Comparison, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from enum import Enum

    from harborconf.kinds.resource import Desired, Live, Server


class Service(Kind):
    """A service that Harbor logs in to: `auth` says how, `credential` with what.

    Harbor takes an authentication without a credential, and then fails; and a credential without
    an authentication, and never uses it (2.13 to 2.15).
    """

    auth: ClassVar[type[Enum]]
    """The ways to log in; the first is not to."""

    def check(self, desired: Desired) -> Iterable[tuple[str, str]]:
        """A credential is for an authentication."""
        if "credential" in desired.fields and not self._logs_in(desired.fields):
            *ways, last = [str(way.value) for way in self.auth][1:]
            yield "credential", f"a credential needs `auth`: {', '.join(ways)} or {last}"

    def missing(self, fields: Mapping[str, Any]) -> Sequence[str]:
        """An authentication needs its credential."""
        needed = list(super().missing(fields))
        if self._logs_in(fields) and "credential" not in fields:
            needed.append("`credential`")
        return needed

    def has_secret(self, live: Live) -> bool:
        """Only where Harbor says who it is, in a way that can be written."""
        return self._logs_in(live.fields)

    def _logs_in(self, fields: Mapping[str, Any]) -> bool:
        return fields.get("auth") in list(self.auth)[1:]


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
