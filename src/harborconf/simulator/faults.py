"""Faults for tests, as hooks: `state.before = nth(2, lambda: Reply(502), method="POST")`."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from harborconf.simulator.http import DroppedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from harborconf.simulator.http import Reply, Request


def drop() -> Reply:
    """Cut the connection."""
    raise DroppedError


def nth(
    number: int, fault: Callable[[], Reply | None], *, method: str = "", path: str = ""
) -> Callable[..., Reply | None]:
    """A hook for `before` or `after` that makes a fault of the n-th request that fits, from 1.

    Args:
        number: Which one.
        fault: Gives the reply to send, raises `DroppedError`, or does something else, such as
            `state.expire_sessions`, and lets the request go on.
        method: Only requests with this method.
        path: Only requests with this text in their path.
    """
    seen = itertools.count(1)

    def hook(request: Request, *_: Reply) -> Reply | None:
        fits = method in {"", request.method} and path in request.path
        return fault() if fits and next(seen) == number else None

    return hook
