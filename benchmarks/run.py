"""What harborconf's commands cost, beside a bare client that makes the same reads, and OpenTofu.

Measured side by side in one run: those that are compared in turn, several times, medians. Time,
CPU and memory are those of whole processes. Requests are counted by a proxy in runs of their
own. Ratios travel between machines, seconds do not. Of several sizes it tells how costs grow.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from documents import document
from figures import (
    APPLY,
    BARE,
    HARBORCONF,
    IN_TURN,
    OPENTOFU,
    PLAN,
    Entry,
    Row,
    Slowed,
    save,
    table,
)
from harbors import API, Harbor, harbor_to_measure
from measure import HERE, Cost, cost, helper, middle
from opentofu import OpenTofu, configuration, opentofu

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    probe_seconds: float

    @property
    def file(self) -> Path:
        """The configuration."""
        return self.folder / "desired.yaml"

    def environ(self, url: str) -> Mapping[str, str]:
        """No proxy of the environment stands between, and its credential goes to all."""
        harbor = {
            "HARBOR_URL": url,
            "HARBOR_USERNAME": self.harbor.username,
            "HARBOR_PASSWORD": self.harbor.password,
            "NO_PROXY": "*",
        }
        return {**os.environ, **harbor}

    def harborconf(self, *arguments: str) -> list[str]:
        """A command of harborconf's that asks Harbor."""
        return [*self.offline(*arguments), "--concurrency", str(self.concurrency)]

    def offline(self, *arguments: str) -> list[str]:
        """A command of harborconf's that asks no Harbor."""
        return [sys.executable, "-m", "harborconf", *arguments]

    @property
    def plan(self) -> list[str]:
        """The plan of these projects."""
        return self.harborconf("plan", str(self.file))

    @property
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


def measure(bench: Bench, *, with_opentofu: bool) -> Entry:
    """Everything, on one Harbor and of one size."""
    harbor, file = bench.harbor, str(bench.file)
    harbor.clean()
    text = document(harbor.prefix, harbor.user, bench.projects)
    bench.file.write_text(text, encoding="utf-8")
    rows = [
        row("validate", HARBORCONF, [bench.timed(bench.offline("validate", file))], []),
        row(
            "plan, all to create",
            HARBORCONF,
            [bench.timed(bench.plan, CHANGES)],
            bench.counted(bench.plan, CHANGES),
        ),
    ]
    apply = bench.harborconf("apply", "--yes", file)
    writes = bench.counted(apply)
    harbor.clean()
    rows.append(row(APPLY, HARBORCONF, [bench.timed(apply)], writes))
    seen = bench.counted(bench.plan)
    reads = [path for method, path, _ in seen if method == "GET" and path.startswith(API)]
    (bench.folder / "reads.json").write_text(json.dumps(reads), encoding="utf-8")
    planned, barely = in_turn(bench, bench.plan, bench.bare)
    rows += [
        row(PLAN, HARBORCONF, planned, seen),
        row(PLAN, BARE, barely, bench.counted(bench.bare)),
        *drifted(bench),
        exported(bench),
    ]
    slowed: list[Slowed] = []
    probed(bench, slowed, "nothing", [])
    probed(bench, slowed, HARBORCONF, bench.plan)
    probed(bench, slowed, BARE, bench.bare)
    title = ""
    if with_opentofu:
        tofu = opentofu(
            bench.folder / "opentofu", configuration(harbor.prefix, harbor.user, bench.projects)
        )
        if isinstance(tofu, OpenTofu):
            title = tofu.title
            rows += beside(bench, tofu)
            probed(bench, slowed, OPENTOFU, tofu.plan())
        else:
            print(f"OpenTofu is left out: {tofu}")
    return Entry(harbor.title, bench.projects, bench.concurrency, title, tuple(rows), tuple(slowed))


def row(task: str, tool: str, costs: list[Cost], seen: Seen) -> Row:
    """Medians, and how many requests were seen."""
    found = middle(costs)
    writes = sum(method != "GET" and path.startswith(API) for method, path, _ in seen)
    wall, cpu = round(found.wall, 2), round(found.cpu, 2)
    return Row(task, tool, wall, cpu, round(found.memory), len(seen), writes, len(costs))


def in_turn(bench: Bench, one: list[str], other: list[str]) -> tuple[list[Cost], list[Cost]]:
    """What two commands cost, run in turn, so that what else goes on hits both."""
    costs: tuple[list[Cost], list[Cost]] = ([], [])
    for _ in range(bench.times):
        costs[0].append(bench.timed(one))
        costs[1].append(bench.timed(other))
    return costs


def drifted(bench: Bench) -> list[Row]:
    """The plan of projects of which one in a hundred was changed behind its back."""
    some = bench.harbor.projects()[: max(1, bench.projects // 100)]
    bench.harbor.publish(some, public=True)
    costs = [bench.timed(bench.plan, CHANGES) for _ in range(bench.times)]
    seen = bench.counted(bench.plan, CHANGES)
    bench.harbor.publish(some, public=False)
    return [row("plan, 1 % drifted", HARBORCONF, costs, seen)]


def exported(bench: Bench) -> Row:
    """The export of these projects."""
    only = ("--project", f"{bench.harbor.prefix}-*")
    folders = [str(bench.folder / f"export-{number}") for number in range(2)]
    costs = [bench.timed(bench.harborconf("export", folders[0], *only))]
    return row(
        "export", HARBORCONF, costs, bench.counted(bench.harborconf("export", folders[1], *only))
    )


def beside(bench: Bench, tofu: OpenTofu) -> list[Row]:
    """OpenTofu's apply from empty, and its plan with harborconf's in turn.

    harborconf finds nothing to do after it: both want the same.
    """
    bench.harbor.clean()
    writes = bench.counted(tofu.apply())
    bench.harbor.clean()
    tofu.forget()
    applied = bench.timed(tofu.apply())
    theirs, ours = in_turn(bench, tofu.plan(), bench.plan)
    return [
        row(APPLY, OPENTOFU, [applied], writes),
        row(PLAN, OPENTOFU, theirs, bench.counted(tofu.plan())),
        row(IN_TURN, HARBORCONF, ours, []),
    ]


def probed(bench: Bench, slowed: list[Slowed], beside: str, command: list[str]) -> None:
    """How long somebody else's requests take while a command runs, again and again."""
    environ = bench.environ(bench.harbor.url)
    path = f"{API}/projects?name={bench.harbor.prefix}-0001&page_size=1"
    with helper("probe.py", path, environ=environ) as probe:
        assert probe.stdout is not None
        probe.stdout.readline()
        until = time.monotonic() + bench.probe_seconds
        while time.monotonic() < until:
            if command:
                bench.timed(command)
            else:
                time.sleep(bench.probe_seconds)
        took = sorted(json.loads(probe.communicate()[0]))
    half, most = took[len(took) // 2], took[len(took) * 99 // 100]
    slowed.append(Slowed(beside, round(half, 1), round(most, 1), len(took)))


def main() -> None:
    """Measure on the Harbor there is, print what was found, and add it to a file."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--projects", type=int, nargs="+", default=[100], help="sizes")
    options.add_argument("--times", type=int, default=5, help="how often each is run")
    options.add_argument("--concurrency", type=int, default=32)
    options.add_argument("--opentofu", type=int, nargs="*", default=[100], help="sizes for it too")
    options.add_argument("--probe", type=float, default=10, help="seconds of asking beside")
    options.add_argument("--out", type=Path, help="add to the figures in this file")
    given = options.parse_args()
    machine = f"Python {platform.python_version()}, {os.cpu_count()} CPUs"
    with harbor_to_measure() as harbor:
        for size in given.projects:
            with tempfile.TemporaryDirectory() as folder:
                bench = Bench(
                    harbor, Path(folder), size, given.times, given.concurrency, given.probe
                )
                entry = measure(bench, with_opentofu=size in given.opentofu)
            print("\n".join(table(entry)), flush=True)
            if given.out:
                save(given.out, machine, entry)


if __name__ == "__main__":
    main()
