"""`harborconf plan`: exit codes, selection, formats, and that it never writes."""

from __future__ import annotations

import json
import re
import signal
import time

import jsonschema
import pytest

from cli.shell import Shell, terminal
from harborconf.simulator import Reply, Request, Simulator

EXAMPLE = """\
harbor: {url: https://harbor.invalid}
users: {alice: {email: alice@example.com, password: {env: PASSWORD}}}
projects:
  team-a:
    quota: 1GiB
    members: {users: {alice: developer}}
  team-b: {public: true}
"""
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def test_exit_codes(shell: Shell, harbor: Simulator) -> None:
    shell.write(EXAMPLE)
    assert shell.run("plan").code == 2
    assert shell.run("apply", "--yes").code == 0
    assert shell.run("plan").code == 0
    shell.write("users: {alice: {password: {file: empty}}}", "desired/more.yaml")
    assert shell.run("plan").code == 1
    assert [seen for seen in harbor.requests if seen[0] == "PATCH"] == []


def test_one_beats_two(shell: Shell, harbor: Simulator) -> None:
    shell.write("projects: {library: {members: {groups: {nobody: guest}}}, new: {}}")
    ran = shell.run("plan")
    assert ran.code == 1
    assert "! project/library/member/group:nobody" in ran.out
    assert "1 to create, 0 to update, 0 to delete, 1 blocked" in ran.out
    assert harbor.writes == []


@pytest.mark.usefixtures("harbor")
def test_extras_change_no_exit_code(shell: Shell) -> None:
    shell.write("projects: {library: {members: {users: {}}}}")
    ran = shell.run("plan")
    assert ran.code == 0
    assert "project/library/member/user:admin" in ran.out
    assert ran.out.rstrip().endswith("is as desired; 1 extra.")


@pytest.mark.parametrize(
    ("selection", "told", "code"),
    [
        ([], {"user/alice", "project/team-a", "project/team-b"}, 2),
        # a member who is no user yet, and is not made in this run
        (["--project", "team-a"], {"project/team-a"}, 1),
        (["--project", "*-b"], {"project/team-b"}, 2),
        (["--project", "team-a", "--project", "*-b"], {"project/team-a", "project/team-b"}, 1),
        (["--kind", "user"], {"user/alice"}, 2),
        (
            ["--kind", "user", "--kind", "project"],
            {"user/alice", "project/team-a", "project/team-b"},
            2,
        ),
        (["--project", "team-a", "--kind", "project"], {"project/team-a"}, 2),
    ],
)
@pytest.mark.usefixtures("harbor")
def test_selection(shell: Shell, selection: list[str], told: set[str], code: int) -> None:
    shell.write(EXAMPLE)
    ran = shell.run("plan", *selection)
    assert ran.code == code
    found = set(re.findall(r"^\+ (\S+)", ran.out, re.MULTILINE))
    assert {address for address in found if address.count("/") == 1} == told


@pytest.mark.usefixtures("harbor")
def test_a_kind_of_a_project_that_is_not_live_is_not_silent(shell: Shell) -> None:
    shell.write(EXAMPLE)
    ran = shell.run("plan", "--kind", "member")
    assert ran.code == 1
    assert "! project/team-a/member/user:alice" in ran.out


@pytest.mark.usefixtures("harbor")
def test_paths(shell: Shell) -> None:
    shell.write("projects: {one: {}}", "a/one.yaml")
    shell.write("projects: {two: {}}", "b.yaml")
    ran = shell.run("plan", "a", "b.yaml")
    assert {"+ project/one  a/one.yaml:2:12", "+ project/two  b.yaml:2:12"} <= set(
        ran.out.splitlines()
    )


@pytest.mark.usefixtures("harbor")
def test_steps_are_explained(shell: Shell) -> None:
    shell.write(EXAMPLE)
    ran = shell.run("plan", "--explain")
    assert ran.code == 2
    assert "Steps (" in ran.out
    line = next(one for one in ran.out.splitlines() if "create       project/team-a/m" in one)
    assert line.endswith("after create project/team-a, create user/alice")


@pytest.mark.usefixtures("harbor")
def test_json_fits_its_schema(shell: Shell) -> None:
    schema = json.loads(shell.run("schema", "plan").out)
    shell.write(EXAMPLE)
    shell.write("projects: {library: {members: {groups: {nobody: guest}}}}", "desired/more.yaml")
    for command, code in ((["plan"], 1), (["apply", "--yes"], 1), (["plan"], 1)):
        ran = shell.run(*command, "--format", "json")
        assert ran.code == code
        values = json.loads(ran.out)
        jsonschema.validate(values, schema, jsonschema.Draft202012Validator)
        assert ("result" in values) is (command[0] == "apply")
    assert values["summary"]["blocked"] == 1
    assert values["summary"]["create"] == 0


@pytest.mark.usefixtures("harbor")
def test_output_in_a_pipe_has_no_colour(shell: Shell) -> None:
    shell.write(EXAMPLE)
    ran = shell.run("plan")
    assert "\x1b" not in ran.out + ran.err


@pytest.mark.parametrize("no_colour", [False, True])
@pytest.mark.usefixtures("harbor")
def test_colour_on_a_terminal(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, no_colour: bool
) -> None:
    shell.write(EXAMPLE)
    if no_colour:
        monkeypatch.setenv("NO_COLOR", "1")
    with terminal("plan") as screen:
        assert screen.wait() == 2
    plain = COLOUR.sub("", screen.seen)
    assert "+ project/team-a" in plain
    assert bool(re.search(r"\x1b\[3[0-9]", screen.seen)) is not no_colour


@pytest.mark.usefixtures("harbor")
def test_requests_are_shown(shell: Shell) -> None:
    shell.write(EXAMPLE)
    ran = shell.run("plan", "-v")
    lines = ran.err.splitlines()
    assert lines
    assert all(re.fullmatch(r"(GET|POST) /\S+ \d{3} \d+ ms", line) for line in lines)
    assert any(line.startswith("GET /api/v2.0/projects") for line in lines)
    assert "Harbor12345" not in ran.err


@pytest.mark.usefixtures("harbor")
def test_a_text_that_the_terminal_cannot_show_is_spelled_out(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.write('labels: {"größe": {color: "#000000"}}')
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    with terminal("plan") as screen:
        assert screen.wait() == 2
    assert r"label/gr\xf6\xdfe" in screen.seen
    assert "Traceback" not in screen.seen


SIGNALS = [pytest.param(signal.SIGINT, 130, id="INT"), pytest.param(signal.SIGTERM, 143, id="TERM")]


@pytest.mark.parametrize(("number", "code"), SIGNALS)
def test_a_signal_ends_it_at_once(
    shell: Shell, harbor: Simulator, number: signal.Signals, code: int
) -> None:
    def slow(request: Request) -> None:
        if request.path.endswith("/projects"):
            time.sleep(2)

    harbor.state.before = slow
    shell.write(EXAMPLE)
    with terminal("plan", "-v") as screen:
        screen.expect("GET /api/v2.0/systeminfo 200")
        screen.expect("GET /api/v2.0/users/current 200")
        screen.signal(number)
        assert screen.wait() == code
    assert "Traceback" not in screen.seen
    assert harbor.writes == []


@pytest.mark.usefixtures("harbor")
def test_it_waits_until_harbor_is_healthy(shell: Shell) -> None:
    shell.write(EXAMPLE)
    assert shell.run("plan", "--wait", "10s").code == 2


def test_it_does_not_wait_for_ever(shell: Shell, harbor: Simulator) -> None:
    ill = b'{"components": [{"name": "redis", "status": "unhealthy"}]}'
    harbor.state.before = lambda request: Reply(200, ill) if "health" in request.path else None
    shell.write(EXAMPLE)
    ran = shell.run("plan", "--wait", "1s")
    assert (ran.code, ran.out) == (1, "")
    assert "is not ready after 1 s: not healthy: core, database, redis" in ran.err


def test_no_more_requests_a_second_than_asked_for(shell: Shell, harbor: Simulator) -> None:
    """The n-th cannot come sooner than its turn, however fast or slow the machine is."""
    shell.write(EXAMPLE)
    assert shell.run("plan").code == 2  # what is imported is not waited for below
    came: list[float] = []
    harbor.state.before = lambda _: came.append(time.monotonic())
    begun = time.monotonic()
    assert shell.run("plan", "--max-rps", "10").code == 2
    assert len(came) > 10
    assert [seen for turn, seen in enumerate(came) if seen < begun + turn / 10] == []


@pytest.mark.usefixtures("harbor")
def test_what_is_insecure_is_said_loudly(shell: Shell) -> None:
    shell.write(EXAMPLE)
    ran = shell.run("plan", "--insecure")
    assert ran.code == 2
    assert "warning: the certificate of " in ran.err
    assert "NOT VERIFIED" in ran.err


@pytest.mark.usefixtures("nowhere")
def test_an_unreachable_harbor(shell: Shell) -> None:
    shell.write(EXAMPLE)
    ran = shell.run("plan")
    assert (ran.code, ran.out) == (1, "")
    assert "127.0.0.1:1" in ran.err
