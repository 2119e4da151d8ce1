"""Bad input of every sort: one message, where it is, what to do, exit code 1, nothing written."""

from __future__ import annotations

import asyncio
import queue
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme
from aiohttp import web

from cli.shell import Shell
from harborconf.simulator import Simulator
from harborconf.simulator.faults import drop, nth
from harborconf.simulator.http import Reply, Request, internal_error, refused
from unit.harbor.fake import serving

PROGRAM = Path(sys.executable).parent / "harborconf"
EXAMPLE = "projects: {team-a: {public: false, labels: {x: {}}}}"


def errors(*lines: str) -> str:
    """What is told of these problems, each in a line."""
    return "".join(f"error: {line}\n" for line in lines)


def rules(count: int, text: str) -> str:
    """A project with this many rules; `#` is the number of each."""
    lines = (f"      - {text}".replace("#", str(number)) for number in range(1, count + 1))
    return "\n".join(["projects:", "  a:", "    retention:", "     rules:", *lines])


# ---- files ---------------------------------------------------------------------------

ALL = "desired/all.yaml"
FILES = {
    "unknown key": (
        "projects: {team-a: {quotta: 1GiB}}",
        errors(f"{ALL}:2:21: unknown key `quotta` (did you mean `quota`?)"),
    ),
    "unknown key in a rule": (
        rules(1, "{keep: always, tag: [x]}"),
        errors(f"{ALL}:6:24: unknown key `tag`; did you mean `tags`?"),
    ),
    "wrong types, each told": (
        """\
        projects:
          a:
            public: yes
            quota: 100
            members: {users: [bob]}
        """,
        errors(
            f"{ALL}:4:13: expected true or false, got `yes`",
            f"{ALL}:5:12: expected a size like 100GiB, or unlimited, got `100`; write a unit: KiB,"
            " MiB, GiB, TiB",
            f"{ALL}:6:22: expected a map with a key for each member, got a list",
        ),
    ),
    "duplicate key": (
        "projects:\n  a: {}\n  a: {}",
        errors(f"{ALL}:4:3: `a` is written twice, first at {ALL}:3:3"),
    ),
    "unknown role": (
        "projects: {a: {members: {users: {bob: develper}}}}",
        errors(
            f"{ALL}:2:39: expected a role, one of admin, maintainer, developer, guest,"
            " limited_guest, got `develper`; did you mean `developer`?"
        ),
    ),
    "invalid project name": (
        "projects: {Team_A: {}}",
        errors(
            f"{ALL}:2:12: `Team_A` is no project name: lower-case letters and digits, with single"
            " `.`, `_` or `-` between, at most 255 characters"
        ),
    ),
    "quota 0": (
        "projects: {a: {quota: 0}}",
        errors(
            f"{ALL}:2:23: expected a size like 100GiB, or unlimited, got `0`; Harbor refuses a"
            " size of 0"
        ),
    ),
    "cron of five fields": (
        "projects: {a: {retention: {schedule: 30 2 * * *}}}",
        errors(
            f"{ALL}:2:38: expected hourly, daily, weekly, never or a cron of six fields (second"
            " minute hour day month weekday, UTC), got `30 2 * * *`; put the second first:"
            " 0 30 2 * * *"
        ),
    ),
    "cron that Harbor refuses": (
        "projects: {a: {retention: {schedule: 0 60 2 * * *}}}",
        errors(f"{ALL}:2:38: Harbor refuses `60` as minute of the cron `0 60 2 * * *`"),
    ),
    "bad severity": (
        "projects: {a: {scanning: {block: hgih}}}",
        errors(
            f"{ALL}:2:34: expected a severity, one of none, low, medium, high, critical, got"
            " `hgih`; did you mean `high`?"
        ),
    ),
    "a rule twice": (
        rules(2, "{keep: always}"),
        errors(f"{ALL}:7:9: this is the same as item 1 of the rules: Harbor takes it once"),
    ),
    "more than 15 rules": (
        rules(16, "{keep: {most_recently_pushed: #}}"),
        errors(f"{ALL}:21:9: Harbor takes at most 15 rules, here are 16"),
    ),
    "a secret in the file": (
        "users: {u: {email: a@b.cd, password: Hidden-1234}}",
        errors(
            f"{ALL}:2:38: expected where the secret lives: {{env: NAME}}, {{file: PATH}} or"
            " {kubernetes: {secret: NAME}}; a secret never stands in the YAML itself"
        ),
    ),
    "no such profile": (
        "profiles: {gold: {}}\nprojects: {a: {profile: golf}}",
        errors(f"{ALL}:3:25: there is no profile `golf` (did you mean `gold`?)"),
    ),
    "a key with nothing behind": (
        "projects:\n  a:\n    public:\n",
        errors(
            f"{ALL}:4:12: nothing is written after the colon (expected: true or false; null leaves"
            " it unmanaged)"
        ),
    ),
    "hostile: a tag": (
        "projects: !!python/object/apply:os.system [id]",
        errors(
            f"{ALL}:2:11: the tag !!python/object/apply:os.system is not accepted (remove it: the"
            " field decides how its value is read)"
        ),
    ),
    "hostile: billion laughs": (
        "a0: &a0 ha\n"
        + "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)),
        errors(
            f"{ALL}:7:45: aliases stand for more than 100000 values (use defaults and profiles"
            " instead)"
        ),
    ),
    "hostile: deeply nested": (
        "projects: " + "[" * 100_000,
        errors(f"{ALL}:2:1010: nested deeper than 50 levels"),
    ),
    "hostile: 50 MB": (
        "# " + "x" * 50_000_000,
        errors(f"{ALL}:1:1: the file is larger than 10 MiB (split it: files merge by key)"),
    ),
    "hostile: a terminal's codes": (
        'projects: {"\\e[31mred\\e]0;x\\a": {}}',
        errors(
            f"{ALL}:2:12: `\\x1b[31mred\\x1b]0;x\\x07` is no project name: lower-case letters and"
            " digits, with single `.`, `_` or `-` between, at most 255 characters"
        ),
    ),
    "no YAML": (
        "projects: {a: {}\nlabels: {}",
        errors(
            f"{ALL}:3:1: this is not YAML: did not find expected ',' or '}}' while parsing a flow"
            " mapping that begins in line 2"
        ),
    ),
}


@pytest.mark.parametrize("command", ["validate", "plan"])
@pytest.mark.parametrize("case", FILES)
@pytest.mark.usefixtures("nowhere")
def test_files(shell: Shell, case: str, command: str) -> None:
    """Before Harbor is asked for anything: none is there."""
    text, expected = FILES[case]
    shell.write(text)
    ran = shell.run(command)
    assert ran.err == expected
    assert (ran.code, ran.out) == (1, "")


def test_the_same_leaf_in_two_files(shell: Shell) -> None:
    shell.write("projects: {a: {quota: 1GiB}}", "desired/a.yaml")
    shell.write("projects: {a: {quota: 1GiB}}", "desired/teams/b.yaml")
    ran = shell.run("validate")
    assert ran.err == errors(
        "desired/teams/b.yaml:2:23: `projects.a.quota.storage` is written in two files, first at"
        " desired/a.yaml:2:23 (keep one of them)"
    )
    assert ran.code == 1


# ---- the way to Harbor ---------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """What is asked, what is told, and what the environment has beside the usual."""

    told: str
    advice: str
    environ: dict[str, str] = field(default_factory=dict)
    options: tuple[str, ...] = ()


WAY = {
    "unreachable": Case(
        "http://127.0.0.1:1 cannot be reached: Connection refused",
        "check Harbor's URL and the network",
    ),
    "no http": Case(
        "`ftp://harbor.example.com` is no http or https URL",
        "one looks like https://harbor.example.com",
        {"HARBOR_URL": "ftp://harbor.example.com"},
    ),
    "a password in the URL": Case(
        "Harbor's URL holds a credential",
        "give it in HARBOR_USERNAME and HARBOR_PASSWORD",
        {"HARBOR_URL": "https://admin:Hidden-1234@harbor.example.com"},
    ),
    "two passwords": Case(
        "HARBOR_PASSWORD and HARBOR_PASSWORD_FILE are both set",
        "unset one of them",
        {"HARBOR_PASSWORD_FILE": "password"},
    ),
    "a password and a token": Case(
        "HARBOR_TOKEN and a password are both set",
        "unset one of them",
        {"HARBOR_TOKEN": "abc"},
    ),
    "a key without its certificate": Case(
        "a client key is given without its certificate",
        "set HARBOR_CLIENT_CERT too",
        options=("--client-key", ALL),
    ),
    "no CA": Case(
        "there is no file ca.pem",
        "it is named as CA, client certificate or its key",
        options=("--ca-file", "ca.pem"),
    ),
    "a CA that is none": Case(
        f"{ALL} cannot be used: no certificate or crl found",
        "it must be PEM; a client key must fit its certificate",
        options=("--ca-file", ALL),
    ),
}


@pytest.mark.parametrize("case", WAY)
@pytest.mark.usefixtures("nowhere")
def test_the_way_to_harbor(shell: Shell, case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.write(EXAMPLE)
    for name, value in WAY[case].environ.items():
        monkeypatch.setenv(name, value)
    for command in (["plan"], ["apply", "--yes"]):
        ran = shell.run(*command, *WAY[case].options)
        assert ran.err == f"error: {WAY[case].told}\n       {WAY[case].advice}\n"
        assert (ran.code, ran.out) == (1, "")


def test_an_expired_certificate(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.write(EXAMPLE)
    authority, long_ago = trustme.CA(), datetime(2020, 1, 1, tzinfo=UTC)
    authority.cert_pem.write_to_path("ca.pem")
    expired = authority.issue_cert("127.0.0.1", not_before=long_ago, not_after=long_ago)
    with website(b"", expired) as url:
        connect(monkeypatch, url)
        ran = shell.run("plan", "--ca-file", "ca.pem")
    assert ran.err == (
        f"error: the certificate of {url} is not trusted: certificate has expired\n"
        "       give its CA with --ca-file, or have it renewed\n"
    )
    assert (ran.code, ran.out) == (1, "")


PAGE = b"<html><head><title>Welcome to nginx!</title></head></html>"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (PAGE, '(an HTML page titled "Welcome to nginx!": something before Harbor answered)'),
        (b'{"status": "ok"}', '{"status": "ok"}'),
        (b"", "(no message)"),
    ],
    ids=["a page", "another API", "nothing"],
)
def test_what_is_no_harbor(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, body: bytes, told: str
) -> None:
    shell.write(EXAMPLE)
    with website(body) as url:
        connect(monkeypatch, url)
        ran = shell.run("plan")
    assert (
        ran.err == f"error: {url} is no Harbor: it answers 200: {told}\n       check Harbor's URL\n"
    )
    assert (ran.code, ran.out) == (1, "")


# ---- Harbor --------------------------------------------------------------------------


def test_a_wrong_password(shell: Shell, harbor: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.write(EXAMPLE)
    monkeypatch.setenv("HARBOR_PASSWORD", "Hidden-1234")
    ran = shell.run("apply", "--yes")
    assert ran.err == (
        "error: Harbor refuses the user name or password\n"
        "       check both, or Harbor's database: while that is down, everybody is refused like"
        " this\n"
    )
    assert (ran.code, ran.out, harbor.writes) == (1, "", [])


def test_an_older_harbor(shell: Shell, harbor: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    del harbor
    shell.write(EXAMPLE)
    old = Simulator("2.12.4")
    with old.serve() as url:
        connect(monkeypatch, url)
        ran = shell.run("apply", "--yes")
    assert ran.err == (
        f"error: {url} runs Harbor v2.12.4-simulated; harborconf needs 2.13 or newer\n"
        "       upgrade Harbor\n"
    )
    assert (ran.code, ran.out, old.writes) == (1, "", [])


def test_a_newer_harbor_is_warned_about_and_planned(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.write(EXAMPLE)
    with Simulator("2.16.0").serve() as url:
        connect(monkeypatch, url)
        ran = shell.run("plan")
    assert ran.err == (
        "warning: Harbor v2.16.0-simulated is newer than tested; planned with the fields of 2.15\n"
    )
    assert "+ project/team-a" in ran.out
    assert ran.code == 2


def test_an_unset_variable(shell: Shell, harbor: Simulator) -> None:
    shell.write(
        """\
        users: {u: {email: a@b.cd, password: {env: NOT_SET}}}
        projects: {team-a: {}}
        """
    )
    ran = shell.run("apply", "--yes")
    assert ran.err == errors(
        f"{ALL}:2:38: the environment variable NOT_SET is not set (set it, or remove the reference)"
    )
    assert (ran.code, ran.out, harbor.writes) == (1, "", [])


def test_a_weak_secret_is_blocked_and_the_rest_is_done(
    shell: Shell, harbor: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEAK", "weakling")
    shell.write(
        """\
        users: {u: {email: a@b.cd, password: {env: WEAK}}}
        labels: {x: {}}
        """
    )
    ran = shell.run("apply", "--yes")
    assert ran.code == 1
    assert (
        "! user/u  Harbor refuses what environment variable WEAK holds: it needs 8 to 128"
        f" characters with an upper-case letter, a lower-case letter and a digit  {ALL}:2:9\n"
        "    email     a@b.cd\n"
        "    password  {env: WEAK}\n"
    ) in ran.out
    assert "weakling" not in ran.out + ran.err
    assert [path for _, path, _ in harbor.writes] == ["/api/v2.0/labels"]


def test_a_session_lost_in_the_middle_is_had_again(shell: Shell, harbor: Simulator) -> None:
    harbor.state.add_project("team-a")
    shell.write(EXAMPLE)
    harbor.state.before = nth(1, harbor.state.expire_sessions, path="/labels")
    ran = shell.run("plan")
    assert (ran.code, ran.err) == (2, "")
    assert "1 to create, 0 to update" in ran.out


def test_a_credential_lost_in_the_middle(shell: Shell, harbor: Simulator) -> None:
    harbor.state.add_project("team-a")
    shell.write(EXAMPLE)

    def change_password(request: Request) -> Reply | None:
        if "/labels" in request.path:
            harbor.state.users.rows[1]["password"] = "Changed-1234"
            harbor.state.expire_sessions()
        return None

    harbor.state.before = change_password
    ran = shell.run("apply", "--yes")
    assert ran.err.startswith("error: ")
    assert ran.err.count("error: ") == 1
    assert "check authentication, or Harbor's database" in ran.err
    assert (ran.code, ran.out, harbor.writes) == (1, "", [])


def test_harbor_fails(shell: Shell, harbor: Simulator) -> None:
    shell.write(EXAMPLE)
    harbor.state.before = lambda request: (
        refused(internal_error()) if request.path.endswith("/projects") else None
    )
    ran = shell.run("apply", "--yes")
    assert ran.err == (
        "error: GET /projects: 500 internal server error\n"
        "       Harbor says no more of its own failures: look at its health, and at the log of its"
        " core\n"
    )
    assert (ran.code, ran.out, harbor.writes) == (1, "", [])


def test_harbor_hangs_up(shell: Shell, harbor: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.write(EXAMPLE)
    harbor.state.before = lambda request: drop() if request.path.endswith("/projects") else None
    ran = shell.run("apply", "--yes")
    assert "cannot be reached: it closed the connection without an answer\n" in ran.err
    assert (ran.code, ran.out, harbor.writes) == (1, "", [])
    del monkeypatch


def test_read_only_mode(shell: Shell, harbor: Simulator) -> None:
    harbor.state.settings["read_only"] = True
    shell.write(EXAMPLE)
    assert shell.run("plan").code == 2
    ran = shell.run("apply", "--yes")
    assert ran.err == (
        "error: Harbor is in read-only mode: nothing can be written\n"
        "       switch it off, or write `read_only: false` under system.settings\n"
    )
    assert (ran.code, harbor.writes) == (1, [])


# ---- the program itself --------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["validate"], f"error: {ALL}:2:21: unknown key `quotta` (did you mean `quota`?)\n"),
        (["validate", "--nonsense"], "error: No such option: --nonsense\n"),
        (["nonsense"], "error: No such command 'nonsense'\n"),
        (["validate", "nowhere"], "error: nowhere does not exist\n"),
    ],
)
def test_the_program_says_the_same(shell: Shell, arguments: list[str], told: str) -> None:
    shell.write("projects: {team-a: {quotta: 1GiB}}")
    ran = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, check=False)
    assert ran.stderr.startswith(told)
    assert "Traceback" not in ran.stderr
    assert (ran.returncode, ran.stdout) == (1, "")


# ---- servers -------------------------------------------------------------------------


def connect(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("HARBOR_URL", url)
    monkeypatch.setenv("HARBOR_USERNAME", "admin")
    monkeypatch.setenv("HARBOR_PASSWORD", "Harbor12345")


@contextmanager
def website(body: bytes, certificate: trustme.LeafCert | None = None) -> Iterator[str]:
    """Something that answers every request with this, and is no Harbor."""

    async def answer(_: web.BaseRequest) -> web.StreamResponse:
        return web.Response(body=body)

    async def serve() -> None:
        async with serving(answer, context) as url:
            urls.put(url)
            await end.wait()

    context = None
    if certificate is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        certificate.configure_cert(context)
    urls: queue.Queue[str] = queue.Queue()
    loop, end = asyncio.new_event_loop(), asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    try:
        yield urls.get(timeout=10)
    finally:
        loop.call_soon_threadsafe(end.set)
        thread.join()
        loop.close()
