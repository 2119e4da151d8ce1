"""Many simulated Harbors at once: time, memory and open files, with three of them that misbehave.

One hangs, one refuses connections, and one answers nonsense. Beside it, what as many runs of the
same for one Harbor each would take.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from documents import document
from harbors import SIMULATED
from measure import helper, wait

HARBORCONF = str(Path(sys.executable).parent / "harborconf")
SERVERS = 2
"""Processes that serve; each serves its share."""
ALONE = 5
"""Runs of the same for one Harbor, of which the mean is taken."""


class Liar(BaseHTTPRequestHandler):
    """Answers 200 and nonsense to everything."""

    def do_GET(self) -> None:
        """The same for any path."""
        content = b'{"auth_mode": "db_auth", "harbor_version": "v2.15.2-x", "username": []}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_GET  # noqa: N815 - the name is the library's

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@dataclass(frozen=True)
class Run:
    """Seconds, seconds of CPU, the most memory in MiB, the most open files; and the report."""

    wall: float
    cpu: float
    memory: float
    files: int
    targets: dict[str, Any]

    @property
    def others(self) -> float:
        """Seconds until all were done but those that misbehave, to a second."""
        first = min(_begun(one) for one in self.targets.values())
        runs = [one for name, one in self.targets.items() if name.startswith("harbor")]
        return max(_begun(one) - first + float(one["seconds"]) for one in runs)

    @property
    def well(self) -> int:
        """How many are well."""
        return sum(one["exit_code"] != 1 for one in self.targets.values())


def _begun(target: dict[str, Any]) -> float:
    return datetime.fromisoformat(target["begun"]).timestamp()


def run(folder: Path, *arguments: str) -> Run:
    """Run a command to its end, however it ends."""
    report = folder / "report.json"
    begun = time.perf_counter()
    with (folder / "out").open("wb") as out:
        program = subprocess.Popen(
            [HARBORCONF, *arguments, "--report", str(report)], cwd=folder, stdout=out, stderr=out
        )
    most = 0
    ended = threading.Event()

    files = Path(f"/proc/{program.pid}/fd")

    def look() -> None:
        nonlocal most
        while not ended.wait(0.02):
            try:
                most = max(most, sum(1 for _ in files.iterdir()))
            except OSError:
                return

    looking = threading.Thread(target=look)
    looking.start()
    cpu, memory = wait(program)
    ended.set()
    looking.join()
    told = json.loads(report.read_text(encoding="utf-8"))
    return Run(
        time.perf_counter() - begun,
        cpu,
        memory,
        most,
        told.get("targets", {}),
    )


def write_fleet(folder: Path, urls: dict[str, str], projects: int) -> None:
    """A fleet's file, and two overlays that all of it shares."""
    lines = ["version: 1", "defaults: {overlays: [base, region]}", "targets:"]
    lines += [f"  {name}: {{url: '{url}'}}" for name, url in urls.items()]
    (folder / "fleet.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for name in ("base", "region"):
        (folder / name).mkdir()
    text = document("team", "bench", projects)
    (folder / "base" / "all.yaml").write_text(text, encoding="utf-8")
    text = "version: 1\ndefaults: {project: {quota: 20GiB}}\nusers:\n"
    text += "  bench: {email: bench@example.com, password: {env: HARBOR_PASSWORD}}\n"
    (folder / "region" / "all.yaml").write_text(text, encoding="utf-8")


def serve(stack: ExitStack, count: int) -> dict[str, str]:
    """So many Harbors, and three that misbehave among them, by name."""
    urls = {"hanging": "", "refusing": "http://127.0.0.1:1", "lying": ""}
    silent = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
    urls["hanging"] = f"http://127.0.0.1:{silent.getsockname()[1]}"
    liar = stack.enter_context(ThreadingHTTPServer(("127.0.0.1", 0), Liar))
    threading.Thread(target=liar.serve_forever, daemon=True).start()
    stack.callback(liar.shutdown)
    urls["lying"] = f"http://127.0.0.1:{liar.server_port}"
    shares = [len(range(at, count - len(urls), SERVERS)) for at in range(SERVERS)]
    for share in shares:
        server = stack.enter_context(helper("serve.py", SIMULATED, str(share)))
        assert server.stdout is not None
        for _ in range(share):
            urls[f"harbor-{len(urls):03d}"] = server.stdout.readline().strip()
    return urls


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--harbors", type=int, default=200)
    parser.add_argument("--projects", type=int, default=10, help="of each Harbor")
    parser.add_argument("--timeout", default="30", help="seconds that one request may take")
    chosen = parser.parse_args()
    os.environ |= {"HARBOR_USERNAME": "admin", "HARBOR_PASSWORD": "Harbor12345"}
    os.environ.pop("HARBOR_URL", None)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        urls = serve(stack, chosen.harbors)
        write_fleet(folder, urls, chosen.projects)
        print(f"{len(urls)} Harbors of {chosen.projects} projects, 7 resources each; 3 misbehave")
        print(f"{'':24}{'time':>8}{'others':>8}{'CPU':>8}{'memory':>9}{'files':>7}{'well':>6}")
        fleet = ("--fleet", "fleet.yaml", "--timeout", chosen.timeout)
        tasks = {
            "plan, all to create": ("plan", *fleet),
            "apply from empty": ("apply", *fleet, "--yes", "--refresh-secrets"),
            "plan, nothing to do": ("plan", *fleet),
        }
        for task, arguments in tasks.items():
            one = run(folder, *arguments)
            figures = f"{one.wall:7.1f}s{one.others:7.1f}s{one.cpu:7.1f}s{one.memory:6.0f}MiB"
            print(f"{task:24}{figures}{one.files:7}{one.well:6}", flush=True)
        names = [name for name in urls if name.startswith("harbor")][:ALONE]
        alone = [run(folder, "plan", *fleet, "--target", name).wall for name in names]
        mean = sum(alone) / len(alone)
        whole = mean * len(urls)
        print(f"one Harbor alone: {mean:.2f} s; {len(urls)} one after another: {whole:.0f} s")


if __name__ == "__main__":
    main()
