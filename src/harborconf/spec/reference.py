"""References to secrets: where one lives, never what it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from harborconf.spec.value import SCALAR_SCHEMA, ValueType


@dataclass(frozen=True, slots=True)
class Env:
    """A secret in an environment variable; cannot be written."""

    name: str

    def __str__(self) -> str:
        return f"environment variable {self.name}"


@dataclass(frozen=True, slots=True)
class File:
    """A secret in a file, mode 0600 where harborconf writes it; a trailing newline is not part."""

    path: str

    def __str__(self) -> str:
        return f"file {self.path}"


Reference = Env | File

_EXPECTED = "expected where the secret lives: {env: NAME} or {file: PATH}"


def _read(raw: object) -> Reference:
    match raw:
        case {"env": str(name), **rest} if not rest and name:
            return Env(str(name))
        case {"file": str(path), **rest} if not rest and path:
            return File(str(path))
        case str():
            message = f"{_EXPECTED}; a secret never stands in the YAML itself"
            raise ValueError(message)
        case _:
            raise ValueError(_EXPECTED)


def _write(reference: Reference) -> dict[str, Any]:
    match reference:
        case Env(name=name):
            return {"env": name}
        case File(path=path):
            return {"file": path}


REFERENCE = ValueType(
    "secret reference",
    _read,
    _write,
    {
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": False,
        "properties": {
            "env": SCALAR_SCHEMA,
            "file": SCALAR_SCHEMA,
        },
    },
)
SecretReference = Annotated[Reference, REFERENCE]
