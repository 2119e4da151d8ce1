"""Where secrets live: read as written, written once, in one piece, for nobody else to read."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from harborconf.errors import StoreError
from harborconf.spec.reference import Env, File
from harborconf.spec.secret import Secret
from harborconf.stores.local import LocalStores

MINE = Secret("Example1Word")
PLACE = File("out/team/ci")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def found(stores: LocalStores) -> str | None:
    secret = stores.peek(PLACE)
    return None if secret is None else secret.reveal()


@pytest.mark.parametrize(
    ("content", "secret"),
    [
        (b"word", "word"),
        (b"word\n", "word"),
        (b"word\r\n", "word"),
        (b" word \n\n", " word \n"),
        (b"", None),
        (b"\n", None),
        (None, None),
    ],
)
def test_a_file_holds_its_secret_without_the_last_newline(
    content: bytes | None, secret: str | None, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / "file").write_bytes(content)
    stored = LocalStores({}, tmp_path).peek(File("file"))
    assert (stored and stored.reveal()) == secret


@pytest.mark.parametrize(
    ("text", "secret", "odd"),
    [("word", "word", False), (" word\n", " word", True), ("word\r\n", "word", True)],
)
def test_a_newline_at_the_end_of_a_variable_is_taken_off_and_told(
    text: str, secret: str, odd: bool, tmp_path: Path
) -> None:
    told: list[str] = []
    stored = LocalStores({"WORD": text}, tmp_path, told.append).peek(Env("WORD"))
    assert stored == Secret(secret)
    message = "the environment variable WORD ends in a newline, which is taken off"
    assert told == ([message] if odd else [])


@pytest.mark.parametrize("environ", [{}, {"WORD": ""}, {"WORD": "\n"}])
def test_a_variable_that_is_not_set_is_an_error(environ: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="WORD is not set"):
        LocalStores(environ, tmp_path).peek(Env("WORD"))


def test_what_cannot_be_read_is_an_error_and_not_empty(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"\xff\xfe")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    stores = LocalStores({}, tmp_path)
    for name, reason in (
        ("file", "not text"),
        ("folder", "directory"),
        ("file/x", "directory"),
        ("pipe", "no regular file"),
        ("/dev/zero", "no regular file"),
    ):
        with pytest.raises(StoreError, match=reason):
            stores.peek(File(name))


def test_a_variable_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be written"):
        LocalStores({}, tmp_path).keep(Env("WORD"), MINE)


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_only_its_owner_may_read_a_new_file(umask: int, tmp_path: Path) -> None:
    before = os.umask(umask)
    try:
        assert LocalStores({}, tmp_path).keep(PLACE, MINE) == MINE
    finally:
        os.umask(before)
    path = tmp_path / PLACE.path
    assert path.read_text(encoding="utf-8") == f"{MINE.reveal()}\n"
    assert mode(path) == 0o600
    assert mode(path.parent) == 0o700 & ~umask
    assert [one.name for one in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("content", ["", "\n"])
def test_an_empty_file_is_filled(content: str, tmp_path: Path) -> None:
    path = tmp_path / PLACE.path
    path.parent.mkdir(parents=True)
    path.write_text(content, encoding="utf-8")
    stores = LocalStores({}, tmp_path)
    assert stores.keep(PLACE, MINE) == MINE
    assert found(stores) == MINE.reveal()
    assert mode(path) == 0o600


def test_a_secret_that_is_there_is_kept(tmp_path: Path) -> None:
    stores = LocalStores({}, tmp_path)
    stores.keep(PLACE, MINE)
    assert stores.keep(PLACE, Secret("Another1Word")) == MINE
    assert found(stores) == MINE.reveal()


def test_who_may_read_a_secret_may_read_the_next(tmp_path: Path) -> None:
    stores = LocalStores({}, tmp_path)
    stores.keep(PLACE, MINE)
    path = tmp_path / PLACE.path
    path.chmod(0o640)
    stores.replace(PLACE, Secret("Another1Word"), "robot$ci")
    assert found(stores) == "Another1Word"
    assert [mode(one) for one in sorted(path.parent.iterdir())] == [0o640, 0o640]


@pytest.mark.parametrize("is_there", [False, True], ids=["no file", "empty file"])
def test_of_many_writers_one_wins_and_all_get_its_secret(is_there: bool, tmp_path: Path) -> None:
    if is_there:
        (tmp_path / "out/team").mkdir(parents=True)
        (tmp_path / PLACE.path).touch()
    writers = 8
    barrier = Barrier(writers)

    def write(number: int) -> Secret:
        barrier.wait()
        return LocalStores({}, tmp_path).keep(PLACE, Secret(f"Example{number}Word"))

    with ThreadPoolExecutor(writers) as pool:
        kept = list(pool.map(write, range(writers)))
    assert {secret.reveal() for secret in kept} == {found(LocalStores({}, tmp_path))}


def test_what_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "out").touch()
    with pytest.raises(StoreError, match="cannot be written"):
        LocalStores({}, tmp_path).keep(PLACE, MINE)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: path.symlink_to("nowhere"), "it is a symbolic link"),
        (os.mkfifo, "it is no regular file"),
        (Path.mkdir, "Is a directory"),
    ],
)
def test_what_is_no_file_is_left_as_it_is(
    make: Callable[[Path], None], reason: str, tmp_path: Path
) -> None:
    path = tmp_path / "file"
    make(path)
    before = path.lstat()
    for write in (LocalStores.keep, LocalStores.replace):
        with pytest.raises(StoreError, match=f"cannot be written: {reason}"):
            write(LocalStores({}, tmp_path), File("file"), MINE)
    assert os.path.samestat(path.lstat(), before)
    assert list(tmp_path.iterdir()) == [path]


WRITERS, EACH = 2, 20
ADDING = """
import sys
from pathlib import Path
from harborconf.spec.reference import File
from harborconf.spec.secret import Secret
from harborconf.stores.local import LocalStores

stores, name, each = LocalStores({}, Path(sys.argv[1])), sys.argv[2], int(sys.argv[3])
for number in range(each):
    stores.change(
        File("file"), lambda held: Secret(f"{held.reveal() if held else ''} {name}{number}")
    )
"""


def test_two_processes_that_change_a_file_lose_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-c", ADDING, str(tmp_path)]
    names = [f"writer{number}." for number in range(WRITERS)]
    running = [subprocess.Popen([*command, name, str(EACH)]) for name in names]
    assert [one.wait() for one in running] == [0] * WRITERS
    words = (tmp_path / "file").read_text("utf-8").split()
    assert sorted(words) == sorted(f"{name}{number}" for name in names for number in range(EACH))
    assert mode(tmp_path / "file") == 0o600


CALLS = ("os.open", "fcntl.flock", "tempfile.mkstemp", "os.fsync", "pathlib.Path.replace")
KILLED = 9
PROGRAM = """
import fcntl, os, pathlib, sys, tempfile
from pathlib import Path
from harborconf.spec.reference import File
from harborconf.spec.secret import Secret
from harborconf.stores.local import LocalStores

owner, _, name = sys.argv[1].rpartition(".")
place = eval(owner)
call = getattr(place, name)

def die(*args, **options):
    if sys.argv[2] == "after":
        call(*args, **options)
    os._exit(9)

setattr(place, name, die)
LocalStores({}, Path(sys.argv[3])).keep(File("out/team/ci"), Secret("Another1Word"))
"""


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_killed_writer_leaves_all_or_nothing(call: str, when: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", PROGRAM, call, when, str(tmp_path)]
    assert subprocess.run(command, check=False).returncode == KILLED
    stores = LocalStores({}, tmp_path)
    left = found(stores)
    assert left in {None, "Another1Word"}
    expected = left or MINE.reveal()
    assert stores.keep(PLACE, MINE).reveal() == expected
    assert found(stores) == expected
