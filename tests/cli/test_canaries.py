"""No secret is heard: canaries stand wherever one can, and nothing that is said holds any.

Each redaction is taken away once, and then a canary is heard.
"""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FunctionType
from typing import Any
from urllib.parse import quote

import pytest

from apiserver import ApiServer, RefusedError, kubeconfig
from cli.canaries import Canaries, Ear, note_what_harbor_makes
from cli.shell import Shell
from harborconf import errors
from harborconf.cli.connect import Settings, workbench
from harborconf.harbor import boundary, proxy, redaction, retry
from harborconf.harbor.connection import connection_from_environment
from harborconf.kinds import webhook
from harborconf.kinds.label import Label
from harborconf.kinds.resource import Place
from harborconf.kinds.webhook import Target, Webhook
from harborconf.simulator import Reply, Request, Simulator
from harborconf.spec import reference, url
from harborconf.spec.secret import Secret
from harborconf.spec.url import without_user
from recorded import cassettes

FORMATS = ("text", "json", "markdown", "html")
DESIRED = """\
fingerprints: {key: {env: KEY}, store: {file: fingerprints.json}}
users:
  alice: {email: alice@example.com, password: {env: ALICE}}
  bob: {password: {file: secrets/bob}}
registries:
  hub: {type: docker-registry, url: "https://hub.example.com",
    credential: {username: bot, password: {env: HUB}}}
robots:
  fleet: {expires: never, secret: {env: FLEET},
    permissions: {projects: {"*": {repository: [pull]}}}}
  pod: {expires: never, secret: {kubernetes: {secret: pod}},
    permissions: {projects: {"*": {repository: [pull]}}}}
labels: {release: {}}
projects:
  team-a:
    robots:
      ci: {expires: 9d, permissions: {repository: [pull]}, secret: {file: secrets/ci}}
      made: {expires: 9d, permissions: {repository: [pull]}, secret: {file: secrets/made}}
    webhooks:
      hook:
        events: [PUSH_ARTIFACT]
        targets:
        - {url: "https://hooks.example.com/x", auth_header: {env: HOOK}}
"""


class Planted:
    """A Harbor, an environment and files full of canaries, and an ear."""

    def __init__(self, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
        self.shell = shell
        self.environ = monkeypatch
        self.canaries = Canaries()
        self.ear = Ear()
        self.simulator = Simulator("2.15.2", admin_password=self.variable("HARBOR_PASSWORD"))
        monkeypatch.setenv("HARBOR_USERNAME", "admin")
        monkeypatch.setattr(retry, "wait_before", lambda *_: 0)
        for name in ("ALICE", "HUB", "HOOK", "FLEET", "KEY"):
            self.variable(name)
        for name in ("bob", "ci"):
            self.file(name)
        self.cluster = ApiServer(tokens={self.canaries.plant("a cluster's token", ("", ""))})
        self.cluster.edit("pod", secret=self.canaries.plant("pod"))
        shell.write(DESIRED)
        self._live()
        note_what_harbor_makes(self.simulator, self.canaries)

    def variable(self, name: str) -> str:
        """A canary in the environment."""
        value = self.canaries.plant(name)
        self.environ.setenv(name, value)
        return value

    def file(self, name: str) -> None:
        """A canary in a file."""
        path = self.shell.folder / "secrets" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"{self.canaries.plant(name)}\n", encoding="utf-8")

    def _live(self) -> None:
        """Another password and another header live, and a URL with somebody's password in it."""
        state = self.simulator.state
        state.add_user("bob", self.canaries.plant("bob's password"), "bob@example.com")
        number = state.add_project("team-a")["project_id"]
        password = quote(self.canaries.plant("a password in a live URL", ("", "")))
        for name, address in (("hook", "hooks"), ("other", f"joe:{password}@hooks")):
            state.webhooks.add(
                {
                    "name": name,
                    "project_id": number,
                    "description": "",
                    "enabled": True,
                    "event_types": ["PULL_ARTIFACT"],
                    "creator": "admin",
                    **state.times(),
                    "targets": [
                        {
                            "type": "http",
                            "address": f"https://{address}.example.com/x",
                            "auth_header": self.canaries.plant(f"the live header of {name}"),
                            "skip_cert_verify": False,
                            "payload_format": "Default",
                        }
                    ],
                }
            )

    def leaked(self) -> list[str]:
        """The canaries that were heard."""
        return self.canaries.heard("\n".join(self.ear.heard))


@pytest.fixture
def planted(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Iterator[Planted]:
    found = Planted(shell, monkeypatch)
    with found.simulator.serve() as address, found.cluster.serve() as cluster:
        (token,) = found.cluster.tokens
        Path("kubeconfig").write_text(kubeconfig(cluster, token=token), encoding="utf-8")
        monkeypatch.setenv("KUBECONFIG", "kubeconfig")
        monkeypatch.setenv("HARBOR_URL", address)
        yield found


# ---- scenes --------------------------------------------------------------------------


def plans(planted: Planted) -> None:
    run = planted.ear.run
    assert run("plan", "-v", "--explain", "--preview", "--out", "plan.json") == 2
    planted.ear.read(Path("plan.json"))
    for form in FORMATS:
        assert run("plan", "--format", form) == 2
        assert run("show", "plan.json", "--format", form) == 0
    assert run("validate") == 0
    assert run("why", "user/alice#password") == 0


def applies(planted: Planted) -> None:
    run = planted.ear.run
    assert run("plan", "--out", "plan.json") == 2
    assert run("apply", "--yes", "-v", "--plan", "plan.json") == 0
    planted.canaries.note("made's secret", Path("secrets/made").read_text("utf-8").strip())
    assert run("rotate", "project/team-a/robot/made", "--yes", "-v") == 0
    planted.canaries.note("made's next secret", Path("secrets/made").read_text("utf-8").strip())
    for form in FORMATS:
        assert run("apply", "--yes", "--format", form, "--refresh-secrets") == 0
    planted.ear.read(Path("fingerprints.json"))
    planted.variable("NEW")
    planted.simulator.state.before = _echo(400, _json)
    assert run("admin-password", "--to", "env:NEW", "--yes", "-v") == 1
    planted.simulator.state.before = None
    assert run("admin-password", "--to", "env:NEW", "--yes", "-v") == 0


def exports(planted: Planted) -> None:
    for style in ((), ("--minimal",), ("--factor",)):
        folder = "_".join(["live", *style])
        assert planted.ear.run("export", folder, "-v", *style) == 0
        planted.ear.read(Path(folder))


def refusals(planted: Planted) -> None:
    """A server that repeats all it was sent, in each way there is."""
    cases = [*((400, escape) for escape in ESCAPES), (401, _json), (409, _json), (500, _json)]
    for status, escape in cases:
        planted.simulator.state.before = _echo(status, escape)
        assert planted.ear.run("apply", "--yes", "-v") == 1
    planted.simulator.state.before = _page
    planted.ear.run("plan")
    planted.simulator.state.before = None


def _json(text: str) -> bytes:
    return json.dumps({"errors": [{"message": text}]}).encode()


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


ESCAPES: tuple[Callable[[str], bytes], ...] = (
    _json,
    str.encode,
    lambda text: _json(json.dumps(text)),
    lambda text: _json(quote(text)),
    lambda text: _json(_base64(text)),
    lambda text: _json("".join(f"{'x' * 480}{text}")),
)


def _echo(status: int, escape: Callable[[str], bytes]) -> Callable[[Request], Reply | None]:
    def hook(request: Request) -> Reply | None:
        if not request.writes or request.path == "/c/login":
            return None
        shown = _secrets_of(request)
        return Reply(status, escape(f"{shown} was sent"), {"content-type": "application/json"})

    return hook


def _secrets_of(request: Request) -> str:
    """The secrets of a body in clear, or else the headers."""
    body = json.loads(request.body or b"null")
    found = re.findall(
        r'"(?:(?:new_|old_)?password|secret|auth_header|access_secret)": "((?:[^"\\]|\\.)+)"',
        json.dumps(body, ensure_ascii=False),
    )
    if found:
        return " ".join(json.loads(f'"{one}"') for one in found)
    return " ".join(request.headers.get(name, "") for name in ("authorization", "cookie"))


def _page(request: Request) -> Reply | None:
    title = request.headers.get("authorization") or request.headers.get("cookie", "")[:70]
    page = f"<html><title>{title}</title></html>".encode()
    return Reply(502, page) if title else None


def logins(planted: Planted) -> None:
    """Credentials that are refused, by something that repeats them."""

    def hook(request: Request) -> Reply | None:
        shown = request.headers.get("authorization", "").rpartition(" ")[2]
        if not shown and request.path != "/c/login":
            return None
        body = request.body.decode() if request.body else shown
        return Reply(500, _json(f"{body} {_decoded(shown)}"))

    state = planted.simulator.state
    state.before = hook
    assert planted.ear.run("plan", "-v") == 1
    state.before = lambda request: hook(request) if request.path == "/c/login" else None
    assert planted.ear.run("plan", "-v") == 1
    state.before = None
    planted.variable("HARBOR_PASSWORD")
    assert planted.ear.run("plan", "-v") == 1
    planted.environ.delenv("HARBOR_PASSWORD")
    planted.environ.setenv("HARBOR_TOKEN", planted.canaries.plant("a token", ("ey", "ab")))
    state.before = hook
    assert planted.ear.run("plan", "-v") == 1
    state.before = None
    assert planted.ear.run("plan", "-v") == 1


def _decoded(shown: str) -> str:
    try:
        return base64.b64decode(shown).decode()
    except ValueError:
        return shown


def clusters(planted: Planted) -> None:
    """A cluster that refuses, and repeats what it was sent."""

    def refuse(*_: str) -> None:
        (token,) = planted.cluster.tokens
        found = planted.cluster.secrets["default", "pod"].text("secret")
        cause = {"reason": found, "message": token, "field": "data"}
        raise RefusedError(500, "InternalError", [cause])

    planted.cluster.before = refuse
    assert planted.ear.run("plan", "-v") == 1
    planted.cluster.before = lambda *_: None
    planted.cluster.tokens = {"another"}
    assert planted.ear.run("apply", "--yes", "-v") == 1
    text = Path("kubeconfig").read_text("utf-8")
    Path("kubeconfig").write_text(text.replace('"token"', '"password"'), encoding="utf-8")
    assert planted.ear.run("plan", "-v") == 1


def redirects(planted: Planted) -> None:
    """Something before Harbor that leads on to a URL with the credential in it."""

    def hook(request: Request) -> Reply | None:
        pair = _decoded(request.headers.get("authorization", "").rpartition(" ")[2])
        target = f"https://{quote(pair, safe=':')}@elsewhere.example.com/"
        return Reply(302, b"", {"location": target}) if pair else None

    planted.simulator.state.before = hook
    assert planted.ear.run("plan", "-v") == 1


def proxies(planted: Planted) -> None:
    """Proxies with a password: one that is not there, one that repeats it, and broken URLs."""
    planted.environ.setenv("HARBOR_URL", "http://harbor.example.com")
    password = quote(planted.canaries.plant("a proxy's password", ("a", "b")))
    with _refusing_proxy() as port:
        for place in (f"127.0.0.1:{port}", "127.0.0.1:1", "[::1", "proxy:x", ""):
            planted.environ.setenv("http_proxy", f"http://joe:{password}@{place}")
            planted.environ.setenv("https_proxy", f"http://joe:{password}@{place}")
            for address in ("http://harbor.example.com", "https://harbor.example.com"):
                planted.environ.setenv("HARBOR_URL", address)
                assert planted.ear.run("plan", "-v") == 1
    planted.environ.setenv("https_proxy", f"socks5://joe:{password}@proxy")
    assert planted.ear.run("plan", "-v") == 1


@contextmanager
def _refusing_proxy() -> Iterator[int]:
    """It answers 407, and repeats in the reason what it was shown."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    peer, _ = listener.accept()
                except OSError:
                    return
                with peer:
                    request = peer.recv(65536).decode("latin-1")
                    shown = re.findall(r"(?i)authorization: Basic (\S+)", request)
                    told = " ".join([*shown, *map(_decoded, shown)]).replace("\r\n", " ")
                    peer.sendall(
                        f"HTTP/1.1 407 {told}\r\nContent-Length: 0\r\n\r\n".encode(
                            "utf-8", "replace"
                        )
                    )

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()


MISTAKES = (
    "users: {{alice: {{email: a@example.com, password: '{0}'}}}}",
    "users: {{alice: {{email: a@example.com, password: {{value: '{0}'}}}}}}",
    "robots: {{fleet: {{expires: never, secret: '{0}'}}}}",
    "registries: {{hub: {{type: docker-registry, url: 'https://joe:{0}@example.com'}}}}",
    "registries: {{hub: {{type: docker-registry, url: 'ftp://joe:{0}@example.com'}}}}",
    "projects: {{a: {{webhooks: {{h: {{targets: [{{url: 'https://joe:{0}@a.com'}}]}}}}}}}}",
    "projects: {{a: {{webhooks: {{h: {{targets: [{{auth_header: '{0}'}}]}}}}}}}}",
    "harbor: {{url: 'https://joe:{0}@example.com'}}",
)


def mistakes(planted: Planted) -> None:
    """Secrets where none may stand."""
    for number, text in enumerate(MISTAKES):
        secret = planted.canaries.plant(text, ("a", "b"))
        planted.shell.write(text.format(secret), f"wrong/{number}.yaml")
        if "harbor:" in text:
            planted.environ.delenv("HARBOR_URL")
        assert planted.ear.run("plan", f"wrong/{number}.yaml") != 0
    for form in ("http://joe:{}@127.0.0.1:1", "joe:{}@harbor.example.com", "http://joe:{}@[::1"):
        planted.environ.setenv("HARBOR_URL", form.format(planted.canaries.plant(form, ("a", "b"))))
        assert planted.ear.run("plan") == 1


def bugs(planted: Planted) -> None:
    """What Python says of a mistake of ours may hold anything."""
    told = planted.canaries.plant("a message of Python's")

    async def raising(*_: object) -> Any:
        raise ValueError(told)

    planted.ear.with_traceback = False  # only HARBORCONF_DEBUG shows it, which warns of that
    with planted.environ.context() as patch:
        patch.setattr(Label, "read", raising)
        assert planted.ear.run("plan") == 1
        patch.undo()
        patch.setattr(Label, "create", raising)
        assert planted.ear.run("apply", "--yes") == 1
        patch.undo()
        patch.setattr(Label, "observe", raising)
        assert planted.ear.run("plan") == 1


def values(planted: Planted) -> None:
    """What a log would show of the values that hold secrets."""
    settings = Settings((Path("desired"),))
    planted.environ.setenv("http_proxy", f"http://joe:{planted.canaries.plant('proxy')}@proxy")

    async def read() -> list[object]:
        document, state = settings.document()
        async with workbench(settings, state.url) as (_, bench):
            project = planted.simulator.state.project("team-a")
            live = await Webhook().read(bench, Place("team-a", project or {}))
            stored = await bench.stores.peek(reference.Env("HUB"))
            return [document, bench, state, live, stored]

    with planted.ear.listening():
        found = [
            *asyncio.run(read()),
            connection_from_environment({**os.environ, "HARBOR_URL": "http://harbor.test"}),
        ]
        for value in found:
            for text in ("%s", "%r"):
                logging.getLogger("any").debug(text, value)
            planted.ear.heard.append(f"{value} {value!s:>3}")


def processes(planted: Planted) -> None:
    """What everybody on the machine sees of a run, and of all that it starts."""
    planted.simulator.state.latency = 0.05
    child = subprocess.Popen(
        [sys.executable, "-m", "harborconf", "apply", "--yes", "-v"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    group = set()
    while child.poll() is None:
        for place in Path("/proc").glob("[0-9]*"):
            if (line := _command(place, child.pid)) is not None:
                group.add(place.name)
                planted.ear.heard.append(line)
        time.sleep(0.02)
    assert child.stdout is not None
    planted.ear.heard.append(child.stdout.read().decode())
    child.stdout.close()
    assert child.returncode == 0
    assert str(child.pid) in group


def _command(place: Path, parent: int) -> str | None:
    """The command line of a process, if it is `parent` or a child of it."""
    try:
        status = (place / "status").read_text("utf-8")
        if f"PPid:\t{parent}\n" not in status and place.name != str(parent):
            return None
        return (place / "cmdline").read_bytes().decode("utf-8", "replace").replace("\0", " ")
    except OSError:
        return None


def recordings(planted: Planted) -> None:
    """A cassette of everything that Harbor is asked and told."""
    before, _, after = DESIRED.partition("  pod:")
    planted.shell.write(before + after.partition("}}}}}\n")[2])
    file = Path("all.yaml").resolve()
    with cassettes.record(str(file.with_suffix("")), os.environ["HARBOR_URL"]):
        assert planted.shell.run("apply", "--yes").code == 0
    assert "/c/login" in file.read_text("utf-8")
    planted.ear.read(file)


FLEET = """\
defaults: {{overlays: [desired], url: '{url}'}}
targets:
  right: {{url: '{url}', username: admin, password: {{env: HARBOR_PASSWORD}}}}
  wrong: {{url: '{url}', username: admin, password: {{file: secrets/wrong}}}}
  token: {{url: '{url}', token: {{env: TOKEN}}}}
"""


def fleets(planted: Planted) -> None:
    """Credentials of targets: one that is right, and two that are refused."""
    run = planted.ear.run
    planted.file("wrong")
    planted.environ.setenv("TOKEN", planted.canaries.plant("a target's token", ("ey", "ab")))
    planted.shell.write(FLEET.format(url=os.environ["HARBOR_URL"]), "fleet.yaml")
    assert run("validate", "--fleet", "fleet.yaml") == 1
    text = FLEET.replace(", url: '{url}'", "", 1).format(url=os.environ["HARBOR_URL"])
    planted.shell.write(text, "fleet.yaml")
    for form in ("text", "json", "markdown"):
        report = ("--report", "report.json")
        assert run("plan", "--fleet", "fleet.yaml", "-v", "--format", form, *report) == 1
    assert run("plan", "--fleet", "fleet.yaml", "--explain", "--out", "plans") == 1
    assert "right.plan.json" in [path.name for path in Path("plans").iterdir()]
    planted.simulator.state.before = _echo(400, _json)
    assert run("apply", "--fleet", "fleet.yaml", "--yes", "-v") == 1
    planted.simulator.state.before = None
    assert run("apply", "--fleet", "fleet.yaml", "--yes", "--plan", "plans", *report) == 0
    planted.ear.read(Path("plans"), Path("report.json"))
    assert run("fleet", "diff", "right", "wrong", "-v") == 1
    text = FLEET.replace(", url: '{url}'", "", 1).replace("file: secrets/wrong", "env: SECOND")
    with Simulator("2.15.2", admin_password=planted.variable("SECOND")).serve() as other:
        text = text.replace("wrong: {{url: '{url}'", f"wrong: {{{{url: '{other}'")
        planted.shell.write(text.format(url=os.environ["HARBOR_URL"]), "fleet.yaml")
        for form in ("text", "json"):
            assert run("fleet", "diff", "right", "wrong", "-v", "--format", form) == 2
            assert run("fleet", "diff", "wrong", "right", "-v", "--format", form) == 2
    for wrong in ("password: {}", "token: {}", "url: 'https://joe:{}@example.com'"):
        secret = planted.canaries.plant(wrong, ("a", "b"))
        planted.shell.write(f"targets: {{x: {{{wrong.format(secret)}}}}}", "wrong.yaml")
        assert run("plan", "--fleet", "wrong.yaml") == 1


Scene = Callable[[Planted], None]
SCENES: tuple[Scene, ...] = (
    plans,
    applies,
    exports,
    refusals,
    logins,
    clusters,
    redirects,
    proxies,
    mistakes,
    bugs,
    values,
    processes,
    recordings,
    fleets,
)


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_no_secret_is_heard(scene: Scene, planted: Planted) -> None:
    scene(planted)
    assert planted.leaked() == []


def test_the_ear_knows_every_form() -> None:
    canaries = Canaries()
    secret = canaries.plant("one")
    for text in (
        secret,
        secret[3:20],
        json.dumps(secret),
        quote(secret),
        _base64(secret),
        _base64(f"bo:{secret}"),
        secret.encode().hex(),
    ):
        assert canaries.heard(f"before {text} after") == ["one"], text
    assert canaries.heard("nothing") == []


# ---- each redaction taken away -------------------------------------------------------


# The code of these runs in place of a function's, in its module.


def _as_it_is(value: Any, *_: object, **__: object) -> Any:
    return value


def _alone(value: Any) -> Any:
    return iter([value])


def _none(*_: object, **__: object) -> Any:
    return iter(())


def _always(*_: object) -> bool:
    return True


def _its_value(self: Any, *_: object) -> Any:
    return self._value


def _in_words(value: object) -> str:
    return f"{value}"


def _with_words(error: Any) -> str:
    return f"{error.status} {error.message}"


def _repeating(raw: object) -> Any:
    raise ValueError(f"expected a reference, got {raw}")


def _header_as_text(raw: Any) -> Any:
    address = without_user(str(raw["address"]))
    return Target(address, "http", "x", insecure=False, auth_header=raw["auth_header"])


TAKEN: dict[str, tuple[Callable[..., object], Callable[..., object], Scene]] = {
    "a secret shows itself": (Secret.__repr__, _its_value, values),
    "a secret is formatted": (Secret.__format__, _its_value, values),
    "nothing is blotted out": (redaction.blotted, _as_it_is, refusals),
    "bodies hold no secrets": (redaction.secrets_in, _none, refusals),
    "headers hold no secrets": (redaction.secrets_in_headers, _none, logins),
    "escapes are not known": (redaction._forms, _alone, refusals),
    "base64 is not known": (redaction._in_base64, _none, refusals),
    "headers of webhooks are text": (webhook._target_from_api, _header_as_text, values),
    "users stay in URLs": (url.without_user, _as_it_is, exports),
    "users are taken in URLs": (url._read, _as_it_is, mistakes),
    "references repeat what is none": (reference._read, _repeating, mistakes),
    "Python's words are told": (errors.place_of, _in_words, bugs),
    "Python's words of replies are told": (errors.not_understood, _in_words, bugs),
    "a proxy's words are told": (boundary._status, _with_words, proxies),
    "a proxy's words are a cause": (boundary.cause, _as_it_is, proxies),
    "broken proxies are taken": (proxy._is_whole, _always, proxies),
    "cassettes keep bodies": (cassettes.clean, _as_it_is, recordings),
}


@pytest.mark.parametrize("name", TAKEN)
def test_taking_away_any_redaction_is_heard(
    name: str, planted: Planted, monkeypatch: pytest.MonkeyPatch
) -> None:
    redacting, telling, scene = TAKEN[name]
    assert isinstance(redacting, FunctionType)
    assert isinstance(telling, FunctionType)
    with monkeypatch.context() as patch:
        patch.setattr(redacting, "__code__", telling.__code__)
        scene(planted)
    assert planted.leaked() != []
