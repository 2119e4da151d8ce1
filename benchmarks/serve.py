"""Simulated Harbors in a process of its own. Says the URL of each; ends when its input does."""

from __future__ import annotations

import sys
from contextlib import ExitStack

from harborconf.simulator import Simulator

if __name__ == "__main__":
    version, *more = sys.argv[1:]
    with ExitStack() as opened:
        for _ in range(int(more[0]) if more else 1):
            print(opened.enter_context(Simulator(version).serve()), flush=True)
        sys.stdin.read()
