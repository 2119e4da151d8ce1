"""A headless browser, driven over its DevTools protocol; nothing of it is mocked."""

from __future__ import annotations

import asyncio
import base64
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import aiohttp

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    "--headless=new",
    "--no-sandbox",  # the pages are ours, and containers often cannot make one
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--no-first-run",
    "--remote-debugging-port=0",
)
_PATIENCE = 30


def found() -> str | None:
    """The browser of this machine, if it has one."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@contextmanager
def running(program: str, folder: Path) -> Iterator[str]:
    """A browser with a profile of its own; gives the address of its DevTools."""
    command = [program, *FLAGS, f"--user-data-dir={folder}", "about:blank"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield f"http://127.0.0.1:{_port(folder)}"
        finally:
            process.terminate()
            process.wait(_PATIENCE)


def _port(folder: Path) -> int:
    file = folder / "DevToolsActivePort"
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        if file.exists() and (lines := file.read_text(encoding="ascii").splitlines()):
            return int(lines[0])
        time.sleep(0.05)
    message = "the browser did not start"
    raise AssertionError(message)


class Page:
    """One tab. `problems` holds what the page logged and what it threw."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.number = 0
        self.requests: list[str] = []
        self.problems: list[str] = []
        self.loaded = asyncio.Event()

    async def ask(self, method: str, **parameters: Any) -> Any:
        """One command and its answer; events that come meanwhile are kept."""
        self.number += 1
        await self.socket.send_json({"id": self.number, "method": method, "params": parameters})
        while True:
            message = await self.socket.receive_json(timeout=_PATIENCE)
            if message.get("id") == self.number:
                assert "error" not in message, message
                return message["result"]
            self._event(message)

    def _event(self, message: dict[str, Any]) -> None:
        told = message.get("params", {})
        match message.get("method"):
            case "Network.requestWillBeSent":
                self.requests.append(told["request"]["url"])
            case "Runtime.exceptionThrown":
                self.problems.append(str(told["exceptionDetails"]))
            case "Log.entryAdded":
                self.problems.append(told["entry"]["text"])
            case "Page.javascriptDialogOpening":
                self.problems.append(f"dialog: {told['message']}")
            case "Page.loadEventFired":
                self.loaded.set()

    async def open(self, file: Path) -> None:
        """Go to a file and wait until it is loaded."""
        self.requests.clear()
        self.problems.clear()
        self.loaded.clear()
        await self.ask("Page.navigate", url=file.as_uri())
        end = time.monotonic() + _PATIENCE
        while not self.loaded.is_set():
            assert time.monotonic() < end, "the page did not load"
            await self.ask("Runtime.evaluate", expression="1")

    async def value(self, expression: str) -> Any:
        """What an expression of JavaScript is in the page."""
        told = await self.ask("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    async def type(self, text: str) -> None:
        """Type into whatever has the focus."""
        await self.ask("Input.insertText", text=text)

    async def press(self, key: str) -> None:
        """Press and release one key."""
        text = {"text": key} if len(key) == 1 else {}
        await self.ask("Input.dispatchKeyEvent", type="keyDown", key=key, **text)
        await self.ask("Input.dispatchKeyEvent", type="keyUp", key=key)

    async def click(self, selector: str) -> None:
        """Click with the mouse into the middle of an element."""
        await self.value(
            f"document.querySelector({selector!r}).scrollIntoView({{block: 'center'}})"
        )
        x, y = await self.value(
            f"(r => [r.x + r.width / 2, r.y + r.height / 2])"
            f"(document.querySelector({selector!r}).getBoundingClientRect())"
        )
        for kind in ("mousePressed", "mouseReleased"):
            await self.ask(
                "Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1
            )

    async def picture(self, width: int = 1200, height: int = 900, *, whole: bool = True) -> bytes:
        """A PNG of the page."""
        await self.ask(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        told = await self.ask("Page.captureScreenshot", captureBeyondViewport=whole)
        return base64.b64decode(told["data"])

    async def prefer(self, scheme: str) -> None:
        """Be a system with light or dark colours."""
        feature = {"name": "prefers-color-scheme", "value": scheme}
        await self.ask("Emulation.setEmulatedMedia", features=[feature])

    async def scripts(self, *, on: bool) -> None:
        """Run the scripts of pages that are opened from now on, or do not."""
        await self.ask("Emulation.setScriptExecutionDisabled", value=not on)


@asynccontextmanager
async def tab(devtools: str) -> AsyncIterator[Page]:
    """A new tab that tells everything."""
    async with aiohttp.ClientSession() as session:
        async with session.put(f"{devtools}/json/new?about:blank") as reply:
            about = await reply.json(content_type=None)
        async with session.ws_connect(about["webSocketDebuggerUrl"], max_msg_size=0) as socket:
            page = Page(socket)
            for domain in ("Page", "Runtime", "Log", "Network"):
                await page.ask(f"{domain}.enable")
            yield page
