"""Lists come whole, whatever the pages, or not at all."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict, CIMultiDictProxy

from harborconf.errors import NotFoundError, NotHarborError, UnsteadyError
from harborconf.harbor.pages import ATTEMPTS, together, whole
from harborconf.harbor.reply import Response

DEFAULT_PAGE = 10


class Server:
    """A list in pages. `change` may alter it after each request; the first has number 1."""

    def __init__(self, length: int, change: Callable[[Server, int], None] | None = None) -> None:
        self.items = list(range(length))
        self.change = change
        self.asked: list[dict[str, Any]] = []
        self.at_once = self.most_at_once = self.answered = 0

    async def __call__(self, params: Mapping[str, Any], /) -> Response:
        self.asked.append(dict(params))
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        size, page = int(params.get("page_size", DEFAULT_PAGE)), int(params.get("page", 1))
        found = self.items if size <= 0 else self.items[(page - 1) * size : page * size]
        reply = response(found, len(self.items))
        self.answered += 1
        if self.change:
            self.change(self, self.answered)
        return reply


def response(body: Any, total: int | None) -> Response:
    headers = CIMultiDict() if total is None else CIMultiDict({"x-total-count": str(total)})
    return Response(200, CIMultiDictProxy(headers), json.dumps(body).encode())


def read(server: Server, limit: int | None = None, **params: int) -> Any:
    return asyncio.run(whole(server, "/things", params, limit))


@pytest.mark.parametrize(
    ("length", "params", "pages"),
    [
        (0, {}, [{}]),
        (10, {}, [{}]),
        (11, {}, [{}, {"page_size": 100}]),
        (
            250,
            {},
            [{}, *({"page_size": 100} | ({"page": n} if n > 1 else {}) for n in (1, 2, 3))],
        ),
        (100, {"page_size": 100}, [{"page_size": 100}]),
        (
            25,
            {"page_size": 10},
            [{"page_size": 10}, {"page_size": 10, "page": 2}, {"page_size": 10, "page": 3}],
        ),
        (25, {"page_size": 0}, [{"page_size": 0}]),
        (25, {"page_size": -1}, [{"page_size": -1}]),
    ],
)
def test_the_requests_that_a_list_takes(
    length: int, params: dict[str, int], pages: list[dict[str, int]]
) -> None:
    server = Server(length)
    assert read(server, **params) == list(range(length))
    assert server.asked == pages


def test_pages_are_read_side_by_side() -> None:
    server = Server(100)
    read(server, page_size=10)
    assert server.most_at_once == 9


@given(st.integers(0, 60), st.integers(1, 12), st.none() | st.integers(1, 70))
def test_any_list_in_any_pages(length: int, size: int, limit: int | None) -> None:
    assert read(Server(length), limit, page_size=size) == list(range(length))[:limit]


@given(st.integers(0, 60), st.integers(1, 12), st.integers(1, 5))
def test_reading_begins_at_the_page_asked_for(length: int, size: int, page: int) -> None:
    assert (
        read(Server(length), page_size=size, page=page) == list(range(length))[(page - 1) * size :]
    )


def test_no_more_pages_than_the_limit_needs() -> None:
    server = Server(100)
    assert read(server, 25, page_size=10) == list(range(25))
    assert len(server.asked) == 3


@pytest.mark.parametrize("body", [{"a": 1}, "", None, 5])
def test_what_is_no_list_is_passed_on(body: Any) -> None:
    async def fetch(_: Mapping[str, Any], /) -> Response:
        return response(body, 50)

    assert asyncio.run(whole(fetch, "/thing", {})) == body


@pytest.mark.parametrize("body", [{}, "", None])
def test_what_should_be_a_list_and_is_none_is_not_taken_for_an_empty_one(body: Any) -> None:
    async def fetch(_: Mapping[str, Any], /) -> Response:
        return response(body, None)

    with pytest.raises(NotHarborError, match="GET /things: a list was expected"):
        asyncio.run(whole(fetch, "/things", {"page_size": 100}))


def test_a_list_that_does_not_tell_its_length_is_taken_as_it_comes() -> None:
    async def fetch(_: Mapping[str, Any], /) -> Response:
        return response([1, 2], None)

    assert asyncio.run(whole(fetch, "/things", {"page_size": 2})) == [1, 2]


@pytest.mark.parametrize("times", [1, ATTEMPTS - 1])
def test_a_list_that_changes_is_read_again(times: int) -> None:
    def change(server: Server, request: int) -> None:
        if request % 3 == 2 and len(server.items) > 25 - times:
            server.items.pop(0)

    server = Server(25, change)
    assert read(server, page_size=10) == list(range(times, 25))
    assert len(server.asked) == 3 * (times + 1)


def test_a_list_that_is_always_shorter_than_its_length_is_believed() -> None:
    """Harbor counts members whose role is none and does not show them."""

    async def fetch(params: Mapping[str, Any], /) -> Response:
        return response([1] if params.get("page", 1) == 1 else [], 2)

    assert asyncio.run(whole(fetch, "/things", {"page_size": 1})) == [1]


@pytest.mark.parametrize(
    "change",
    [
        lambda server, _: server.items.append(0),
        lambda server, _: server.items.pop(),
    ],
)
def test_a_list_that_keeps_changing_is_an_error(change: Callable[[Server, int], None]) -> None:
    with pytest.raises(UnsteadyError, match="GET /things: the list changes while it is read"):
        read(Server(50, change), page_size=10)


def test_a_page_that_is_no_list() -> None:
    async def fetch(params: Mapping[str, Any], /) -> Response:
        return response([1] if "page" not in params else {}, 2)

    with pytest.raises(NotHarborError):
        asyncio.run(whole(fetch, "/things", {"page_size": 1}))


def test_the_first_failure_ends_the_others() -> None:
    ended: list[str] = []

    async def fail() -> None:
        message = "gone"
        raise NotFoundError(message, status=404, method="GET", path="/x")

    async def wait() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("cancelled")

    async def run() -> None:
        with pytest.raises(NotFoundError):
            await together([wait(), fail(), wait()])
        assert ended == ["cancelled", "cancelled"]

    asyncio.run(run())
