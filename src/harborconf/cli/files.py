"""Files that commands write: all of one or nothing."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from harborconf.errors import UsageError


def check_target(file: Path) -> None:
    """Refuse early a place that no file can be written to.

    Raises:
        UsageError: it is no regular file, or its directory does not exist.
    """
    real = file.resolve()
    if real.exists() and not real.is_file():
        message = f"{file} is no regular file"
        raise UsageError(message, advice="name a file to write")
    if not real.parent.is_dir():
        message = f"{real.parent} is no directory"
        raise UsageError(message, advice=f"make it first, to write {file.name} into it")


def check_empty(directory: Path) -> None:
    """Refuse to write where something is.

    Raises:
        UsageError: something is there.
    """
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        message = f"{directory} is not an empty directory"
        raise UsageError(message, advice="name a new one: nothing is overwritten")


def write_whole(file: Path, text: str) -> None:
    """Write ASCII in one piece, mode 0600; what stood there before stays until then.

    Raises:
        UsageError: it cannot be written.
    """
    real = file.resolve()
    try:
        handle, temporary = tempfile.mkstemp(dir=real.parent, prefix=f".{real.name}.")
        try:
            with os.fdopen(handle, "w", encoding="ascii") as out:
                out.write(text)
                out.flush()
                os.fsync(out.fileno())
            Path(temporary).replace(real)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        message = f"{file} cannot be written: {error.strerror}"
        raise UsageError(message) from error
