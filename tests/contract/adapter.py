"""What answers a Harbor as a scanner would: its metadata, and nothing else.

Harbor asks for it before it registers a scanner.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseRequestHandler, TCPServer
from typing import Any

HOST = "HARBORCONF_TEST_HOST"
"""Names the variable that says under which name Harbor finds this machine."""
LOOPBACK = "127.0.0.1"
NOBODY = f"http://{LOOPBACK}:1"
"""Where nothing answers."""
_METADATA = {
    "scanner": {"name": "Example", "vendor": "Example", "version": "1"},
    "capabilities": [
        {
            "type": "vulnerability",
            "consumes_mime_types": ["application/vnd.docker.distribution.manifest.v2+json"],
            "produces_mime_types": [
                "application/vnd.security.vulnerability.report; version=1.1",
            ],
        }
    ],
    "properties": {},
}


@dataclass(frozen=True)
class Adapter:
    """Where it answers, and how whoever asked said who it is, by path."""

    url: str
    told: dict[str, str] = field(default_factory=dict)


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, told: dict[str, str], *args: Any, **more: Any) -> None:
        self.told = told
        super().__init__(*args, **more)

    def do_GET(self) -> None:
        key = self.headers["X-ScannerAdapter-API-Key"]
        self.told[self.path.split("/")[1]] = self.headers["Authorization"] or key or ""
        is_metadata = self.path.endswith("/api/v1/metadata")
        body = json.dumps(_METADATA if is_metadata else {}).encode()
        self.send_response(200 if is_metadata else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, code: object = "-", size: object = "-") -> None:
        """Nobody reads it."""


@contextmanager
def adapter() -> Iterator[Adapter]:
    """Serve on a free port, under the URL that Harbor knows. Every path below it answers."""
    told = dict[str, str]()
    with reachable(ThreadingHTTPServer, partial(_Handler, told)) as place:
        yield Adapter(f"http://{place}", told)


@contextmanager
def reachable(kind: type[TCPServer], handler: Callable[..., BaseRequestHandler]) -> Iterator[str]:
    """Serve on a free port; tells the host and port that Harbor finds it at."""
    host = os.environ.get(HOST, LOOPBACK)
    address = (LOOPBACK if host == LOOPBACK else "", 0)
    with kind(address, handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"{host}:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
