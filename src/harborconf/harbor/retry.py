"""Which failures pass, which requests may be repeated, and how long to wait before."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from harborconf.harbor import boundary

if TYPE_CHECKING:
    from harborconf.harbor.reply import Response

ATTEMPTS = 4
FIRST_WAIT_SECONDS = 0.25
LONGEST_WAIT_SECONDS = 30.0
REPEATABLE = frozenset({"GET", "HEAD", "PUT", "DELETE", "PATCH"})
"""Methods whose requests Harbor answers alike when they come twice. A POST is not."""

TOO_MANY = 429
_PASSING = frozenset({502, 503, 504})


def may_repeat(method: str, error: BaseException) -> bool:
    """Whether to ask again after no reply came."""
    safe = method in REPEATABLE or not boundary.was_sent(error)
    return safe and boundary.is_passing(error)


def is_turned_away(method: str, response: Response) -> bool:
    """Whether to ask again after this reply.

    429 is said before a request is handled. 500 is not among these: Harbor says it of things
    that stay so, like a deleted retention policy.
    """
    status = response.status_code
    return status == TOO_MANY or (status in _PASSING and method in REPEATABLE)


def tells_of_load(status: int) -> bool:
    """Whether Harbor, or what stands before it, says that it has too much to do."""
    return status == TOO_MANY or status in _PASSING


def wait_before(attempt: int, response: Response | None = None) -> float:
    """Seconds to wait before an attempt (the second is 2): Retry-After, else ever longer.

    Jitter keeps requests that failed together from coming back together.
    """
    asked = None if response is None else _retry_after(response)
    if asked is not None:
        return min(max(asked, 0.0), LONGEST_WAIT_SECONDS)
    longest = min(FIRST_WAIT_SECONDS * 3.0 ** (attempt - 2), LONGEST_WAIT_SECONDS)
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - not a secret


def concerns_all(response: Response | None) -> bool:
    """Whether every request has to wait, as Harbor speaks of who asks and not of one request."""
    if response is None:
        return False
    return response.status_code == TOO_MANY or _retry_after(response) is not None


def _retry_after(response: Response) -> float | None:
    """Seconds or a date, as RFC 9110 allows both."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isdecimal():
        return float(value)
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return (until - datetime.now(UTC)).total_seconds()
