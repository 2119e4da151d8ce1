"""Saved plans: what is reviewed is what is applied, or nothing is."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.shell import Ran, Shell
from contract.raw import Raw
from harborconf.report.json import digest_of
from harborconf.simulator import ADMIN_PASSWORD, Simulator

EXAMPLE = """\
harbor: {url: https://harbor.invalid}
users: {alice: {email: alice@example.com, password: {env: PASSWORD}}}
labels: {release: {color: "#00AB9A"}}
projects:
  team-a:
    public: false
    quota: 1GiB
    robots: {ci: {expires: 9d, permissions: {repository: [pull]}, secret: {file: secrets/ci}}}
  team-b: {public: true}
"""
PLAN = "reviewed.json"


@pytest.fixture
def hand(harbor: Simulator) -> Raw:
    """Changes Harbor behind harborconf's back."""
    del harbor
    return Raw(os.environ["HARBOR_URL"], "admin", ADMIN_PASSWORD)


@pytest.fixture
def writes(harbor: Simulator) -> Callable[[], int]:
    return lambda: len(harbor.writes)


def saved(shell: Shell, text: str = EXAMPLE, *options: str) -> Ran:
    shell.write(text)
    return shell.run("plan", "--out", PLAN, *options)


def apply(shell: Shell, *arguments: str) -> Ran:
    return shell.run("apply", "--plan", PLAN, "--yes", *arguments)


# ---- the file ------------------------------------------------------------------------


@pytest.mark.usefixtures("harbor")
def test_a_plan_is_saved_as_it_is_shown(shell: Shell) -> None:
    ran = saved(shell)
    file = shell.folder / PLAN
    assert ran.code == 2
    assert ran.err == "saved in reviewed.json: show it with `show`, apply it with `apply --plan`\n"
    assert file.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in shell.folder.iterdir()) == ["desired", PLAN]
    assert shell.run("plan", "--format", "json").out == file.read_text("ascii")
    for form in ("text", "json", "markdown", "html"):
        shown = shell.run("show", PLAN, "--format", form)
        assert (shown.code, shown.err) == (0, "")
        assert shown.out == shell.run("plan", "--out", PLAN, "--format", form).out


def test_showing_a_plan_needs_neither_harbor_nor_the_files(
    shell: Shell, harbor: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = saved(shell).out
    shutil.rmtree(shell.folder / "desired")
    monkeypatch.delenv("HARBOR_URL")
    asked = len(harbor.requests)
    assert shell.run("show", PLAN).out == told
    assert len(harbor.requests) == asked


@pytest.mark.usefixtures("harbor")
def test_a_plan_holds_references_and_no_secret(shell: Shell) -> None:
    (shell.folder / "secrets").mkdir()
    (shell.folder / "secrets" / "ci").write_text("Canary1Robot")
    saved(shell)
    text = (shell.folder / PLAN).read_text()
    assert '"env": "PASSWORD"' in text
    assert '"file": "secrets/ci"' in text
    assert "Canary1Robot" not in text
    assert os.environ["PASSWORD"] not in text
    assert ADMIN_PASSWORD not in text


@pytest.mark.usefixtures("harbor")
def test_a_plan_takes_the_place_of_an_older_one(shell: Shell) -> None:
    (shell.folder / "real.json").write_text("old")
    (shell.folder / "real.json").chmod(0o644)
    (shell.folder / PLAN).symlink_to("real.json")
    saved(shell)
    assert (shell.folder / PLAN).is_symlink()
    assert (shell.folder / "real.json").stat().st_mode & 0o777 == 0o600
    assert json.loads((shell.folder / "real.json").read_text())["format"] == 1


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("desired", "desired is no regular file"),
        ("nowhere/plan.json", "nowhere is no directory"),
        ("/dev/null", "/dev/null is no regular file"),
    ],
)
def test_where_no_plan_can_be_written_none_is_made(
    shell: Shell, harbor: Simulator, file: str, message: str
) -> None:
    shell.write(EXAMPLE)
    ran = shell.run("plan", "--out", file)
    assert (ran.code, ran.out) == (1, "")
    assert message in ran.err
    assert harbor.requests == []


@pytest.mark.usefixtures("harbor")
def test_a_plan_that_cannot_be_written_leaves_nothing_behind(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    shell.write(EXAMPLE)
    (shell.folder / PLAN).write_text("old")
    monkeypatch.setattr(os, "fsync", full)
    ran = shell.run("plan", "--out", PLAN)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("error: reviewed.json cannot be written: No space left on device")
    assert (shell.folder / PLAN).read_text() == "old"
    assert sorted(path.name for path in shell.folder.iterdir()) == ["desired", PLAN]


# ---- applying it ---------------------------------------------------------------------


@pytest.mark.usefixtures("harbor")
def test_what_was_reviewed_is_applied(shell: Shell) -> None:
    saved(shell)
    ran = apply(shell)
    assert ran.code == 0
    assert "+ project/team-a/robot/ci" in ran.out
    assert ran.out.rstrip().endswith("failed: 0, skipped: 0.")
    assert shell.run("plan").out.startswith("Nothing to do")


def test_what_has_been_applied_is_stale(shell: Shell, writes: Callable[[], int]) -> None:
    saved(shell)
    apply(shell)
    before = writes()
    ran = apply(shell)
    assert (ran.code, ran.out) == (1, "")
    first, *lines = ran.err.splitlines()
    assert first == "error: the plan in reviewed.json is stale, nothing was written"
    assert "error: project/team-a: create when planned, nothing now" in lines
    assert lines[-1].strip() == "plan again, and have that reviewed"
    assert writes() == before


def team_a(hand: Raw) -> str:
    return f"/projects/{hand.project('team-a')['project_id']}"


def changed_by_hand(hand: Raw) -> None:
    hand.write("PUT", team_a(hand), {"metadata": {"auto_sbom_generation": "false"}})


def corrected_by_hand(hand: Raw) -> None:
    hand.write("PUT", team_a(hand), {"metadata": {"public": "false"}})


def deleted_by_hand(hand: Raw) -> None:
    hand.write("DELETE", team_a(hand))


@pytest.mark.parametrize(
    ("change", "lines"),
    [
        (
            corrected_by_hand,
            ["project/team-a: update when planned, nothing now"],
        ),
        (
            changed_by_hand,
            ["project/team-a#scanning.sbom: no change when planned, false -> true now"],
        ),
        (
            deleted_by_hand,
            [
                "project/team-a: update when planned, create now",
                "project/team-a/quota: update when planned, create now",
            ],
        ),
    ],
)
def test_drift_makes_a_plan_stale(
    shell: Shell,
    hand: Raw,
    writes: Callable[[], int],
    change: Callable[[Raw], None],
    lines: list[str],
) -> None:
    text = "projects: {team-a: {public: false, scanning: {sbom: true}, quota: 1GiB}}"
    shell.write(text)
    assert shell.run("apply", "--yes").code == 0
    hand.write("PUT", team_a(hand), {"metadata": {"public": "true"}})
    assert saved(shell, text.replace("1GiB", "2GiB")).code == 2
    change(hand)
    before = writes()
    ran = apply(shell)
    assert (ran.code, ran.out) == (1, "")
    told = [line.removeprefix("error: ") for line in ran.err.splitlines()[1:-1]]
    assert told == lines
    assert writes() == before


def test_a_change_that_is_blocked_now_says_why(
    shell: Shell, hand: Raw, writes: Callable[[], int]
) -> None:
    text = "projects: {team-a: {scanning: {on_push: false}, quota: 1GiB}}"
    shell.write("projects: {team-a: {scanning: {on_push: false}}}")
    assert shell.run("apply", "--yes").code == 0
    saved(shell, text.replace("on_push: false", "on_push: false, sbom: true"))
    hand.write("PUT", team_a(hand), {"metadata": {"auto_scan": "true"}})
    before = writes()
    ran = apply(shell)
    assert (ran.code, ran.out, writes()) == (1, "", before)
    assert (
        "error: project/team-a: update when planned, blocked now (scanning.on_push would be less"
        " strict (1, limit 0: --allow security lifts this guard))\n" in ran.err
    )


def test_other_files_make_a_plan_stale(shell: Shell, writes: Callable[[], int]) -> None:
    saved(shell)
    shell.write(EXAMPLE.replace("quota: 1GiB", "quota: 2GiB"))
    ran = apply(shell)
    assert (ran.code, ran.out, writes()) == (1, "", 0)
    line = "error: project/team-a/quota#storage: 1GiB in the files when planned, 2GiB now"
    assert line in ran.err.splitlines()


@pytest.mark.usefixtures("harbor")
def test_comments_and_moved_files_do_not_matter(shell: Shell) -> None:
    saved(shell)
    shutil.rmtree(shell.folder / "desired")
    users, projects = EXAMPLE.split("labels", 1)
    shell.write(f"# moved\n\n{users}", "elsewhere/users.yaml")
    shell.write(f"# moved\nlabels{projects}", "elsewhere/deep/rest.yml")
    ran = apply(shell, "elsewhere")
    assert ran.code == 0
    assert "elsewhere/deep/rest.yml:" in ran.out


def test_changes_elsewhere_are_listed_and_left_alone(
    shell: Shell, hand: Raw, harbor: Simulator
) -> None:
    shell.write("projects: {team-b: {public: false}}")
    assert shell.run("apply", "--yes").code == 0
    saved(shell, "projects: {team-a: {public: true}, team-b: {public: false}}")
    shell.write("projects: {team-a: {public: true}, team-b: {public: false}, team-c: {}}")
    number = hand.project("team-b")["project_id"]
    hand.write("PUT", f"/projects/{number}", {"metadata": {"public": "true"}})
    before = len(harbor.writes)
    ran = apply(shell)
    assert ran.code == 0
    told = ran.out.splitlines()
    start = told.index("Not in the reviewed plan (2, left alone):")
    assert told[start + 1 : start + 3] == ["  ~ project/team-b  public", "  + project/team-c"]
    assert {path for _, path, _ in harbor.writes[before:]} == {"/api/v2.0/projects"}
    assert shell.run("plan").code == 2
    assert hand.project("team-b")["metadata"]["public"] == "true"


def test_the_selection_is_the_plans_own(shell: Shell, harbor: Simulator) -> None:
    saved(shell, EXAMPLE, "--project", "team-b", "--kind", "project")
    before = len(harbor.requests)
    ran = apply(shell)
    assert ran.code == 0
    assert "Not in the reviewed plan" not in ran.out
    assert not any("team-a" in path for _, path, *_ in harbor.requests[before:])
    assert "+ project/team-a" in shell.run("plan").out


def test_what_is_sent_anew_is_in_the_plan(
    shell: Shell, harbor: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB", "Example1Word")
    url = "https://hub.example.com"
    credential = "{username: bot, password: {env: HUB}}"
    text = f"registries: {{hub: {{type: harbor, url: '{url}', credential: {credential}}}}}"
    saved(shell, text)
    assert apply(shell).code == 0
    saved(shell, text, "--refresh-secrets")
    written = len(harbor.writes)
    assert apply(shell).code == 0
    assert len(harbor.writes) == written + 1


@pytest.mark.parametrize(
    "options",
    [["--project", "team-a"], ["--kind", "robot"], ["--allow", "secrets"], ["--refresh-secrets"]],
)
def test_a_plan_is_applied_as_it_was_made(shell: Shell, options: list[str], nowhere: None) -> None:
    del nowhere
    ran = shell.run("apply", "--plan", PLAN, "--yes", *options)
    assert (ran.code, ran.out) == (1, "")
    assert "do not go with --plan" in ran.err


def test_what_a_change_needs_now_has_to_be_in_the_plan(
    shell: Shell, hand: Raw, writes: Callable[[], int]
) -> None:
    text = "projects: {team-a: {robots: {ci: {expires: 9d, permissions: {repository: [pull]}}}}}"
    shell.write("projects: {team-a: {}}")
    assert shell.run("apply", "--yes").code == 0
    assert saved(shell, text).code == 2
    hand.write("DELETE", team_a(hand))
    before = writes()
    ran = apply(shell)
    assert (ran.code, ran.out, writes()) == (1, "", before)
    assert (
        "error: project/team-a/robot/ci: create needs create project/team-a first now,"
        " which is not in the plan\n" in ran.err
    )


@pytest.mark.usefixtures("harbor")
def test_what_is_blocked_stays_so_and_the_rest_is_done(shell: Shell) -> None:
    text = "projects: {library: {members: {groups: {nobody: guest}}}, new: {}}"
    assert saved(shell, text).code == 1
    ran = apply(shell)
    assert ran.code == 1
    assert "done     create project/new" in ran.err


def test_what_was_blocked_alone_brings_no_other_change_of_the_resource(
    shell: Shell, harbor: Simulator
) -> None:
    robot = (
        "projects: {library: {robots: {ci: {expires: 9d, permissions: {repository: [pull]}%s}}}}"
    )
    shell.write(robot % "")
    assert shell.run("apply", "--yes").code == 0
    secret = ", secret: {file: empty}"
    assert saved(shell, robot % secret).code == 1
    shell.write(robot % f"{secret}, description: new")
    written = len(harbor.writes)
    ran = apply(shell)
    assert (ran.code, len(harbor.writes)) == (1, written)
    assert "  ~ project/library/robot/ci  description" in ran.out


@pytest.mark.parametrize("form", ["json", "markdown", "html"])
@pytest.mark.usefixtures("harbor")
def test_what_became_of_it_in_other_formats(shell: Shell, form: str) -> None:
    saved(shell, "projects: {team-a: {}}")
    ran = apply(shell, "--format", form)
    assert ran.code == 0
    assert ('"done": [\n      "create project/team-a"' if form == "json" else "Done: 1,") in ran.out


def test_an_empty_plan_is_applied_in_no_time(shell: Shell, harbor: Simulator) -> None:
    assert saved(shell, "projects: {library: {public: true}}").code == 0
    shell.write("projects: {library: {public: false}}")
    ran = apply(shell)
    assert (ran.code, harbor.writes) == (0, [])
    assert "  ~ project/library  public" in ran.out
    assert "the reviewed plan for http://127.0.0.1" in ran.out


SETS = """\
labels: {a: {}, b: {}, c: {}}
projects:
  team-a:
    cve_allowlist: [CVE-2024-1, CVE-2024-2, {id: CVE-2024-3, reason: x}, CVE-2024-4]
    robots: {ci: {expires: 9d, permissions: {repository: [pull, push, read], tag: [list, create]}}}
    immutable_tags: [{tags: [a*, b*]}, {tags: [c*]}, {repositories: {except: [d, e]}}]
    retention:
      schedule: daily
      rules:
        - {keep: always, tags: [f*, g*]}
        - {keep: {pulled_within: 3d}}
        - {keep: {most_recently_pushed: 3}}
"""


@pytest.mark.usefixtures("harbor")
def test_sets_come_in_the_same_order_in_every_process(shell: Shell) -> None:
    shell.write(SETS)
    plans = []
    for seed in "123":
        command = [sys.executable, "-m", "harborconf", "plan", "--format", "json"]
        environ = {**os.environ, "PYTHONHASHSEED": seed}
        ran = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
        assert ran.returncode == 2, ran.stderr
        plans.append(ran.stdout)
    assert len(set(plans)) == 1


# ---- guards --------------------------------------------------------------------------


def labels(count: int, value: str) -> str:
    return "labels: {" + ", ".join(f"l{number}: {value}" for number in range(count)) + "}"


def test_guards_look_at_what_is_applied_and_nothing_else(
    shell: Shell, harbor: Simulator, writes: Callable[[], int]
) -> None:
    shell.write(labels(40, "{}"))
    assert shell.run("apply", "--yes").code == 0
    few = labels(3, "absent")
    assert saved(shell, few).code == 2
    shell.write(labels(30, "absent"))
    assert shell.run("plan").code == 1
    ran = apply(shell)
    assert ran.code == 0
    assert "Not in the reviewed plan (27, left alone):" in ran.out
    assert len([one for one in harbor.writes if one[0] == "DELETE"]) == 3
    assert writes() == 43


def test_a_plan_records_the_guards_that_were_lifted(shell: Shell, harbor: Simulator) -> None:
    shell.write(labels(40, "{}"))
    assert shell.run("apply", "--yes").code == 0
    text = labels(30, "absent")
    assert saved(shell, text).code == 1
    before = len(harbor.requests)
    ran = apply(shell)
    assert (ran.code, ran.out, len(harbor.requests)) == (1, "", before)
    assert "the plan in reviewed.json is stopped by" in ran.err
    assert "plan again with --allow NAME" in ran.err
    lifted = ("--allow", "removals", "--allow", "removal_share")
    assert saved(shell, text, *lifted).code == 2
    assert apply(shell).code == 0


# ---- another Harbor ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "same_url", "line"),
    [
        ("2.15.2", False, "it is of http://127.0.0.1:"),
        ("2.13.2", True, "it is of Harbor 2.15.2, and this is Harbor 2.13.2"),
    ],
)
def test_another_harbor_is_told_before_anything_is_read(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, version: str, same_url: bool, line: str
) -> None:
    monkeypatch.setenv("HARBOR_USERNAME", "admin")
    monkeypatch.setenv("HARBOR_PASSWORD", ADMIN_PASSWORD)
    port = 0
    with Simulator("2.15.2").serve() as url:
        monkeypatch.setenv("HARBOR_URL", url)
        saved(shell, "projects: {team-a: {}}")
        port = int(url.rpartition(":")[2])
    other = Simulator(version)
    with other.serve(port if same_url else 0) as url:
        monkeypatch.setenv("HARBOR_URL", url)
        ran = apply(shell)
    assert (ran.code, ran.out) == (1, "")
    assert f"error: {line}" in ran.err
    assert other.writes == []
    assert not [path for _, path, *_ in other.requests if path.endswith("/projects")]


# ---- bad files -----------------------------------------------------------------------


def _signed(text: str, **changes: object) -> str:
    document = {**json.loads(text), **changes}
    return json.dumps({**document, "digest": digest_of(document)})


def _without(path: Path) -> None:
    path.unlink()


def _directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _rewritten(change: Callable[[str], str]) -> Callable[[Path], object]:
    return lambda path: path.write_text(change(path.read_text()))


BAD: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (_without, "reviewed.json cannot be read: No such file or directory"),
    "a directory": (_directory, "reviewed.json cannot be read: Is a directory"),
    "empty": (_rewritten(lambda _: ""), "reviewed.json is no JSON, or was cut off"),
    "cut off": (_rewritten(lambda text: text[:-40]), "reviewed.json is no JSON, or was cut off"),
    "YAML": (_rewritten(lambda _: EXAMPLE), "reviewed.json is no JSON"),
    "another JSON": (_rewritten(lambda _: "{}"), "reviewed.json is no plan of harborconf"),
    "edited": (
        _rewritten(lambda text: text.replace("1GiB", "9GiB")),
        "reviewed.json was changed after harborconf wrote it: its digest does not fit",
    ),
    "of another format": (
        _rewritten(lambda text: _signed(text, format=2)),
        "reviewed.json is of plan format 2, not 1",
    ),
    "incomplete": (
        _rewritten(lambda text: _signed(text, complete=False, applicable=False)),
        "the plan in reviewed.json is incomplete: it can be shown, not applied",
    ),
    "of a kind that is not known": (
        _rewritten(
            lambda text: _signed(
                text, selection={"projects": [], "kinds": ["x"], "refresh_secrets": False}
            )
        ),
        "there is no kind `x`",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_before_harbor_is_asked(
    shell: Shell, harbor: Simulator, name: str
) -> None:
    saved(shell)
    spoil, message = BAD[name]
    spoil(shell.folder / PLAN)
    asked = len(harbor.requests)
    ran = apply(shell)
    assert (ran.code, ran.out, len(harbor.requests)) == (1, "", asked)
    errors = [line for line in ran.err.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1
    assert message in errors[0]
    assert len(ran.err.splitlines()) == 2, "no advice"
    if name not in {"incomplete", "of a kind that is not known"}:
        shown = shell.run("show", PLAN)
        assert (shown.code, shown.out) == (1, "")
        assert message in shown.err


def test_a_plan_that_may_not_be_read(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    ran = shell.run("show", PLAN)
    assert ran.code == 1
    assert ran.err.startswith("error: reviewed.json cannot be read: Permission denied\n")
