"""Pictures of what harborconf prints, from real runs on a simulated Harbor: `make pictures`.

`drawn` is deterministic, and a test compares it with what is in docs/pictures.
"""

from __future__ import annotations

import asyncio
import base64
import os
import re
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import chdir
from importlib.resources import files
from itertools import accumulate, pairwise
from pathlib import Path
from unittest.mock import patch
from xml.sax.saxutils import escape

from rich.console import Console
from rich.style import Style
from rich.terminal_theme import SVG_EXPORT_THEME
from rich.text import Text

from browser.chromium import found, running, tab
from cli.shell import terminal
from harborconf.cli.tampering import Hand, tamperings
from harborconf.engine.load import load
from harborconf.engine.resolve import resolve
from harborconf.simulator import ADMIN_PASSWORD, Simulator
from pages import ROOT

FOLDER = ROOT / "docs" / "pictures"
URL = "http://127.0.0.1:8080"
FONT, WIDTH, HEIGHT, MARGIN = 14, 8.43, 19, 12  # of a character, in pixels
_PORT = re.compile(r"http://127\.0\.0\.1:\d+")


def drawn() -> dict[str, str]:
    """Each picture of a terminal, by its file's name."""
    with tempfile.TemporaryDirectory() as place, chdir(place), patch.dict(os.environ):
        demo = _run("demo").split("\n\n\x1b[1;36m# Your turn")[0]
        with Simulator("2.15.2").serve() as url:
            _drift(url)
            plan = _typed("plan")
            apply = _typed("why", "project/base-images/quota#storage")
            apply += "\n" + _typed("apply", "--project", "base-images")
    return {
        "demo.svg": _recorded(_lines(demo), rows=30),
        "plan.svg": _still(_lines(plan)),
        "apply.svg": _still(_lines(apply)),
    }


def page() -> str:
    """The plan of the same drift, as a page."""
    with (
        tempfile.TemporaryDirectory() as place,
        chdir(place),
        patch.dict(os.environ),
        Simulator("2.15.2").serve() as url,
    ):
        _drift(url)
        return _PORT.sub(URL, _run("plan", "--format", "html"))


def _drift(url: str) -> None:
    """The example in a Harbor, and what people have done to it by hand since."""
    Path("desired").symlink_to(str(files("harborconf") / "example"))
    state = resolve(load([Path("desired")]))
    os.environ |= {"HARBOR_URL": url, "HARBOR_USERNAME": "admin", "HARBOR_PASSWORD": ADMIN_PASSWORD}
    for name in re.findall(r"env: (\w+)", "".join(_sources())):
        os.environ[name] = "Example1Word"
    for name in re.findall(r"file: ([\w/.-]*password)", "".join(_sources())):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text("Example1Word", encoding="utf-8")
    _run("apply", "--yes")
    for one in tamperings(state):
        one.do(Hand(url, "admin", ADMIN_PASSWORD))


def _sources() -> list[str]:
    return [path.read_text("utf-8") for path in Path("desired/").rglob("*.yaml")]


def _run(*arguments: str) -> str:
    with terminal(*arguments) as screen:
        if arguments[0] == "apply" and "--yes" not in arguments:
            screen.expect("[y/N] ")
            screen.type(b"y\n")
        assert screen.wait() in {0, 2}, screen.seen
        return screen.text(colours=True)


def _typed(*arguments: str) -> str:
    return f"\x1b[1;36m$\x1b[0m \x1b[1mharborconf {' '.join(arguments)}\x1b[0m\n{_run(*arguments)}"


def _lines(output: str) -> list[Text]:
    return list(Text.from_ansi(_PORT.sub(URL, output.strip("\n"))).split("\n", allow_blank=True))


# ---- SVG -----------------------------------------------------------------------------


def _still(lines: Sequence[Text]) -> str:
    return _svg(lines, len(lines))


def _recorded(lines: Sequence[Text], rows: int) -> str:
    """Lines that scroll by, page by page, with a pause before each heading of the demo's."""
    ends = [at for at, line in enumerate(lines) if line.plain.startswith("# ") and at > rows]
    stops = [rows]
    for end in [*ends, len(lines)]:
        stops += [*range(stops[-1] + rows - 2, end, rows - 2), end]
    # Long enough to read what is new at each stop; a third of a second to get there.
    pauses = [2 + 0.12 * min(rows, now - before) for before, now in pairwise([0, *stops])]
    whole = sum(pauses)
    begins = [0.0, *accumulate(pauses)]
    frames = [
        f"{100 * share:.2f}% {{ transform: translateY({-HEIGHT * (stop - rows)}px) }}"
        for stop, (begin, end) in zip(stops, pairwise(begins), strict=True)
        for share in ((begin + (0.3 if begin else 0)) / whole, end / whole)
    ]
    style = (
        f"@keyframes scroll {{ {' '.join(frames)} }} "
        f".screen {{ animation: scroll {whole:.0f}s linear infinite }} "
        "@media (prefers-reduced-motion) { .screen { animation: none } }"
    )
    return _svg(lines, rows, style)


def _svg(lines: Sequence[Text], rows: int, style: str = "") -> str:
    wide = max(100, *(len(line.plain) for line in lines)) * WIDTH + 2 * MARGIN
    high = rows * HEIGHT + 2 * MARGIN
    theme = SVG_EXPORT_THEME
    back, fore = theme.background_color.hex, theme.foreground_color.hex
    texts = "\n".join(_line(line, at) for at, line in enumerate(lines) if line.plain)
    font = f"font-family='ui-monospace, Menlo, Consolas, monospace' font-size='{FONT}'"
    return f"""\
<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {wide:.0f} {high}'>
<style>text {{ white-space: pre }} {style}</style>
<clipPath id='c'><rect y='{MARGIN}' width='{wide:.0f}' height='{rows * HEIGHT}'/></clipPath>
<rect width='{wide:.0f}' height='{high}' rx='8' fill='{back}'/>
<g clip-path='url(#c)' fill='{fore}' {font}><g class='screen'>
{texts}
</g></g>
</svg>
"""


def _line(line: Text, at: int) -> str:
    y = MARGIN + HEIGHT * at + FONT
    spans = []
    column = 0
    for segment in line.render(Console()):
        text = segment.text.rstrip("\n")
        if text.strip():
            spans.append(_span(text, column, segment.style))
        column += len(text)
    return f"<text y='{y}'>{''.join(spans)}</text>"


def _span(text: str, column: int, style: Style | None) -> str:
    looks: Mapping[str, str] = _looks(style)
    attributes = "".join(f" {name}='{value}'" for name, value in looks.items())
    inside = text.strip(" ")
    x = MARGIN + WIDTH * (column + text.index(inside))
    length = WIDTH * len(inside)
    return f"<tspan x='{x:.1f}' textLength='{length:.1f}'{attributes}>{escape(inside)}</tspan>"


def _looks(style: Style | None) -> dict[str, str]:
    looks = {}
    if style and style.color and not style.color.is_default:
        looks["fill"] = style.color.get_truecolor(SVG_EXPORT_THEME).hex
    if style and style.bold:
        looks["font-weight"] = "bold"
    if style and style.dim:
        looks["opacity"] = "0.6"
    return looks


# ---- the command ---------------------------------------------------------------------


async def _photograph(devtools: str, file: Path) -> bytes:
    async with tab(devtools) as opened:
        await opened.open(file)
        await opened.ask("Emulation.setScrollbarsHidden", hidden=True)
        await opened.picture(1000, 760, whole=False)
        told = await opened.ask("Page.captureScreenshot", format="webp", quality=80)
        return base64.b64decode(told["data"])


def main() -> None:
    """Make every picture anew."""
    FOLDER.mkdir(exist_ok=True)
    for name, content in drawn().items():
        (FOLDER / name).write_text(content, encoding="utf-8")
    program = found()
    if program is None:
        sys.exit("report.webp stays as it is: there is no Chromium or Chrome on this machine")
    with tempfile.TemporaryDirectory() as place:
        file = Path(place, "plan.html")
        file.write_text(page(), encoding="utf-8")
        with running(program, Path(place, "profile")) as devtools:
            (FOLDER / "report.webp").write_bytes(asyncio.run(_photograph(devtools, file)))


if __name__ == "__main__":
    main()
