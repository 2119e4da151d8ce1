"""Where secrets live: the environment and files."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from harborconf.errors import StoreError
from harborconf.spec.reference import Env, File, Reference
from harborconf.spec.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping


class LocalStores:
    """The environment (read only) and files, relative ones below `base`."""

    def __init__(self, environ: Mapping[str, str], base: Path) -> None:
        self._environ = environ
        self._base = base

    def peek(self, reference: Reference) -> Secret | None:
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
                return self._read(self._base / path)

    def keep(self, reference: Reference, secret: Secret) -> Secret:
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
        assert kept is not None
        return kept

    def _read(self, path: Path) -> Secret | None:
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
    """Write beside, flush to disk, then link into place: all or nothing, first one wins."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(secret.reveal() + "\n")
            file.flush()
            os.fsync(file.fileno())
        if path.exists() and not path.stat().st_size:
            Path(temporary).replace(path)
        else:
            with suppress(FileExistsError):
                os.link(temporary, path)
    finally:
        Path(temporary).unlink(missing_ok=True)
