"""References to secrets: where one lives, never what it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any

from harborconf.spec.records import ValueProblemError, unknown_key
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


class SecretType(Enum):
    """How a Secret of Kubernetes holds it: under keys, or as a credential to pull images with."""

    OPAQUE = "opaque"
    DOCKER = "dockerconfigjson"


DEFAULT_KEY, USERNAME_KEY = "secret", "username"


@dataclass(frozen=True, slots=True)
class Kubernetes:
    """A secret in a Secret of Kubernetes.

    Without a namespace it is the one of the pod, or of the kubeconfig's context. An opaque one
    holds it under `key`, and the user name under `username` (`KEY.username` of another key).
    """

    name: str
    namespace: str = ""
    key: str = DEFAULT_KEY
    type: SecretType = SecretType.OPAQUE

    @property
    def username_key(self) -> str:
        """Where an opaque one holds the user name."""
        return USERNAME_KEY if self.key == DEFAULT_KEY else f"{self.key}.{USERNAME_KEY}"

    def __str__(self) -> str:
        return f"Kubernetes Secret {f'{self.namespace}/' if self.namespace else ''}{self.name}"


Reference = Env | File | Kubernetes

_EXPECTED = (
    "expected where the secret lives: {env: NAME}, {file: PATH} or {kubernetes: {secret: NAME}}"
)
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_RULES: Mapping[str, tuple[re.Pattern[str], str]] = {
    "secret": (
        re.compile(rf"(?=.{{1,253}}$){_LABEL}(?:\.{_LABEL})*"),
        "lower-case letters, digits",
    ),
    "namespace": (re.compile(_LABEL), "lower-case letters, digits"),
    "key": (re.compile(r"[-._a-zA-Z0-9]{1,200}"), "letters, digits, `.`, `_`"),
    "type": (re.compile("|".join(one.value for one in SecretType)), ""),
}
_TYPES = " or ".join(one.value for one in SecretType)


def _read(raw: object) -> Reference:
    match raw:
        case {"env": str(name), **rest} if not rest and name:
            return Env(str(name))
        case {"file": str(path), **rest} if not rest and path:
            return File(str(path))
        case {"kubernetes": Mapping() as found, **rest} if not rest:
            return _read_kubernetes(found)
        case str():
            message = f"{_EXPECTED}; a secret never stands in the YAML itself"
            raise ValueError(message)
        case _:
            raise ValueError(_EXPECTED)


def _read_kubernetes(raw: Mapping[str, Any]) -> Kubernetes:
    """The names are Kubernetes' own rules."""
    for key, value in raw.items():
        path = ("kubernetes", key)
        if key not in _RULES:
            raise ValueProblemError("; ".join(unknown_key(str(key), _RULES)), path, at_key=True)
        pattern, letters = _RULES[key]
        if not isinstance(value, str) or not pattern.fullmatch(value):
            message = f"expected {_TYPES}" if key == "type" else f"Kubernetes takes no such {key}"
            raise ValueProblemError(f"{message}: {letters} and `-`" if letters else message, path)
    if "secret" not in raw:
        raise ValueProblemError("`secret`, the name of the Secret, is missing", ("kubernetes",))
    kind = SecretType(raw.get("type", SecretType.OPAQUE.value))
    if kind is SecretType.DOCKER and "key" in raw:
        message = "a Secret of type dockerconfigjson has one key only"
        raise ValueProblemError(message, ("kubernetes", "key"), at_key=True)
    if raw.get("key") == USERNAME_KEY:
        message = "the key `username` is for the user name"
        raise ValueProblemError(message, ("kubernetes", "key"))
    key = str(raw.get("key", DEFAULT_KEY))
    return Kubernetes(str(raw["secret"]), str(raw.get("namespace", "")), key, kind)


def _write(reference: Reference) -> dict[str, Any]:
    match reference:
        case Env(name=name):
            return {"env": name}
        case File(path=path):
            return {"file": path}
        case Kubernetes():
            written = {"secret": reference.name}
            if reference.namespace:
                written["namespace"] = reference.namespace
            if reference.key != DEFAULT_KEY:
                written["key"] = reference.key
            if reference.type is not SecretType.OPAQUE:
                written["type"] = reference.type.value
            return {"kubernetes": written}


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
            "kubernetes": {
                "type": "object",
                "additionalProperties": False,
                "required": ["secret"],
                "properties": {
                    "secret": {"type": "string", "description": "The Secret's name."},
                    "namespace": {
                        "type": "string",
                        "description": "Its namespace; that of the pod or the kubeconfig if not"
                        " written.",
                    },
                    "key": {
                        "type": "string",
                        "description": "The key in an opaque one; `secret` if not written.",
                    },
                    "type": {"enum": [one.value for one in SecretType]},
                },
            },
        },
    },
)
SecretReference = Annotated[Reference, REFERENCE]
