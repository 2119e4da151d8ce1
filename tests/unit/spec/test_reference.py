"""Where secrets live."""

from __future__ import annotations

import pytest

from harborconf.spec.reference import REFERENCE, Env, File
from harborconf.spec.value import Plain
from unit.refusals import refusal

EXPECTED = "expected where the secret lives: {env: NAME} or {file: PATH}"


@pytest.mark.parametrize(
    ("raw", "expected", "shown"),
    [
        ({"env": "TOKEN"}, Env("TOKEN"), "environment variable TOKEN"),
        ({"file": Plain("7")}, File("7"), "file 7"),
    ],
)
def test_written_and_read(raw: object, expected: Env | File, shown: str) -> None:
    found = REFERENCE.read(raw)
    assert found == expected
    assert REFERENCE.write(found) == raw
    assert str(found) == shown


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Hidden-1234", f"{EXPECTED}; a secret never stands in the YAML itself"),
        ({"env": "A", "file": "b"}, EXPECTED),
        ({"env": ""}, EXPECTED),
        ({"file": None}, EXPECTED),
        ({"file": ["a"]}, EXPECTED),
        ({"value": "Hidden-1234"}, EXPECTED),
        ({}, EXPECTED),
        (["Hidden-1234"], EXPECTED),
        (None, EXPECTED),
    ],
)
def test_refused_without_repeating_what_may_be_the_secret(raw: object, expected: str) -> None:
    assert refusal(REFERENCE.read, raw) == expected
