"""The shell completes what can be typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.shell import bash
from harborconf.engine.guard import GUARDS
from harborconf.kinds.catalog import KINDS
from pages import COMMANDS

FORMATS = {"text", "json", "markdown", "html"}


def completed(folder: Path, *words: str) -> set[str]:
    """What bash offers for the last word, with the script that harborconf gives it."""
    typed = " ".join(f"'{word}'" for word in ("harborconf", *words))
    script = f"""
        eval "$(harborconf --show-completion)"
        COMP_WORDS=({typed}) COMP_CWORD={len(words)}
        _harborconf_completion harborconf
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    ran = bash(script, folder)
    assert (ran.returncode, ran.stderr) == (0, "")
    return set(ran.stdout.split())


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("",), COMMANDS),
        (("ad",), {"admin-password"}),
        (("plan", "--kind", ""), {kind.name for kind in KINDS}),
        (("apply", "--allow", "rem"), {one.name for one in GUARDS if one.name.startswith("rem")}),
        (("show", "--format", ""), FORMATS),
    ],
    ids=lambda value: " ".join(sorted(value)) if isinstance(value, set) else " ".join(value),
)
def test_bash_completes(folder: Path, words: tuple[str, ...], offered: set[str]) -> None:
    assert completed(folder, *words) == offered
