"""Values that stand for secrets, and an ear that hears all that is said."""

from __future__ import annotations

import base64
import io
import logging
import re
import secrets
import traceback
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

from harborconf.cli import console, main
from harborconf.simulator import Simulator

_WINDOW = 8
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Canaries:
    """Each is planted once; none may be heard again, in no form and no piece of 8 letters.

    The letters are written alike in JSON, URLs, HTML and Python; what stands around them is not,
    so that only who knows those forms can blot it out.
    """

    def __init__(self) -> None:
        self.cores: dict[str, str] = {}

    def plant(self, word: str, around: tuple[str, str] = ('1"\\ ', "&<é%")) -> str:
        """A new one."""
        core = "".join(secrets.choice(_LETTERS) for _ in range(24))
        self.cores[core] = word
        return core.join(around)

    def note(self, word: str, value: str) -> None:
        """One that somebody else has made."""
        self.cores[value] = word

    def heard(self, text: str) -> list[str]:
        """Those of which something stands in the text."""
        return [word for core, word in self.cores.items() if any(one in text for one in _of(core))]


def _of(core: str) -> Iterator[str]:
    yield from _pieces(core)
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + core.encode()).decode()
        yield from _pieces(encoded[4:-4])
    yield from _pieces(core.encode().hex(), 2 * _WINDOW)


def _pieces(text: str, size: int = _WINDOW + 2) -> Iterable[str]:
    return (text[at : at + size] for at in range(len(text) - size + 1))


class Ear:
    """Runs commands and keeps all that they say: output, logs of every level, tracebacks."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.with_traceback = True

    def run(self, *arguments: str) -> int:
        """A command, with the traceback of the error that ends it."""
        with self.listening():
            return main(arguments)

    def read(self, *paths: Path) -> None:
        """Take in files, also those in folders."""
        for path in paths:
            files = [path] if path.is_file() else sorted(path.rglob("*"))
            self.heard += [file.read_text("utf-8") for file in files if file.is_file()]

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Keep what is printed and logged, and each error that is told, all its causes too."""
        spoken, logged = io.StringIO(), io.StringIO()
        root = logging.getLogger()
        handler = logging.StreamHandler(logged)
        level = root.level
        root.addHandler(handler)
        root.setLevel(1)
        tell = console.fail

        def fail(lines: Sequence[str], advice: str = "") -> None:
            if self.with_traceback:
                self.heard.append(traceback.format_exc())
            tell(lines, advice)

        console.fail = fail
        try:
            with redirect_stdout(spoken), redirect_stderr(spoken):
                yield
        finally:
            console.fail = tell
            root.removeHandler(handler)
            root.setLevel(level)
            self.heard += [spoken.getvalue(), logged.getvalue()]


def note_what_harbor_makes(simulator: Simulator, canaries: Canaries) -> None:
    """Take its own secrets for canaries: those of new robots, and sessions."""

    def after(request: object, reply: object) -> None:
        del request
        body = getattr(reply, "body", b"").decode()
        for secret in re.findall(r'"secret":"([^"*]+)"', body):
            canaries.note("a robot's secret of Harbor's", secret)
        for cookie in getattr(reply, "cookies", ()):
            name, _, value = cookie.partition(";")[0].partition("=")
            canaries.note(f"the cookie {name}", value)

    simulator.state.after = after
