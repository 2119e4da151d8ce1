"""The page of a plan in a real browser: it is searched, filtered, folded, and loads nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from browser.chromium import Page, found, running, tab
from harborconf.report.html import render_plan
from unit.report.plans import EVERYTHING, HOSTILE, hostile, long

SHOWN = "[...document.querySelectorAll('[data-action]')].filter(e => e.checkVisibility()).length"
GROUPS = (
    "[...document.querySelectorAll('.group h2')]"
    ".filter(e => e.checkVisibility()).map(e => e.textContent)"
)
TALLY = "document.querySelector('#tally').value"
BACKGROUND = "getComputedStyle(document.body).backgroundColor"
CHANGES = 11


@pytest.fixture(scope="module")
def devtools(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    program = found()
    if program is None:
        pytest.skip("there is no Chromium or Chrome on this machine")
    with running(program, tmp_path_factory.mktemp("browser") / "profile") as address:
        yield address


@pytest.fixture
def visit(
    devtools: str, tmp_path: Path
) -> Callable[[str, Callable[[Page], Awaitable[None]]], None]:
    """Open a page and do something there; it must have loaded nothing and complained of nothing."""

    def run(content: str, do: Callable[[Page], Awaitable[None]]) -> None:
        file = tmp_path / "plan.html"
        file.write_text(content, encoding="utf-8")

        async def whole() -> None:
            async with tab(devtools) as page:
                await page.open(file)
                await do(page)
                assert page.requests == [file.as_uri()]
                assert page.problems == []

        asyncio.run(whole())

    return run


Visit = Callable[[str, Callable[[Page], Awaitable[None]]], None]


def test_search(visit: Visit) -> None:
    async def do(page: Page) -> None:
        assert await page.value(SHOWN) == CHANGES
        assert await page.value(TALLY) == "11 changes"
        await page.press("/")
        assert await page.value("document.activeElement.id") == "search"
        await page.type("TEAM-B pulled_within")
        assert await page.value(SHOWN) == 1
        assert await page.value(TALLY) == "1 of 11 changes"
        assert await page.value(GROUPS) == ["team-b"]
        await page.type(" nothing like it")
        assert await page.value(SHOWN) == 0
        assert await page.value("document.querySelector('#none').checkVisibility()")
        await page.press("Escape")
        assert await page.value(SHOWN) == CHANGES

    visit(render_plan(EVERYTHING), do)


def test_filters(visit: Visit) -> None:
    async def choose(page: Page, name: str, value: str) -> int:
        await page.value(
            f"(e => {{ e.value = {value!r}; e.dispatchEvent(new Event('change')); }})"
            f"(document.querySelector('#{name}'))"
        )
        return int(await page.value(SHOWN))

    async def do(page: Page) -> None:
        assert await choose(page, "kind", "robot") == 2
        assert await choose(page, "project", "team-a") == 1
        assert await choose(page, "kind", "") == 4
        assert await page.value(GROUPS) == [
            "team-a",
            "Live and not desired, left alone without prune: 3",
        ]
        await page.click("button.delete")
        assert await page.value(SHOWN) == 1
        await page.click("button.update")
        assert await page.value(SHOWN) == 4
        assert await choose(page, "project", "(system)") == 1
        await page.click("button.delete")
        await page.click("button.update")
        assert await choose(page, "project", "") == CHANGES

    visit(render_plan(EVERYTHING), do)


def test_folding(visit: Visit) -> None:
    async def do(page: Page) -> None:
        await page.click("#fold")
        assert await page.value(SHOWN) == 0
        await page.click("details.group > summary")
        assert await page.value(SHOWN) == 3
        await page.click("#unfold")
        assert await page.value(SHOWN) == CHANGES
        await page.click("#fold")
        await page.press("/")
        await page.type("mallory")
        assert await page.value(SHOWN) == 1

    visit(render_plan(EVERYTHING), do)


def test_colours(visit: Visit) -> None:
    light, dark = "rgb(244, 246, 248)", "rgb(13, 17, 23)"

    async def do(page: Page) -> None:
        await page.prefer("light")
        assert await page.value(BACKGROUND) == light
        await page.prefer("dark")
        assert await page.value(BACKGROUND) == dark
        chosen = []
        for system in ("dark", "light", "dark"):
            await page.prefer(system)
            await page.click("#theme")
            chosen.append((await page.value("theme.textContent"), await page.value(BACKGROUND)))
        assert chosen == [
            ("Colours: light", light),
            ("Colours: dark", dark),
            ("Colours: system", dark),
        ]

    visit(render_plan(EVERYTHING), do)


def test_without_its_script_everything_is_there(visit: Visit) -> None:
    async def do(page: Page) -> None:
        await page.scripts(on=False)
        await page.ask("Page.reload")
        await asyncio.sleep(0.3)
        assert await page.value(SHOWN) == CHANGES
        assert not await page.value("document.querySelector('.bar').checkVisibility()")
        await page.click("details.group > summary")
        assert await page.value(SHOWN) == CHANGES - 3
        page.requests = page.requests[:1]

    visit(render_plan(EVERYTHING), do)


def test_it_fits_a_narrow_window(visit: Visit) -> None:
    async def do(page: Page) -> None:
        picture = await page.picture(380, 800)
        assert picture.startswith(b"\x89PNG")
        assert await page.value("document.documentElement.scrollWidth") <= 380

    visit(render_plan(EVERYTHING), do)


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_hostile_does_anything(visit: Visit, name: str) -> None:
    text = HOSTILE[name]

    async def do(page: Page) -> None:
        assert await page.value("document.querySelectorAll('script').length") == 1
        assert await page.value("document.querySelectorAll('img, a, iframe, link').length") == 0
        assert await page.value(SHOWN) == 5
        assert await page.value("document.documentElement.scrollWidth <= innerWidth")
        assert await page.value("[...document.querySelectorAll('#project option')].length") == 3

    visit(render_plan(hostile(text)), do)


def test_what_gets_into_the_page_is_not_run(visit: Visit) -> None:
    """The page's own policy holds where escaping would ever fail."""

    async def do(page: Page) -> None:
        assert await page.value("window.harm") is None
        assert any("Content Security Policy" in one for one in page.problems)
        page.problems.clear()

    visit(render_plan(EVERYTHING).replace("<main>", "<main><script>window.harm=1</script>"), do)


def test_a_long_plan_is_searched_while_one_types(visit: Visit) -> None:
    async def do(page: Page) -> None:
        await page.press("/")
        start = time.monotonic()
        await page.type("v1499.1")
        assert await page.value(SHOWN) == 1
        assert time.monotonic() - start < 5

    visit(render_plan(long(1500)), do)
