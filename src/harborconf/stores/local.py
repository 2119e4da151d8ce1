"""Secrets in the environment and in files."""

from __future__ import annotations

import fcntl
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from harborconf.errors import StoreError
from harborconf.spec.reference import Env, File
from harborconf.spec.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping


Local = Env | File


class LocalStores:
    """The environment (read only) and files, relative ones below `base`."""

    def __init__(self, environ: Mapping[str, str], base: Path) -> None:
        self._environ = environ
        self._base = base

    def peek(self, reference: Local) -> Secret | None:
        """The secret there, without a trailing newline, or None where the file is empty.

        Raises:
            StoreError: the variable is not set, or the file cannot be read.
        """
        match reference:
            case Env(name=name):
                if not self._environ.get(name):
                    message = f"the environment variable {name} is not set"
                    raise StoreError(message, advice="set it, or remove the reference")
                return Secret(self._environ[name])
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
        """Create the file, mode 0600, in one piece; if it is there already, its secret wins.

        Raises:
            StoreError: it cannot be written.
        """
        if not isinstance(reference, File):
            message = f"{reference} cannot be written"
            raise StoreError(message)
        path = self._base / reference.path
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _create(path, secret)
        except OSError as error:
            message = f"{reference} cannot be written: {error.strerror}"
            raise StoreError(message, advice="nothing was sent to Harbor for it") from error
        kept = self.peek(reference)
        if kept is None:
            message = f"{reference} stays empty, whatever is written to it"
            raise StoreError(message, advice="nothing was sent to Harbor for it")
        return kept

    def replace(self, reference: Local, secret: Secret, username: str = "") -> None:
        """Put a secret in the place of another; with a user name, `PATH.username` tells it.

        Raises:
            StoreError: it cannot be written.
        """
        if not isinstance(reference, File):
            message = f"{reference} cannot be written"
            raise StoreError(message, advice="use {file: ...} or {kubernetes: ...} for it")
        path = self._base / reference.path
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            if username:
                _put(_beside(path), f"{username}\n")
            _put(path, f"{secret.reveal()}\n")
        except OSError as error:
            message = f"{reference} cannot be written: {error.strerror}"
            raise StoreError(message) from error


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.username")


def _put(path: Path, text: str) -> None:
    """Write beside, flush to disk, then move into place."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
        _flush(path.parent)
    finally:
        Path(temporary).unlink(missing_ok=True)


def _read(path: Path) -> Secret | None:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        message = f"the file {path} cannot be read: {reason}"
        raise StoreError(message) from error
    text = text.removesuffix("\n").removesuffix("\r")
    return Secret(text) if text else None


def _create(path: Path, secret: Secret) -> None:
    """Write beside, flush to disk, then move into place: all or nothing, the first one wins."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(secret.reveal() + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(temporary, path)
        except FileExistsError:
            _replace_if_empty(path, temporary)
        _flush(path.parent)
    finally:
        Path(temporary).unlink(missing_ok=True)


def _replace_if_empty(path: Path, temporary: str) -> None:
    """Move a file onto one that is empty; the lock lets one writer at a time look and do it."""
    with path.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        is_there = os.path.samestat(os.fstat(held.fileno()), path.stat())
        if is_there and _read(path) is None:
            Path(temporary).replace(path)


def _flush(folder: Path) -> None:
    """Make the name of a new file outlast a crash of the machine."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
