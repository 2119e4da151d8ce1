"""Programs and what they cost, as the kernel counts it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

HERE = Path(__file__).parent
_KIB = 1024 if sys.platform != "darwin" else 1024 * 1024


@dataclass(frozen=True)
class Cost:
    """Seconds of wall clock, seconds of CPU, and the most memory in MiB."""

    wall: float
    cpu: float
    memory: float


def cost(command: Sequence[str], environ: Mapping[str, str], *, expected: int) -> Cost:
    """Run a program to its end.

    Raises:
        RuntimeError: its exit code is not the expected one.
    """
    begun = time.perf_counter()
    program = subprocess.Popen(
        command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert program.stderr is not None
    told = program.stderr.read().decode()
    cpu, memory = wait(program)
    wall = time.perf_counter() - begun
    program.stderr.close()
    if program.returncode != expected:
        message = f"{' '.join(command)} ended with {program.returncode}:\n{told}"
        raise RuntimeError(message)
    return Cost(wall, cpu, memory)


def wait(program: subprocess.Popen[Any]) -> tuple[float, float]:
    """Wait until a program ends: its seconds of CPU, and the most memory it had, in MiB."""
    _, status, usage = os.wait4(program.pid, 0)
    program.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / _KIB


def middle(costs: Sequence[Cost]) -> Cost:
    """The median of each figure."""
    return Cost(
        median(one.wall for one in costs),
        median(one.cpu for one in costs),
        median(one.memory for one in costs),
    )


@contextmanager
def helper(
    script: str, *arguments: str, environ: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    """A program of this folder that says one line when it is ready, and ends with its input."""
    command = [sys.executable, str(HERE / script), *arguments]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environ
    ) as program:
        try:
            yield program
        finally:
            program.communicate()
