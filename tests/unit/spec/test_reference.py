"""Where secrets live."""

from __future__ import annotations

import pytest

from harborconf.spec.records import ValueProblemError
from harborconf.spec.reference import REFERENCE, Env, File, Kubernetes, Reference, SecretType
from harborconf.spec.value import Plain
from unit.refusals import refusal

EXPECTED = (
    "expected where the secret lives: {env: NAME}, {file: PATH} or {kubernetes: {secret: NAME}}"
)


@pytest.mark.parametrize(
    ("raw", "expected", "shown"),
    [
        ({"env": "TOKEN"}, Env("TOKEN"), "environment variable TOKEN"),
        ({"file": Plain("7")}, File("7"), "file 7"),
        ({"kubernetes": {"secret": "ci"}}, Kubernetes("ci"), "Kubernetes Secret ci"),
        (
            {"kubernetes": {"secret": "ci", "namespace": "a", "key": "K"}},
            Kubernetes("ci", "a", "K"),
            "Kubernetes Secret a/ci",
        ),
        (
            {"kubernetes": {"secret": "pull.ci", "type": "dockerconfigjson"}},
            Kubernetes("pull.ci", type=SecretType.DOCKER),
            "Kubernetes Secret pull.ci",
        ),
    ],
)
def test_written_and_read(raw: object, expected: Reference, shown: str) -> None:
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
        ({"kubernetes": "Hidden-1234"}, EXPECTED),
        ({"kubernetes": {"secret": "a"}, "env": "A"}, EXPECTED),
        (None, EXPECTED),
    ],
)
def test_refused_without_repeating_what_may_be_the_secret(raw: object, expected: str) -> None:
    assert refusal(REFERENCE.read, raw) == expected


@pytest.mark.parametrize(
    ("raw", "path", "complaint"),
    [
        ({}, (), "`secret`, the name of the Secret, is missing"),
        ({"secret": "A"}, ("secret",), "Kubernetes takes no such secret"),
        ({"secret": ""}, ("secret",), "no such secret"),
        ({"secret": "a" * 254}, ("secret",), "no such secret"),
        ({"secret": "a", "namespace": "a.b"}, ("namespace",), "no such namespace"),
        ({"secret": "a", "key": "a b"}, ("key",), "no such key"),
        ({"secret": "a", "key": "username"}, ("key",), "is for the user name"),
        ({"secret": "a", "type": "tls"}, ("type",), "expected opaque or dockerconfigjson"),
        ({"secret": "a", "typ": "opaque"}, ("typ",), "did you mean `type`?"),
        (
            {"secret": "a", "type": "dockerconfigjson", "key": "k"},
            ("key",),
            "has one key only",
        ),
    ],
)
def test_what_is_wrong_of_a_kubernetes_secret_and_where(
    raw: object, path: tuple[str, ...], complaint: str
) -> None:
    with pytest.raises(ValueProblemError, match=complaint.replace("?", ".")) as caught:
        REFERENCE.read({"kubernetes": raw})
    assert caught.value.path == ("kubernetes", *path)
