"""A proxy that counts. Says its URL; when its input ends, says every request as JSON.

It stands before Harbor only while requests are counted, never while time is taken.
"""

from __future__ import annotations

import asyncio
import json
import sys

import aiohttp
from aiohttp import web
from multidict import CIMultiDict

HOP_BY_HOP = {"connection", "content-length", "host", "keep-alive", "transfer-encoding"}
Seen = list[tuple[str, str, int]]
LIMIT = 64 * 1024 * 1024


def _passed(headers: CIMultiDict[str]) -> CIMultiDict[str]:
    return CIMultiDict(
        (name, value) for name, value in headers.items() if name.lower() not in HOP_BY_HOP
    )


async def _serve(target: str) -> Seen:
    seen: Seen = []
    timeout = aiohttp.ClientTimeout(total=120)
    async with aiohttp.ClientSession(
        auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar(), timeout=timeout
    ) as session:

        async def handle(request: web.BaseRequest) -> web.Response:
            async with session.request(
                request.method,
                target + request.raw_path,
                headers=_passed(CIMultiDict(request.headers)),
                data=await request.read(),
                allow_redirects=False,
            ) as reply:
                seen.append((request.method, request.raw_path, reply.status))
                body = await reply.read()
                return web.Response(
                    status=reply.status, body=body, headers=_passed(CIMultiDict(reply.headers))
                )

        runner = web.ServerRunner(web.Server(handle))
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        _, port = runner.addresses[0]
        print(f"http://127.0.0.1:{port}", flush=True)
        await asyncio.to_thread(sys.stdin.read)
        await runner.cleanup()
    return seen


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_serve(sys.argv[1]))), flush=True)
