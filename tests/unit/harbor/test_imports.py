"""What a command that talks to no Harbor must not pay for."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("aiohttp", "harborapi", "httpx", "pydantic")


@pytest.mark.parametrize(
    ("module", "free_of"),
    [
        ("harborconf.harbor", HEAVY),
        ("harborconf.harbor.connection", HEAVY),
        ("harborconf.harbor.session", ("harborapi", "httpx")),
    ],
)
def test_heavy_libraries_are_imported_only_where_they_are_used(
    module: str, free_of: tuple[str, ...]
) -> None:
    code = f"import sys, {module}; print(*({{*sys.modules}} & {set(free_of)}))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.split() == []
