"""Commands as people run them: in this process, which is quick, or on a terminal of their own."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent

import pytest

from harborconf.cli import main

PATIENCE = 60
# The first terminal that a session opens controls it: then Ctrl-C is a signal.
_PROGRAM = """\
import os, sys
os.close(os.open(os.ttyname(0), os.O_RDWR))
from harborconf.cli import main
sys.exit(main())
"""
# What Linux tells of a process's main thread: what it does, and how often it has begun to run.
_RUNS = re.compile(r"^(?:State|(?:non)?voluntary_ctxt_switches):.*", re.MULTILINE)
_LOOKS = 5
_COLOUR = re.compile(r"\x1b\[[\d;]*m")
_CURSOR = re.compile(r"\x1b\[[\d;?]*[A-Za-ln-z]")
CTRL_C, CTRL_D = b"\x03", b"\x04"


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str


@dataclass
class Shell:
    folder: Path
    capture: pytest.CaptureFixture[str]

    def run(self, *arguments: str) -> Ran:
        """One command, in this process."""
        self.capture.readouterr()
        code = main(arguments)
        told = self.capture.readouterr()
        return Ran(code, told.out, told.err)

    def write(self, text: str, name: str = "desired/all.yaml") -> Path:
        """A file of YAML; `version: 1` is put before it."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"version: 1\n{dedent(text)}", encoding="utf-8")
        return path


def bash(script: str, home: Path) -> subprocess.CompletedProcess[str]:
    """A script in a shell of its own, which finds harborconf and has this home."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "--norc", "-c", f"{script}\nexit $?"],  # a last line more keeps the shell
        env={**os.environ, "PATH": path, "HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )


@dataclass
class Terminal:
    """A program on a pseudo terminal of its own."""

    program: subprocess.Popen[bytes]
    end: int
    seen: str = ""
    _read: int = field(default=0)

    def expect(self, text: str) -> None:
        """Wait until the program shows this, after what was expected before."""
        begin = time.monotonic()
        while text not in self.seen[self._read :]:
            assert time.monotonic() - begin < PATIENCE, f"no {text!r} in {self.seen!r}"
            assert self._more(), f"no {text!r} in {self.seen!r}"
        self._read = self.seen.index(text, self._read) + len(text)

    def text(self, *, colours: bool = False) -> str:
        """What stands on the terminal in the end, without what was taken away again."""
        lines = [_CURSOR.sub("", line).rpartition("\r")[2] for line in self.seen.split("\n")]
        kept = "\n".join(lines)
        return kept if colours else _COLOUR.sub("", kept)

    def rest(self) -> None:
        """Wait until the program waits: a signal that comes just before a read waits with it.

        It waits if it sleeps and has not run between several looks. Only Linux tells that.
        """
        if not Path("/proc/self/status").exists():
            pytest.skip("whether a program waits stands in /proc, which is not there")
        status = Path(f"/proc/{self.program.pid}/status")
        begin = time.monotonic()
        before, alike = [""], 0
        while alike < _LOOKS:
            assert time.monotonic() - begin < PATIENCE, f"no rest after {self.seen!r}"
            time.sleep(0.01)
            look = _RUNS.findall(status.read_text())
            alike = alike + 1 if look == before and "State:\tS (sleeping)" in look else 0
            before = look

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the program once it waits."""
        self.rest()
        self.program.send_signal(number)

    def type(self, keys: bytes) -> None:
        os.write(self.end, keys)

    def wait(self) -> int:
        """The exit code, once the program has ended."""
        while self._more():
            pass
        return self.program.wait(PATIENCE)

    def _more(self) -> bool:
        ready, _, _ = select.select([self.end], [], [], PATIENCE)
        assert ready, f"nothing happens after {self.seen!r}"
        with suppress(OSError):  # Linux: the other end is closed
            data = os.read(self.end, 65536)
            self.seen += data.decode().replace("\r\n", "\n")
            return bool(data)
        return False


@contextmanager
def terminal(*arguments: str) -> Iterator[Terminal]:
    """One command on a terminal, its controlling one: keys like Ctrl-C reach it."""
    end, other = pty.openpty()
    try:
        program = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, *arguments],
            stdin=other,
            stdout=other,
            stderr=other,
            start_new_session=True,
            env={**os.environ, "TERM": "xterm-256color"},
        )
    finally:
        os.close(other)
    try:
        yield Terminal(program, end)
    finally:
        if program.poll() is None:
            program.send_signal(signal.SIGKILL)
            program.wait()
        os.close(end)
