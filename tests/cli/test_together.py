"""Two runs at once against one Harbor, as a CronJob and somebody at a terminal."""

from __future__ import annotations

import subprocess
import sys

from cli.shell import Shell
from harborconf.simulator import Simulator

EXAMPLE = """\
users: {alice: {email: alice@example.com, password: {env: PASSWORD}}}
defaults: {project: {quota: 1GiB, members: {users: {alice: developer}}}}
projects: {%s}
"""


def test_two_runs_at_once_end_as_desired(shell: Shell, harbor: Simulator) -> None:
    harbor.state.latency = 0.01
    robot = "robots: {ci: {expires: 9d, permissions: {repository: [pull]}, secret: {file: s/%d}}}"
    shell.write(EXAMPLE % ", ".join(f"team-{n}: {{{robot % n}}}" for n in range(8)))
    command = [sys.executable, "-m", "harborconf", "apply", "--yes"]
    runs = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(2)
    ]
    told = [run.communicate(timeout=60) for run in runs]
    # One may meet what the other has just made, and says so; a CronJob tries again.
    assert {run.returncode for run in runs} <= {0, 1}, told
    assert all(b"Traceback" not in err for _, err in told)
    assert shell.run("apply", "--yes").code == 0
    assert shell.run("plan").code == 0
    assert len(harbor.state.robots) == 8
