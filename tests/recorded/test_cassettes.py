"""Every kind's whole life, as real Harbors answered it. CONTRIBUTING.md tells how to record."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from contract.adapter import adapter
from contract.raw import Raw
from contract.target import Target
from contract.tool import Tool, planned, said
from harborconf.kinds.catalog import BY_NAME
from recorded import cassettes

SCENARIOS: dict[str, list[dict[str, Any]]] = yaml.load(
    Path(__file__).with_name("scenarios.yaml").read_bytes(), yaml.CSafeLoader
)["kinds"]
ENVIRON = {
    "ALICE": "Example1Word",
    "OTHER": "Another2Word",
    "HOOK": "Bearer Example1Word",
    "SCANNER": "Example1Word",
    "PEERS": "Example1Word",
    "OIDC": "Example1Word",
    "UAA": "Example1Word",
}
"""Opens nothing but what a recording makes, and takes away."""
VERSIONS = ("2.13.2", "2.15.2")
RECORD = "HARBORCONF_RECORD"
LARGEST = 100_000
# What Harbor and harborconf make of random letters: secrets, session ids and tokens.
RANDOM = re.compile(r"(?=\w*[a-z])(?=\w*[A-Z])(?=\w*[0-9])\w{20,}")


Step = tuple[list[str], bool, list[str]]
"""What was planned, whether all of it was done, and what was planned then."""


TOLD = ("HOOK", "SCANNER", "PEERS", "UAA")
"""Secrets that a Harbor tells, so that a recording of it holds something else."""


def life(kind: str, tool: Tool, adapter: str = cassettes.URL) -> list[Step]:
    def written(desired: str) -> str:
        return desired.replace("HARBOR", tool.target.url).replace("ADAPTER", adapter)

    async def run() -> list[Step]:
        found = []
        async with tool.session() as (session, bench):
            for step in SCENARIOS[kind]:
                file = tool.write(written(step["desired"]))
                outcome = await tool.applied(file, session, bench)
                after, _ = await planned(file, session, bench, tool.allowed)
                found.append((said(outcome.plan), outcome.result.is_complete, said(after)))
        return found

    return asyncio.run(run())


def expected(kind: str) -> list[Step]:
    """Only what waits for something outside is planned again."""
    plans: list[list[str]] = [step["plan"] for step in SCENARIOS[kind]]
    return [(plan, True, [line for line in plan if line.startswith("pending")]) for plan in plans]


def tool(url: str, folder: Path) -> Tool:
    recorded_now = url != cassettes.URL
    username = os.environ.get(f"{RECORD}_USERNAME", "admin")
    password = os.environ.get(f"{RECORD}_PASSWORD", "of no matter where nobody is asked")
    target = Target(url, username, password, (), Raw(url, username, password))
    (folder / "other").write_text("Other1Secret\n")
    environ = ENVIRON if recorded_now else ENVIRON | dict.fromkeys(TOLD, cassettes.REDACTED)
    return Tool(target, folder, environ=environ, now=lambda: 0.0)


def recorded(version: str) -> str:
    """Where the Harbor of this version is that is recorded now, if any."""
    url = os.environ.get(f"{RECORD}_URL", "")
    return url if url and _version(url) == version else ""


def _version(url: str) -> str:
    raw = Raw(url, "admin", os.environ[f"{RECORD}_PASSWORD"])
    found = re.match(r"v?([0-9.]+)", raw.get("/systeminfo")["harbor_version"])
    assert found is not None
    return found[1]


@pytest.mark.parametrize("kind", BY_NAME)
@pytest.mark.parametrize("version", VERSIONS)
def test_a_kinds_whole_life(version: str, kind: str, tmp_path: Path) -> None:
    name = f"{version}/{kind}"
    url = recorded(version)
    if url:
        with adapter() as scanners, cassettes.record(name, url):
            assert life(kind, tool(url, tmp_path), scanners.url) == expected(kind)
        return
    with cassettes.play(name) as cassette:
        assert life(kind, tool(cassettes.URL, tmp_path)) == expected(kind)
        missed = [
            f"{request.method} {request.path}"
            for index, (request, _) in enumerate(cassette.data)
            if request.method != "GET" and not cassette.play_counts[index]
        ]
        assert missed == []


def test_every_kind_is_recorded_and_nothing_else() -> None:
    wanted = {f"{version}/{kind}.yaml" for version in VERSIONS for kind in BY_NAME}
    assert {str(path.relative_to(cassettes.FOLDER)) for path in files()} == wanted
    assert set(SCENARIOS) == set(BY_NAME)


# ---- free of secrets -----------------------------------------------------------------


def files() -> list[Path]:
    return sorted(cassettes.FOLDER.rglob("*.yaml"))


def leaks(text: str) -> Iterator[str]:
    """Whatever in a cassette could be a secret, or tell where it was made."""
    known = {*ENVIRON.values(), "Harbor12345", "Other1Secret", "127.0.0.1", "localhost"}
    yield from (word for word in known if word in text)
    for exchange in yaml.load(text, yaml.CSafeLoader)["interactions"]:
        request, response = exchange["request"], exchange["response"]
        yield from request["headers"].keys() - {"As", "Content-Type", "X-Is-Resource-Name"}
        for name, values in response["headers"].items():
            if name.lower() in {cassettes.COOKIE, cassettes.CSRF}:
                yield from (value for value in values if not is_redacted(value))
            elif name.lower() not in cassettes.TOLD:
                yield name
        yield from RANDOM.findall(request["uri"])
        if not request["uri"].startswith(f"{cassettes.URL}/"):
            yield request["uri"]
        for body in (request["body"], response["body"]["string"]):
            yield from in_body(body or "")


def is_redacted(value: str) -> bool:
    return value.rpartition("=")[2] == cassettes.REDACTED


def in_body(body: str) -> Iterator[str]:
    yield from RANDOM.findall(body)
    if body.startswith(("{", "[")):
        yield from in_value(yaml.load(body, yaml.CSafeLoader))


def in_value(value: Any, key: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from in_value(item, key if name == "value" else name)
    elif isinstance(value, list):
        for item in value:
            yield from in_value(item, key)
    elif cassettes.SECRET_KEY.search(key) and isinstance(value, str) and value:
        yield from [f"{key}: {value}"] if value != cassettes.REDACTED else []


@pytest.mark.parametrize(
    "path", [pytest.param(path, id=f"{path.parent.name}/{path.stem}") for path in files()]
)
def test_no_cassette_holds_a_secret(path: Path) -> None:
    text = path.read_text("utf-8")
    assert list(leaks(text)) == []
    assert len(text) < LARGEST


LEAKS = {
    "a known password": ("session", "Harbor12345"),
    "a cookie": (f"sid={cassettes.REDACTED}", "sid=abc"),
    "basic auth": ("      As:\n", "      Authorization:\n"),
    "a robot's secret": ("cassette-alice@", "aB3" + "x" * 20),
    "a field": (f'"password": "{cassettes.REDACTED}"', '"password": "hunter2"'),
    "the machine": (cassettes.URL, "http://10.0.0.7:8080"),
}


@pytest.mark.parametrize("what", LEAKS)
def test_a_secret_in_a_cassette_would_be_found(what: str) -> None:
    text = (cassettes.FOLDER / VERSIONS[0] / "user.yaml").read_text("utf-8")
    old, new = LEAKS[what]
    assert old in text
    assert list(leaks(text.replace(old, new, 1))) != []
