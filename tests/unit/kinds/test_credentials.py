"""What Harbor demands of passwords and secrets."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from harborconf.kinds.credentials import generate, is_strong, too_weak, try_secret
from harborconf.kinds.resource import Verdict
from harborconf.spec.reference import Env, File
from harborconf.spec.secret import Secret
from unit.kinds.workbench import Api, workbench


@pytest.mark.parametrize(
    ("secret", "strong"),
    [
        ("Abcdefg1", True),
        ("Abcdef1", False),
        ("A1" + "b" * 126, True),
        ("A1" + "b" * 127, False),
        ("abcdefg1", False),
        ("ABCDEFG1", False),
        ("Abcdefgh", False),
        ("Ab1 \u00e9\u00e9", True),  # bytes count, and so does a space
        ("", False),
    ],
)
def test_strong(secret: str, strong: bool) -> None:
    assert is_strong(Secret(secret)) is strong


def test_what_is_generated_is_strong_and_new() -> None:
    found = {generate().reveal() for _ in range(50)}
    assert len(found) == 50
    assert all(is_strong(Secret(one)) and len(one) == 40 and one.isalnum() for one in found)


@pytest.mark.parametrize("reference", [Env("TOKEN"), File("out/x")])
def test_weak_ones_are_told_by_their_place(reference: Env | File) -> None:
    found = too_weak(reference)
    assert found.verdict is Verdict.BLOCKED
    assert str(reference) in found.reason
    assert "8 to 128" in found.reason


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [(True, Verdict.EQUAL), (False, Verdict.DIFFERENT), (None, Verdict.UNKNOWN)],
)
def test_tried(answer: bool | None, verdict: Verdict) -> None:
    class Answering(Api):
        async def accepts(self, username: str, secret: Secret) -> bool | None:
            assert (username, secret.reveal()) == ("bob", "Abcdefg1")
            return answer

    bench, _ = workbench()
    bench = replace(bench, api=Answering())
    found = asyncio.run(try_secret(bench, "bob", Secret("Abcdefg1")))
    assert found.verdict is verdict
