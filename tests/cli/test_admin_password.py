"""`harborconf admin-password`: the old one proven, a new one set, and proven too."""

from __future__ import annotations

import pytest

from cli.shell import Shell, terminal
from harborconf.simulator import Reply, Request, Simulator

OLD, NEW = "Harbor12345", "Example1Word"
TO = "env:PASSWORD"


def password(simulator: Simulator) -> str:
    found = simulator.state.users.rows[1]["password"]
    assert isinstance(found, str)
    return found


def test_a_new_password(shell: Shell, harbor: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = shell.run("admin-password", "--to", TO, "--yes", "-v")
    assert ran.code == 0
    assert ran.out == (
        "admin has the password of environment variable PASSWORD now; a new login with it works.\n"
    )
    assert password(harbor) == NEW
    logins = [path for method, path, _ in harbor.requests if method == "POST"]
    assert logins == ["/c/login"]  # the session is kept
    assert harbor.requests[-1][1] == "/c/log_out"
    assert NEW not in ran.out + ran.err
    assert OLD not in ran.out + ran.err
    shell.write("labels: {}")
    assert shell.run("plan").code == 1
    monkeypatch.setenv("HARBOR_PASSWORD", NEW)
    assert shell.run("plan").code == 0


def test_from_a_file_as_a_user_who_is_no_administrator(
    shell: Shell, harbor: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = harbor.state.add_user("alice", OLD, "alice@example.com")
    monkeypatch.setenv("HARBOR_USERNAME", "alice")
    (shell.folder / "new").write_text(f"{NEW}\n", encoding="utf-8")
    ran = shell.run("admin-password", "--to", "file:new", "--yes")
    assert (ran.code, ran.err) == (0, "")
    assert (password(harbor), alice["password"]) == (OLD, NEW)


def test_harbors_url_may_stand_in_a_file(
    shell: Shell, harbor: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    with harbor.serve() as url:
        monkeypatch.delenv("HARBOR_URL")
        shell.write(f"harbor: {{url: '{url}'}}")
        assert shell.run("admin-password", "--to", TO, "--yes").code == 0
    assert password(harbor) == NEW


def test_it_asks(shell: Shell, harbor: Simulator) -> None:
    del shell
    with terminal("admin-password", "--to", TO) as screen:
        screen.expect("Replace the password of admin? [y/N] ")
        screen.type(b"n\n")
        assert screen.wait() == 1
    assert password(harbor) == OLD


@pytest.mark.parametrize(
    ("to", "value", "complaint"),
    [
        ("PASSWORD", NEW, "--to names no place for a password"),
        ("env:", NEW, "write --to env:NAME or --to file:PATH"),
        ("kubernetes:ci", NEW, "write --to env:NAME or --to file:PATH"),
        ("env:OTHER", NEW, "the environment variable OTHER is not set"),
        ("file:none", NEW, "file none is empty"),
        ("file:.", NEW, "cannot be read"),
        (TO, OLD, "holds the password that is in use: Harbor refuses the same one again"),
        (TO, "weak", "Harbor refuses what environment variable PASSWORD holds: it needs 8 to 128"),
    ],
)
def test_refused_before_anything_is_sent(
    to: str,
    value: str,
    complaint: str,
    shell: Shell,
    harbor: Simulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PASSWORD", value)
    ran = shell.run("admin-password", "--to", to, "--yes")
    assert ran.code == 1
    assert complaint in ran.err
    assert harbor.writes == []


def test_without_a_terminal_it_wants_a_yes(shell: Shell, harbor: Simulator) -> None:
    ran = shell.run("admin-password", "--to", TO)
    assert (ran.code, harbor.requests) == (1, [])
    assert "say --yes" in ran.err


def test_a_wrong_old_password_may_be_a_new_one_already(
    shell: Shell, harbor: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HARBOR_PASSWORD", "Wrong1Word")
    ran = shell.run("admin-password", "--to", TO, "--yes")
    assert ran.code == 1
    assert "or environment variable PASSWORD is the password already" in ran.err
    assert harbor.writes == []


def test_robots_and_tokens_have_no_password(
    shell: Shell, harbor: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    robot = harbor.state.add_robot(0, "fleet", -1, [], "Robot1Secret")
    monkeypatch.setenv("HARBOR_USERNAME", f"robot${robot['name']}")
    monkeypatch.setenv("HARBOR_PASSWORD", "Robot1Secret")
    ran = shell.run("admin-password", "--to", TO, "--yes")
    assert ran.code == 1
    assert "is a robot" in ran.err
    monkeypatch.delenv("HARBOR_PASSWORD")
    monkeypatch.setenv("HARBOR_TOKEN", "eyJh")
    assert "has no password in Harbor" in shell.run("admin-password", "--to", TO, "--yes").err
    assert harbor.writes == []


@pytest.mark.parametrize("number", [403, 400, 500])
def test_what_harbor_refuses_is_told(shell: Shell, harbor: Simulator, number: int) -> None:
    def refuse(request: Request) -> Reply | None:
        return Reply(number, b"no") if request.method == "PUT" else None

    harbor.state.before = refuse
    ran = shell.run("admin-password", "--to", TO, "--yes")
    assert ran.code == 1
    assert f"PUT /users/1/password: {number} no" in ran.err
    assert password(harbor) == OLD


def test_a_password_that_harbor_took_and_does_not_believe(shell: Shell, harbor: Simulator) -> None:
    harbor.state.before = lambda request: Reply(200) if request.method == "PUT" else None
    ran = shell.run("admin-password", "--to", TO, "--yes")
    assert ran.code == 1
    assert "a login with it fails" in ran.err
    assert "try both" in ran.err
