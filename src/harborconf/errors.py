"""Every error a user can meet, in one tree.

    HarborconfError
    ├── UsageError              the command line or the environment is wrong
    ├── DocumentError           the YAML is wrong: one or many problems, each with file:line:column
    ├── StoreError              a place where a secret lives cannot be read or written
    ├── RefusedError            harborconf will not go on: a guard, a declined prompt
    │   └── StaleError          a reviewed plan does not hold any more
    └── HarborError             Harbor, or the way to it
        ├── UnreachableError    no connection, no name, time is up
        ├── TlsError            the certificate is not trusted
        ├── UnsteadyError       a list keeps changing while it is read
        ├── NotHarborError      what answers is no Harbor, or an unsupported version
        ├── AuthenticationError the credential is refused, or the session was lost
        └── ReplyError          Harbor answered with an error status
            ├── NotPermittedError   403
            ├── NotFoundError       404
            ├── ConflictError       409 and 412
            ├── InvalidError        400 and 422
            └── ServerError         429 and 5xx

A message says what is wrong; `advice` says what to do about it. Every one of them ends
the program with exit code 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harborconf.position import Position

if TYPE_CHECKING:
    from collections.abc import Iterable


class HarborconfError(Exception):
    """The root: a message for people and what they can do about it."""

    def __init__(self, message: str, *, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice

    def lines(self) -> tuple[str, ...]:
        """The error as lines of text, most important first."""
        return (self.message,)


class UsageError(HarborconfError):
    """The command line or the environment is wrong."""


_FIRST = Position("", 0, 0)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in the YAML, and where."""

    message: str
    position: Position | None = None
    advice: str = ""

    def __str__(self) -> str:
        text = f"{self.position}: {self.message}" if self.position else self.message
        return f"{text} ({self.advice})" if self.advice else text


class DocumentError(HarborconfError):
    """The YAML is wrong. Carries every problem found, not only the first, file by file."""

    def __init__(self, problems: Iterable[Problem], *, advice: str = "") -> None:
        self.problems = tuple(sorted(problems, key=lambda one: one.position or _FIRST))
        super().__init__("\n".join(str(problem) for problem in self.problems), advice=advice)

    def lines(self) -> tuple[str, ...]:
        """One line a problem."""
        return tuple(str(problem) for problem in self.problems)


class StoreError(HarborconfError):
    """A place where a secret lives cannot be read or written."""


class RefusedError(HarborconfError):
    """harborconf will not go on, to be safe."""


class StaleError(RefusedError):
    """A reviewed plan does not hold any more. Carries every way in which it does not."""

    def __init__(self, message: str, differences: Iterable[str] = (), *, advice: str = "") -> None:
        super().__init__(message, advice=advice)
        self.differences = tuple(differences)

    def lines(self) -> tuple[str, ...]:
        """What is stale, then one line a difference."""
        return (self.message, *self.differences)


class HarborError(HarborconfError):
    """Harbor, or the way to it, is the problem."""


class UnreachableError(HarborError):
    """Nothing answers: no connection, no such name, or time is up."""


class TlsError(HarborError):
    """The server's certificate is not trusted."""


class UnsteadyError(HarborError):
    """A list keeps changing while its pages are read."""


class NotHarborError(HarborError):
    """What answers is no Harbor, or a version older than supported."""


class AuthenticationError(HarborError):
    """The credential is refused, or the session was lost and could not be renewed."""


class ReplyError(HarborError):
    """Harbor answered a request with an error status.

    `status` is the HTTP status, `method` and `path` name the request, and the message is
    Harbor's own.
    """

    def __init__(
        self, message: str, *, status: int, method: str, path: str, advice: str = ""
    ) -> None:
        super().__init__(message, advice=advice)
        self.status = status
        self.method = method
        self.path = path

    def lines(self) -> tuple[str, ...]:
        """Harbor's message with the request that met it."""
        return (f"{self.method} {self.path}: {self.status} {self.message}",)


class NotPermittedError(ReplyError):
    """403: the credential may not do this."""


class NotFoundError(ReplyError):
    """404: there is no such thing."""


class ConflictError(ReplyError):
    """409 or 412: it exists already, or something stands in the way."""


class InvalidError(ReplyError):
    """400 or 422: Harbor does not accept what was sent."""


class ServerError(ReplyError):
    """429 or 5xx: Harbor could not answer."""


def place_of(error: BaseException) -> str:
    """Where in the code something went wrong.

    That is told of errors which are not ours: what Python says of them may hold anything.
    """
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    name = "" if trace is None else f" in {trace.tb_frame.f_globals.get('__name__')}"
    return f"{type(error).__name__}{name}:{trace.tb_lineno if trace else 0}"


def not_understood(error: BaseException) -> str:
    """What is said of a reply that a kind stumbled over: the missing key, or only the place."""
    what = f"KeyError: {error}" if isinstance(error, KeyError) else place_of(error)
    return f"Harbor's reply was not understood: {what}"
