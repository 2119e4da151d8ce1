"""Somebody else: asks one Harbor for one path every 20 ms, come what may, until its input ends.

Then says how long each reply took, in milliseconds, as JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time

import aiohttp
from yarl import URL

from bare import log_in

EVERY_SECONDS = 0.02


async def main(url: str, path: str) -> list[float]:
    """Ask until there is no more input."""
    took: list[float] = []
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as session:
        await log_in(session, url)
        print("ready", flush=True)
        ended = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
        asked: list[asyncio.Task[None]] = []
        at = time.perf_counter()

        async def ask(due: float) -> None:
            async with session.get(URL(url + path, encoded=True)) as reply:
                await reply.read()
            took.append((time.perf_counter() - due) * 1000)

        while not ended.done():
            asked.append(asyncio.create_task(ask(at)))
            at += EVERY_SECONDS
            await asyncio.sleep(max(at - time.perf_counter(), 0))
        await asyncio.gather(*asked)
    return took


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(os.environ["HARBOR_URL"], sys.argv[1]))), flush=True)
