"""What harborconf's commands cost, `plan` beside a bare client that makes the same reads.

Measured side by side in one run: both clients in turn, several times, medians. Time, CPU and
memory are those of whole processes. Requests are counted by a proxy in a run of its own.
Ratios travel between machines, seconds do not. Of several sizes it tells how costs grow.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from documents import KINDS, document
from harbors import API, Harbor, harbors
from measure import HERE, Cost, cost, helper, middle

if TYPE_CHECKING:
    from collections.abc import Mapping

GOAL = 1.3
NOTHING, CHANGES = 0, 2
Seen = list[tuple[str, str, int]]


@dataclass(frozen=True)
class Bench:
    """One Harbor, a folder for files, and how much of everything."""

    harbor: Harbor
    folder: Path
    projects: int
    times: int
    concurrency: int

    @property
    def file(self) -> Path:
        """The configuration."""
        return self.folder / "desired.yaml"

    def environ(self, url: str) -> Mapping[str, str]:
        """No proxy of the environment stands between, and its credential goes to both."""
        harbor = {
            "HARBOR_URL": url,
            "HARBOR_USERNAME": self.harbor.username,
            "HARBOR_PASSWORD": self.harbor.password,
            "NO_PROXY": "*",
        }
        return {**os.environ, **harbor}

    def harborconf(self, *arguments: str) -> list[str]:
        """A command of harborconf's."""
        command = [sys.executable, "-m", "harborconf", *arguments, str(self.file)]
        return [*command, "--concurrency", str(self.concurrency)]

    def offline(self, *arguments: str) -> list[str]:
        """A command of harborconf's that asks no Harbor."""
        return [sys.executable, "-m", "harborconf", *arguments]

    def bare(self) -> list[str]:
        """The bare client."""
        reads = str(self.folder / "reads.json")
        return [sys.executable, str(HERE / "bare.py"), reads, str(self.concurrency)]

    def timed(self, command: list[str], expected: int = NOTHING) -> Cost:
        """What one run costs."""
        return cost(command, self.environ(self.harbor.url), expected=expected)

    def counted(self, command: list[str], expected: int = NOTHING) -> Seen:
        """Every request of one run."""
        with helper("proxy.py", self.harbor.url) as proxy:
            assert proxy.stdout is not None
            url = proxy.stdout.readline().strip()
            cost(command, self.environ(url), expected=expected)
            seen: Seen = json.loads(proxy.communicate()[0])
        return seen


def measure(bench: Bench) -> Cost:
    """Apply, then plan and the bare client in turn; print what they cost. Return plan's."""
    harbor = bench.harbor
    harbor.clean()
    text = document(harbor.prefix, harbor.user, bench.projects)
    bench.file.write_text(text, encoding="utf-8")
    print(
        f"\n{harbor.title}: {bench.projects} projects of {len(KINDS)} resources,"
        f" {bench.concurrency} requests at once, median of {bench.times}\n"
    )
    print(f"{'':24}{'wall s':>9}{'CPU s':>9}{'MiB':>7}{'requests':>10}{'writes':>8}")
    show("help", bench.timed(bench.offline("--help")), [])
    show("validate", bench.timed(bench.offline("validate", str(bench.file))), [])
    plan, apply = bench.harborconf("plan"), bench.harborconf("apply", "--yes")
    show("plan, all to create", bench.timed(plan, CHANGES), bench.counted(plan, CHANGES))
    writes = bench.counted(apply)
    harbor.clean()
    show("apply, all to create", bench.timed(apply), writes)
    seen = bench.counted(plan)
    reads = [path for method, path, _ in seen if method == "GET" and path.startswith(API)]
    (bench.folder / "reads.json").write_text(json.dumps(reads), encoding="utf-8")
    costs: dict[str, list[Cost]] = {"plan": [], "bare": [], "apply": []}
    for _ in range(bench.times):
        costs["bare"].append(bench.timed(bench.bare()))
        costs["plan"].append(bench.timed(plan))
        costs["apply"].append(bench.timed(apply))
    planned = middle(costs["plan"])
    show("plan, nothing to do", planned, seen)
    show("apply, nothing to do", middle(costs["apply"]), bench.counted(apply))
    show("bare client", middle(costs["bare"]), bench.counted(bench.bare()))
    ratios = [
        Cost(one.wall / other.wall, one.cpu / other.cpu, one.memory / other.memory)
        for one, other in zip(costs["plan"], costs["bare"], strict=True)
    ]
    ratio = middle(ratios)
    print(f"\nplan / bare client: {ratio.wall:.2f} x time (goal: {GOAL:g}),", end=" ")
    print(f"{ratio.cpu:.2f} x CPU, {ratio.memory:.2f} x memory")
    return planned


def compare(costs: Mapping[int, Cost]) -> None:
    """Print how plan's costs grow from each size to the next: straight is the ratio of sizes."""
    for (few, less), (many, more) in pairwise(sorted(costs.items())):
        print(f"\nplan, {few} to {many} projects ({many / few:g} x):", end=" ")
        print(f"{more.wall / less.wall:.1f} x time, {more.cpu / less.cpu:.1f} x CPU,", end=" ")
        print(f"{more.memory / less.memory:.1f} x memory")


def show(title: str, found: Cost, seen: Seen) -> None:
    """Print one line of figures."""
    writes = sum(method != "GET" and path.startswith(API) for method, path, _ in seen)
    print(f"{title:24}{found.wall:9.2f}{found.cpu:9.2f}{found.memory:7.0f}{len(seen):10}{writes:8}")


def main() -> None:
    """Measure on every Harbor there is."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--projects", type=int, nargs="+", default=[100], help="sizes")
    options.add_argument("--times", type=int, default=7, help="how often each is run")
    options.add_argument("--concurrency", type=int, default=16)
    given = options.parse_args()
    print(f"Python {platform.python_version()}, {os.cpu_count()} CPUs")
    with harbors() as found:
        for harbor in found:
            costs = {}
            for size in given.projects:
                with tempfile.TemporaryDirectory() as folder:
                    bench = Bench(harbor, Path(folder), size, given.times, given.concurrency)
                    costs[size] = measure(bench)
            compare(costs)


if __name__ == "__main__":
    main()
