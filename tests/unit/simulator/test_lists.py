"""Pages of a list hold each entry once, whatever their size; routes are known or not."""

from __future__ import annotations

import json
import re

from hypothesis import given
from hypothesis import strategies as st

from harborconf.simulator.http import Request
from harborconf.simulator.paging import keywords, matching
from harborconf.simulator.routes import ROUTES
from unit.simulator.client import admin

CLIENT = admin()
for NUMBER in range(37):
    CLIENT.state.add_project(f"p{NUMBER:02d}")
NEXT = re.compile(r'</api/v2.0([^>]+)>; rel="next"')


@given(size=st.integers(1, 100))
def test_following_links_gives_everything_once(size: int) -> None:
    names: list[str] = []
    target = f"/projects?page_size={size}"
    while target:
        reply = CLIENT.send("GET", target)
        assert reply.headers["x-total-count"] == "38"
        names += [row["name"] for row in json.loads(reply.body)]
        found = NEXT.search(reply.headers.get("link", ""))
        target = found[1] if found else ""
    assert names == sorted(CLIENT.state.project_order)


def test_queries() -> None:
    rows = [{"name": name} for name in ("a", "b", "ab")]
    keys = {"name": lambda row: row["name"]}

    def found(text: str) -> str:
        wanted = keywords(Request("GET", "/", f"q={text}"))
        return " ".join(row["name"] for row in matching(rows, wanted, keys))

    assert found("name=a") == "a"
    assert found("name=~b") == "b ab"
    assert found("name={a ab}") == "a ab"
    assert found("other=1") == "a b ab"


def test_no_route_stands_twice() -> None:
    paths = [(route.method, re.sub(r"{\w+}", "{}", route.path)) for route in ROUTES]
    assert len(paths) == len(set(paths))
