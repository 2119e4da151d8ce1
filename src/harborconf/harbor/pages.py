"""Whole lists from a server that gives them in pages.

Pages are read side by side: Harbor loads `GET /quotas` about 17 ms an entry, one entry after
another, so that ten pages of 10 at once take a tenth of the time of one page of 100.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from harborconf.errors import NotHarborError, UnsteadyError

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable, Mapping

    from harborconf.harbor.reply import Response

T = TypeVar("T")

LARGEST_PAGE = 100
"""What Harbor allows; more is answered 422."""

ATTEMPTS = 5
"""How often a list is read that changes between its pages; where many write, most do."""


class Fetch(Protocol):
    """A GET of one path with these parameters."""

    def __call__(self, params: Mapping[str, Any], /) -> Coroutine[Any, Any, Response]:
        """The reply to it."""


async def whole(
    fetch: Fetch, path: str, params: Mapping[str, Any], limit: int | None = None
) -> Any:
    """A reply that is no list as it is; a list with all its pages, or its first `limit` items.

    Without a `page_size` the first reply may be everything; where it is not, the list is read
    in the largest pages. A `page` in `params` is where reading begins.

    What was asked for with a `page_size` must be a list: anything else would look like none.

    Raises:
        NotHarborError: it is none.
        UnsteadyError: the list kept changing while it was read.
    """
    reply = await fetch(params)
    body = reply.json()
    if not isinstance(body, list):
        if "page_size" in params:
            message = f"GET {path}: a list was expected, and the reply is none"
            raise NotHarborError(message, advice="check Harbor's URL")
        return body
    size = int(params.get("page_size", 0))
    skipped = (int(params.get("page", 1)) - 1) * size
    if skipped + len(body) >= _total(reply, default=0) or (limit and len(body) >= limit):
        return body[:limit]
    if not size:
        params = {**params, "page_size": LARGEST_PAGE}
        reply = await fetch(params)
    last = None
    for attempt in range(ATTEMPTS):
        found = await _pages(fetch, params, await fetch(params) if attempt else reply, limit)
        if found.is_whole or (found == last and found.is_steady):
            return found.items
        last = found
    message = f"GET {path}: the list changes while it is read"
    raise UnsteadyError(message, advice="run again when nobody else writes as much")


@dataclass(frozen=True, slots=True)
class _Pages:
    """What the pages of a list hold.

    It is steady if every page tells the same total, and whole if that many items came. Harbor
    (2.13 to 2.15) counts members whose role is none and does not show them: such a list is
    never whole, and believed when it is twice the same.
    """

    items: list[Any]
    is_steady: bool
    is_whole: bool


async def _pages(
    fetch: Fetch, params: Mapping[str, Any], first: Response, limit: int | None
) -> _Pages:
    """The first page with those after it."""
    size, begin = int(params["page_size"]), int(params.get("page", 1))
    total = _total(first, default=0)
    wanted = total - (begin - 1) * size
    needed = min(wanted, limit or wanted)
    numbers = range(begin + 1, begin + -(-needed // size))
    replies = await together(fetch({**params, "page": number}) for number in numbers)
    found = [item for reply in (first, *replies) for item in _items(reply)]
    is_steady = all(_total(reply, default=-1) == total for reply in replies)
    too_many = needed == wanted and len(found) > wanted
    return _Pages(found[:limit], is_steady, is_steady and len(found) >= needed and not too_many)


def _total(reply: Response, *, default: int) -> int:
    """How many entries the whole list has, as X-Total-Count says."""
    text = reply.headers.get("X-Total-Count", "")
    return int(text) if text.isdecimal() else default


def _items(reply: Response) -> list[Any]:
    items = reply.json()
    if not isinstance(items, list):
        message = "the next page of a list is no list"
        raise NotHarborError(message, advice="check Harbor's URL")
    return items


async def together(jobs: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """What all the jobs bring. The first failure ends the others."""
    tasks = [asyncio.create_task(job) for job in jobs]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
