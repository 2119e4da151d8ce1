"""The least a Python client can do: log in once, make the reads, look at nothing.

It makes the reads that `harborconf plan` was seen to make, from a file, with the same session
and as many at once, over the same library (aiohttp). What harborconf costs is told beside it.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
from yarl import URL

if TYPE_CHECKING:
    from collections.abc import Iterator

FORM, CSRF = "/c/login", "X-Harbor-CSRF-Token"


async def log_in(session: aiohttp.ClientSession, url: str) -> None:
    """Log in as the environment says; the session holds the cookies."""
    async with session.get(url + FORM) as reply:
        token = reply.headers[CSRF]
    form = {
        "principal": os.environ["HARBOR_USERNAME"],
        "password": os.environ["HARBOR_PASSWORD"],
    }
    async with session.post(url + FORM, data=form, headers={CSRF: token}) as reply:
        reply.raise_for_status()


async def main(url: str, paths: list[str], concurrency: int) -> None:
    """Log in, make the reads, log out."""
    connector = aiohttp.TCPConnector(limit=concurrency)
    jar = aiohttp.CookieJar(unsafe=True)  # Harbor may be an address
    async with aiohttp.ClientSession(connector=connector, cookie_jar=jar) as session:
        await log_in(session, url)
        waiting: Iterator[str] = iter(paths)

        async def work() -> None:
            for path in waiting:
                async with session.get(URL(url + path, encoded=True)) as reply:
                    await reply.read()

        await asyncio.gather(*(work() for _ in range(concurrency)))
        async with session.get(f"{url}/c/log_out") as reply:
            await reply.read()


if __name__ == "__main__":
    reads = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    asyncio.run(main(os.environ["HARBOR_URL"], reads, int(sys.argv[2])))
