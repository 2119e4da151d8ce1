"""Wrong usage: exit code 1, what is wrong, and what to do."""

from __future__ import annotations

import pytest

from cli.shell import Shell

EXAMPLE = "projects: {team-a: {public: false}}"
CASES = {
    "no such command": (["plna"], "No such command 'plna'. Did you mean 'plan'?", "--help"),
    "no such option": (["plan", "--frmat", "json"], "No such option: --frmat", "plan --help"),
    "a missing argument": (["why"], "Missing argument 'ADDRESS[#FIELD]'", "why --help"),
    "too small a number": (["plan", "--concurrency", "0"], "'--concurrency'", "plan --help"),
    "no number": (["plan", "--timeout", "soon"], "'--timeout'", "plan --help"),
    "no such format": (["plan", "--format", "xml"], "no format `xml`", "text, json"),
    "no such kind": (["plan", "--kind", "members"], "no kind `members`", "member"),
    "no such guard": (["plan", "--allow", "everything"], "no guard `everything`", "guards are"),
    "no project": (["plan", "--project", "b*"], "no project in the files matches b*", "quote"),
    "no duration": (["plan", "--wait", "soon"], "`soon` is no duration", "90s or 5m"),
    "explain as json": (["plan", "--explain", "--format", "json"], "--explain", "leave out"),
    "json that asks": (["apply", "--format", "json"], "terminal", "--yes"),
    "nobody to ask": (["apply"], "no terminal", "--yes"),
    "no such path": (["plan", "elsewhere"], "elsewhere does not exist", "desired/"),
    "no address": (["why", "a/b/c"], "`a/b/c` is no address", ""),
    "no such resource": (["why", "project/b"], "do not mention project/b", "addresses look"),
    "no such schema": (["schema", "robot"], "no schema of `robot`", "file, fleet, plan"),
    "no such Harbor": (["simulator", "--harbor-version", "2.12"], "`2.12`", "2.13.x to 2.15.x"),
    "no such port": (["simulator", "--port", "65536"], "'--port'", "simulator --help"),
    "no example": (["demo", "elsewhere"], "elsewhere is no directory", "or none"),
}


@pytest.mark.usefixtures("nowhere")
@pytest.mark.parametrize("case", CASES)
def test_wrong_usage(shell: Shell, case: str) -> None:
    arguments, message, advice = CASES[case]
    shell.write(EXAMPLE)
    ran = shell.run(*arguments)
    assert (ran.code, ran.out) == (1, "")
    first, *rest = ran.err.splitlines()
    assert first.startswith("error: ")
    assert message in first
    assert advice in "\n".join(rest)


def test_an_empty_directory(shell: Shell) -> None:
    (shell.folder / "desired").mkdir()
    ran = shell.run("validate")
    assert ran.code == 1
    assert "no YAML file in desired" in ran.err


@pytest.mark.parametrize(
    ("missing", "told"),
    [
        ("HARBOR_URL", "No URL is given"),
        ("HARBOR_USERNAME", "HARBOR_USERNAME is not set"),
        ("HARBOR_PASSWORD", "no password is given"),
    ],
)
@pytest.mark.usefixtures("nowhere")
def test_a_connection_that_is_not_described(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, missing: str, told: str
) -> None:
    monkeypatch.delenv(missing)
    shell.write(EXAMPLE)
    for command in (["plan"], ["apply", "--yes"], ["export", "live"]):
        ran = shell.run(*command)
        assert (ran.code, ran.out) == (1, "")
        assert told in ran.err
        assert f"set {missing}" in ran.err or "set HARBOR_USERNAME" in ran.err


def test_every_problem_of_the_files_is_told_with_its_place(shell: Shell) -> None:
    shell.write(
        """\
        projects:
          team-a: {quotta: 1GiB}
          Team-B: {}
        """
    )
    ran = shell.run("validate")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.count("error: ") == 2
    assert "error: desired/all.yaml:3:12: unknown key `quotta` (did you mean `quota`?)" in ran.err
    assert "error: desired/all.yaml:4:3: `Team-B` is no project name" in ran.err


_nothing: dict[str, str] = {}


def test_a_bug_shows_no_traceback(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harborconf.cli.validate.load", lambda _: _nothing["secret-in-a-message"])
    ran = shell.run("validate")
    assert ran.code == 1
    assert ran.err.startswith("error: this is a bug in harborconf: KeyError in ")
    assert "report" in ran.err
    assert "secret-in-a-message" not in ran.err
    monkeypatch.setenv("HARBORCONF_DEBUG", "1")
    with pytest.raises(KeyError):
        shell.run("validate")


def test_a_file_that_cannot_be_written_is_told(shell: Shell, harbor: object) -> None:
    del harbor
    shell.write("in the way", "file")
    ran = shell.run("export", "file/live")
    assert ran.code == 1
    assert ran.err.startswith("error: file")
