"""Lists: pages, `q=` and `sort=`."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar
from urllib.parse import unquote_plus

from harborconf.simulator.http import Reply, bad_request, invalid, ok

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from harborconf.simulator.http import Json, Record, Request

    Keys = Mapping[str, Callable[[Record], Json]]

_MAX_SIZE, _DEFAULT_SIZE = 100, 10
_Row = TypeVar("_Row")


def whole_number(request: Request, name: str, default: int) -> int:
    """A whole number of the query."""
    text = request.query.get(name)
    if text is None:
        return default
    try:
        return int(text)
    except ValueError:
        problem = f'{name} in query must be of type int64: "{text}"'
        raise invalid(problem) from None


def page(request: Request, rows: Sequence[_Row], show: Callable[[_Row], Json]) -> Reply:
    """A page of a list. A size of 0 or less is everything; a page below 1 is the first."""
    return some(request, rows, len(rows), show)


def some(request: Request, rows: Sequence[_Row], total: int, show: Callable[[_Row], Json]) -> Reply:
    """A page of what is not always as much as its total says, as with members."""
    size = whole_number(request, "page_size", _DEFAULT_SIZE)
    number = whole_number(request, "page", 1)
    if size > _MAX_SIZE:
        problem = "page_size in query should be less than or equal to 100"
        raise invalid(problem)
    start = max(number - 1, 0) * size
    chosen = rows[start : start + size] if size > 0 else rows
    reply = ok([show(row) for row in chosen], x_total_count=str(total))
    if link := _links(request, number, size, total):
        reply.headers["link"] = link
    return reply


def _links(request: Request, number: int, size: int, total: int) -> str:
    if size == 0:
        return ""
    links = []
    if number > 1 and (number - 1) * size < total:
        links.append(f'<{_address(request, number - 1, size)}>; rel="prev"')
    if number * size < total:
        links.append(f'<{_address(request, number + 1, size)}>; rel="next"')
    return " , ".join(links)


def _address(request: Request, number: int, size: int) -> str:
    """The names are sorted and, a fact of Harbor, nothing is escaped."""
    query = {**request.query, "page": str(number), "page_size": str(size)}
    pairs = "&".join(f"{name}={value}" for name, value in sorted(query.items()))
    return f"{request.path}?{pairs}"


def keywords(request: Request) -> dict[str, str]:
    """The pairs of `q=`, with names in lower case: `name=x`, `name=~x`, `name={a b}`."""
    found = {}
    # Harbor decodes what it has decoded already once more.
    for item in filter(None, unquote_plus(request.query.get("q", "")).split(",")):
        name, equals, value = item.partition("=")
        if not (name and equals and value):
            message = 'the query string must contain "=" and the key/value cannot be empty'
            raise bad_request(message)
        found[name.lower()] = value
    return found


def matching(rows: Iterable[Record], wanted: Mapping[str, str], keys: Keys) -> list[Record]:
    """The rows that fit `q=`. Unknown names are ignored, as Harbor ignores them."""
    found = list(rows)
    for name, value in wanted.items():
        if name in keys:
            found = [row for row in found if _fits(str(keys[name](row)), value)]
    return found


def _fits(text: str, wanted: str) -> bool:
    if wanted.startswith("~"):
        return wanted[1:] in text
    if wanted[0] + wanted[-1] in {"{}", "()"}:
        return text in wanted[1:-1].split()
    return text == wanted


def in_order(rows: list[Record], sort: str, keys: Keys, default: str = "") -> list[Record]:
    """The rows in the order of `sort=`. Unknown names are ignored."""
    known = [name for name in sort.split(",") if name.lstrip("+-") in keys]
    for name in reversed(known or [default] if default else known):
        rows = sorted(rows, key=keys[name.lstrip("+-")], reverse=name.startswith("-"))
    return rows
