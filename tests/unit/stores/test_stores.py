"""Every store behind one door, which nobody waits at for another."""

from __future__ import annotations

import asyncio
from pathlib import Path
from threading import Event

from apiserver import ApiServer, kubeconfig
from harborconf.spec.reference import Env, Kubernetes
from harborconf.spec.secret import Secret
from harborconf.stores import Stores

SECONDS = 10


def test_an_api_server_that_is_slow_holds_nothing_else_up(tmp_path: Path) -> None:
    asked, may_answer = Event(), Event()

    def wait(*_: str) -> None:
        asked.set()
        assert may_answer.wait(SECONDS)

    async def run(environ: dict[str, str]) -> None:
        stores = Stores(environ, tmp_path)
        slow = asyncio.create_task(stores.peek(Kubernetes("ci")))
        assert await asyncio.to_thread(asked.wait, SECONDS)
        assert await stores.peek(Env("WORD")) == Secret("Example1Word")
        assert not slow.done()
        may_answer.set()
        assert await slow is None

    with ApiServer(before=wait).serve() as url:
        (tmp_path / "kubeconfig").write_text(kubeconfig(url))
        environ = {"KUBECONFIG": str(tmp_path / "kubeconfig"), "WORD": "Example1Word"}
        asyncio.run(run(environ))
