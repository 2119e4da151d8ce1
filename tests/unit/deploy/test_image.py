"""The image's recipe, as far as it can be judged without building it."""

from __future__ import annotations

import re

from manifests import POD_SECURITY
from pages import text


def instructions() -> list[tuple[str, str]]:
    whole = re.sub(r"\\\n\s*", "", text("Dockerfile"))
    lines = [line for line in whole.splitlines() if line and not line.startswith("#")]
    return [(line.split(" ", 1)[0], line.split(" ", 1)[1]) for line in lines]


def values(name: str) -> list[str]:
    return [value for word, value in instructions() if word == name]


def test_it_runs_as_the_user_of_the_manifests_and_needs_no_shell() -> None:
    user = f"{POD_SECURITY['runAsUser']}:{POD_SECURITY['runAsGroup']}"
    assert values("USER") == [user]
    last = instructions()[[word for word, _ in instructions()].index("USER") :]
    assert {word for word, _ in last} == {"USER", "WORKDIR", "ENTRYPOINT", "CMD"}
    for value in (*values("ENTRYPOINT"), *values("CMD")):
        assert value.startswith("[")


def test_everything_in_it_is_checked_by_hash() -> None:
    lock, wheel = values("RUN")
    assert "--require-hashes --only-binary :all:" in lock
    assert "--no-deps" in wheel
    assert all("--target /app" in run for run in (lock, wheel))
    assert not any(":latest" in base or ":" not in base for base in values("FROM"))


def test_nothing_else_reaches_the_build() -> None:
    wanted = {source for one in values("COPY")[:2] for source in one.split()[:-1]}
    allowed = text(".dockerignore").split()
    assert allowed[0] == "*"
    assert {one.removeprefix("!") for one in allowed[1:]} == wanted
