"""A simulated Harbor in a process of its own. Says its URL; ends when its input does."""

from __future__ import annotations

import sys

from harborconf.simulator import Simulator

if __name__ == "__main__":
    with Simulator(sys.argv[1]).serve() as url:
        print(url, flush=True)
        sys.stdin.read()
