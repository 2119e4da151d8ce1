"""`harborconf apply`: asking, stopping, going on, and what it says."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from cli.shell import CTRL_C, CTRL_D, PATIENCE, Shell, terminal
from harborconf.simulator import Reply, Request, Simulator

EXAMPLE = """\
users: {alice: {email: alice@example.com, password: {env: PASSWORD}}}
projects:
  team-a:
    quota: 1GiB
    members: {users: {alice: developer}}
    robots: {ci: {expires: 9d, permissions: {repository: [pull]}, secret: {file: secrets/ci}}}
"""


def test_it_is_done_and_then_there_is_nothing_to_do(shell: Shell, harbor: Simulator) -> None:
    shell.write(EXAMPLE)
    ran = shell.run("apply", "--yes")
    assert ran.code == 0
    assert "+ project/team-a/member/user:alice" in ran.out
    assert "Plan for " in ran.out
    assert ran.out.rstrip().endswith("Done: 8, failed: 0, skipped: 0.")
    assert "done     create project/team-a\n" in ran.err
    assert (shell.folder / "secrets" / "ci").stat().st_mode & 0o777 == 0o600
    written = len(harbor.writes)
    again = shell.run("apply", "--yes")
    assert (again.code, again.err) == (0, "")
    assert again.out.startswith("Nothing to do")
    assert len(harbor.writes) == written


def test_what_fails_is_told_with_harbors_own_words(shell: Shell, harbor: Simulator) -> None:
    def refuse(request: Request) -> Reply | None:
        if (request.method, request.path) == ("POST", "/api/v2.0/projects"):
            return Reply(403, b'{"errors": [{"code": "FORBIDDEN", "message": "not on a Friday"}]}')
        return None

    harbor.state.before = refuse
    shell.write(EXAMPLE)
    ran = shell.run("apply", "--yes")
    assert ran.code == 1
    assert "failed   create project/team-a\n         POST /projects: 403 not on a Friday" in ran.out
    assert "done     create user/alice" in ran.err
    assert "Run again to finish the rest." in ran.out
    harbor.state.before = None
    assert shell.run("apply", "--yes").code == 0
    assert shell.run("plan").code == 0


def test_what_is_blocked_is_not_well_though_the_rest_is_done(
    shell: Shell, harbor: Simulator
) -> None:
    del harbor
    shell.write("projects: {library: {members: {groups: {nobody: guest}}}, new: {}}")
    for _ in range(2):
        assert shell.run("apply", "--yes").code == 1
    ran = shell.run("plan")
    assert ran.code == 1
    assert "0 to create" in ran.out


def test_a_harbor_in_read_only_mode_can_be_planned_but_not_changed(
    shell: Shell, harbor: Simulator
) -> None:
    harbor.state.settings["read_only"] = True
    shell.write(EXAMPLE)
    assert shell.run("plan").code == 2
    ran = shell.run("apply", "--yes")
    assert ran.code == 1
    assert "read-only mode" in ran.err
    assert harbor.writes == []


def test_read_only_mode_does_not_stop_a_plan_that_ends_it(shell: Shell, harbor: Simulator) -> None:
    harbor.state.settings["read_only"] = True
    shell.write("system: {settings: {session_timeout: 90}}")  # settings alone are let through
    assert shell.run("apply", "--yes").code == 0
    shell.write("system: {settings: {read_only: false}}\nlabels: {a: {}}")
    ran = shell.run("apply", "--yes")
    assert (ran.code, harbor.state.settings["read_only"]) == (0, False)
    assert ran.err.index("switch read-only mode off") < ran.err.index("create label/a")


ANSWERS = {
    "no": (b"n\n", 1),
    "nothing, which is no": (b"\n", 1),
    "the end of input": (CTRL_D, 1),
    "Ctrl-C": (CTRL_C, 130),
    "yes": (b"y\n", 0),
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_it_asks_on_a_terminal(shell: Shell, harbor: Simulator, answer: str) -> None:
    keys, code = ANSWERS[answer]
    shell.write(EXAMPLE)
    with terminal("apply") as screen:
        screen.expect("1 to delete, 0 extra.")
        screen.expect(f"Make these changes to {os.environ['HARBOR_URL']}? [y/N] ")
        screen.rest()
        screen.type(keys)
        assert screen.wait() == code
    assert bool(harbor.writes) is (code == 0)
    assert ("Done: 8" in screen.seen) is (code == 0)
    assert ("declined: nothing was written" in screen.seen) is (code == 1)
    assert "Traceback" not in screen.seen


def test_a_termination_is_an_answer_too(shell: Shell, harbor: Simulator) -> None:
    shell.write(EXAMPLE)
    with terminal("apply") as screen:
        screen.expect("[y/N] ")
        screen.signal(signal.SIGTERM)
        assert screen.wait() == 143
    assert "Traceback" not in screen.seen
    assert harbor.writes == []


def test_nothing_to_do_is_not_asked_about(shell: Shell, harbor: Simulator) -> None:
    del harbor
    shell.write("projects: {library: {}}")
    with terminal("apply") as screen:
        assert screen.wait() == 0
    assert "[y/N]" not in screen.seen


def slow_writes(harbor: Simulator) -> None:
    """Let each write of the API take a moment."""

    def wait(request: Request, reply: Reply) -> None:
        del reply
        if request.writes and request.path.startswith("/api"):
            time.sleep(0.15)

    harbor.state.after = wait


def until(condition: Callable[[], bool]) -> None:
    begin = time.monotonic()
    while not condition():
        assert time.monotonic() - begin < PATIENCE
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["INT", "TERM"]
)
def test_a_signal_finishes_what_is_in_flight_and_says_what_is_done(
    shell: Shell, harbor: Simulator, number: signal.Signals, code: int
) -> None:
    names = [f"p{number}" for number in range(30)]
    nobody = "{members: {users: {}}}"  # not even who makes it
    shell.write("projects:\n" + "".join(f"  {name}: {nobody}\n" for name in names))
    slow_writes(harbor)
    command = [sys.executable, "-m", "harborconf", "apply", "--yes", "--concurrency", "2"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as program:
        until(lambda: len(harbor.writes) >= 3)
        program.send_signal(number)
        out, err = program.communicate(timeout=PATIENCE)
    assert program.returncode == code
    assert "stopping: what is in flight is finished first" in err
    assert "Traceback" not in err
    made = [name for name in names if harbor.state.projects.find(name)]
    assert 2 <= len(made) < len(names)
    left = 2 * (len(names) - len(made))
    assert f"Done: {2 * len(made)}, failed: 0, skipped: {left}." in out
    assert "steps: stopped on request" in out
    harbor.state.after = None
    ran = shell.run("apply", "--yes")
    assert f"Done: {left}," in ran.out
    again = shell.run("plan")
    assert (ran.code, again.code) == (0, 0)
    assert "0 extra" in again.out


def test_progress_stands_in_one_place_on_a_terminal(shell: Shell, harbor: Simulator) -> None:
    del harbor
    shell.write(EXAMPLE)
    with terminal("apply", "--yes") as screen:
        assert screen.wait() == 0
    assert re.search(r"applying: \d of 8.*  create ", screen.seen)
    assert "applying:" not in screen.text()
    assert "done     create" not in screen.seen


def test_requests_are_shown_without_secrets(shell: Shell, harbor: Simulator) -> None:
    del harbor
    shell.write(EXAMPLE)
    ran = shell.run("apply", "--yes", "-v")
    assert "POST /api/v2.0/projects 201" in ran.err
    secret = (shell.folder / "secrets" / "ci").read_text(encoding="utf-8").strip()
    for hidden in (secret, "Example1Word", "Harbor12345"):
        assert hidden not in ran.out + ran.err


def test_a_lost_reader_ends_it_quietly(shell: Shell, harbor: Simulator) -> None:
    shell.write(EXAMPLE)
    command = f"{sys.executable} -m harborconf apply --yes | true"
    ran = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (1, "")
    assert harbor.writes == []
