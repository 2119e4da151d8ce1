"""`harborconf schema`, and the example against it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from cli.shell import Shell
from harborconf.engine.schema import schema

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "desired"
FILES = sorted(EXAMPLE.rglob("*.yaml"))
MODELINE = "# yaml-language-server: $schema="


@pytest.fixture(scope="module")
def validator() -> Any:
    return jsonschema.Draft202012Validator(schema())


@pytest.mark.parametrize("of", ["", "file", "fleet", "plan", "plans", "report"])
def test_it_is_a_json_schema(shell: Shell, of: str) -> None:
    ran = shell.run("schema", *filter(None, [of]))
    assert (ran.code, ran.err) == (0, "")
    jsonschema.Draft202012Validator.check_schema(json.loads(ran.out))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(EXAMPLE)))
def test_the_example_fits_the_schema(validator: Any, path: Path) -> None:
    values = yaml.safe_load(path.read_text("utf-8"))
    validator.validate(json.loads(json.dumps(values, default=str)))  # JSON has no dates


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(EXAMPLE)))
def test_each_file_of_the_example_names_the_schema(path: Path) -> None:
    first = path.read_text("utf-8").splitlines()[0]
    assert first.startswith(MODELINE)
    named = path.parent / first.removeprefix(MODELINE)
    assert named.resolve() == (EXAMPLE / "harborconf.schema.json").resolve()


def test_the_example_is_valid_without_any_environment(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    ran = shell.run("validate")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"{len(FILES)} files, ")
    assert ran.out.endswith(" resources: all is well.\n")


def test_an_unknown_key_does_not_fit(validator: Any) -> None:
    assert not validator.is_valid({"version": 1, "projects": {"a": {"quotta": "1GiB"}}})
