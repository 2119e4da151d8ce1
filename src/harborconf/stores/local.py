"""Secrets in the environment and in files."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from harborconf.errors import StoreError
from harborconf.spec.reference import Env, File
from harborconf.spec.secret import TRIMMED, Secret, trimmed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


Local = Env | File


class LocalStores:
    """The environment (read only) and files, relative ones below `base`."""

    def __init__(
        self, environ: Mapping[str, str], base: Path, tell: Callable[[str], None] = lambda _: None
    ) -> None:
        self._environ = environ
        self._base = base
        self._tell = tell

    def peek(self, reference: Local) -> Secret | None:
        """The secret there, without a trailing newline, or None where the file is empty.

        Raises:
            StoreError: the variable is not set, or the file cannot be read.
        """
        match reference:
            case Env(name=name):
                found = self._environ.get(name, "")
                if not trimmed(found):
                    message = f"the environment variable {name} is not set"
                    raise StoreError(message, advice="set it, or remove the reference")
                if trimmed(found) != found:
                    self._tell(f"the environment variable {name} {TRIMMED}")
                return Secret(trimmed(found))
            case File(path=path):
                return _read(self._base / path)

    def username(self, reference: Local) -> str | None:
        """The user name in `PATH.username`, or None.

        Raises:
            StoreError: it cannot be read.
        """
        if not isinstance(reference, File):
            return None
        found = _read(_beside(self._base / reference.path))
        return None if found is None else found.reveal()

    def keep(self, reference: Local, secret: Secret) -> Secret:
        """Fill the file, mode 0600, in one piece; if it is not empty, its secret wins.

        Raises:
            StoreError: it cannot be written.
        """
        with self._writing(reference, "nothing was sent to Harbor for it") as path:
            kept = _read(path)
            if kept is None:
                _put(path, f"{secret.reveal()}\n")
            return kept or secret

    def replace(self, reference: Local, secret: Secret, username: str = "") -> None:
        """Put a secret in the place of another; with a user name, `PATH.username` tells it.

        Who could read the file still can.

        Raises:
            StoreError: it cannot be written.
        """
        with self._writing(reference) as path:
            like = path.stat()
            if username:
                _put(_beside(path), f"{username}\n", like)
            _put(path, f"{secret.reveal()}\n", like)

    def change(self, reference: File, make: Callable[[Secret | None], Secret]) -> None:
        """Put into a file what is made of what it holds.

        Raises:
            StoreError: it cannot be read or written.
        """
        with self._writing(reference) as path:
            _put(path, f"{make(_read(path)).reveal()}\n", path.stat())

    @contextmanager
    def _writing(self, reference: Local, advice: str = "") -> Iterator[Path]:
        """The file's path, for one writer at a time."""
        if not isinstance(reference, File):
            message = f"{reference} cannot be written"
            raise StoreError(message, advice="use {file: ...} or {kubernetes: ...} for it")
        path = self._base / reference.path
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with _held(path):
                yield path
        except OSError as error:
            is_link = error.errno == errno.ELOOP
            reason = "it is a symbolic link" if is_link else error.strerror
            message = f"{reference} cannot be written: {reason}"
            raise StoreError(message, advice=advice) from error


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.username")


def _read(path: Path) -> Secret | None:
    try:
        _check(path.stat())
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        message = f"the file {path} cannot be read: {reason}"
        raise StoreError(message) from error
    return Secret(trimmed(text)) if trimmed(text) else None


def _check(found: os.stat_result) -> None:
    """A pipe could be read once only, and a device without end."""
    if not stat.S_ISREG(found.st_mode) and not stat.S_ISDIR(found.st_mode):
        raise OSError(errno.EINVAL, "it is no regular file")


@contextmanager
def _held(path: Path) -> Iterator[None]:
    """Lock a file, made if it is not there; who waited takes the one that is there by then."""
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "rb"):
            _check(os.fstat(handle))
            fcntl.flock(handle, fcntl.LOCK_EX)
            if _is_at(path, handle):
                yield
                return


def _is_at(path: Path, handle: int) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.lstat())
    except FileNotFoundError:
        return False


def _put(path: Path, text: str, like: os.stat_result | None = None) -> None:
    """Write beside, flush to disk, then move into place."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            if like is not None:
                with suppress(PermissionError):  # it is nobody else's then
                    os.fchown(file.fileno(), like.st_uid, like.st_gid)
                    os.fchmod(file.fileno(), stat.S_IMODE(like.st_mode))
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
        _flush(path.parent)
    finally:
        Path(temporary).unlink(missing_ok=True)


def _flush(folder: Path) -> None:
    """Make the name of a new file outlast a crash of the machine."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
