"""Simulated Harbors in a process of its own. Says the URL of each; ends when its input does."""

from __future__ import annotations

import sys
from contextlib import ExitStack

from harborconf.simulator import Simulator

if __name__ == "__main__":
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 1  # noqa: PLR2004 - the count is the second
    with ExitStack() as opened:
        for _ in range(count):
            print(opened.enter_context(Simulator(sys.argv[1]).serve()), flush=True)
        sys.stdin.read()
