"""Sends recorded exchanges to the simulator, without a socket between."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from harborconf.simulator import Reply, Request, Simulator
from unit.simulator.comparison import Comparison, differences
from unit.simulator.exchanges import Json, Numbers, family, rename

API = "/api/v2.0"
ADMIN = "Harbor12345"
WRONG = "wrong"
_SID = re.compile(r"sid=([0-9a-f]+)")
_CSRF = re.compile(r"_gorilla_csrf=([^;]+)")
_COMPARED = ("location", "x-total-count", "link")


@dataclass
class Replay:
    """A client with the identities of the recordings, and what is needed to be them."""

    simulator: Simulator
    numbers: Numbers = field(default_factory=Numbers)
    passwords: dict[str, str] = field(default_factory=lambda: {"admin": ADMIN})
    sid: str = ""
    cookie: str = ""
    token: str = ""

    def step(self, exchange: dict[str, Any]) -> list[str]:
        """One exchange, or what happened aside of the API; gives what differs."""
        if "do" in exchange:
            self.happen(exchange)
            return []
        request = self._request(exchange)
        reply = self.simulator.app.handle(request)
        self._learn(exchange, request, reply)
        return self._compare(exchange, reply)

    def happen(self, event: dict[str, Any]) -> None:
        state = self.simulator.state
        match event:
            case {"do": "content", "project": project, "repositories": repositories}:
                for name, tags in repositories.items():
                    state.add_repository(project, name, tags)
            case {"do": "projects", "name": name, "count": count}:
                for number in range(count):
                    state.add_project(name.format(number))
            case {"do": "expire robot", "robot": robot}:
                state.expire_robot(self.numbers.here("robot", robot))
            case {"do": "log in"}:
                self.log_in()
            case {"do": change}:
                self._change(change, event)

    def _change(self, change: str, event: dict[str, Any]) -> None:
        state = self.simulator.state
        match change.split():
            case ["registry"]:
                state.credentials[event["url"]] = (event["user"], event["password"])
            case ["registry", "down"]:
                state.unreachable.add(event["url"])
            case ["registry", "up"]:
                state.unreachable.remove(event["url"])
            case ["database", way]:
                state.database_down = way == "down"
            case ["scanner", way]:
                for row in state.scanners:
                    row["is_default"] = way == "back"
            case ["redis", way]:
                state.redis_down = way == "down"
                state.expire_sessions()
            case ["no", "scanners"]:
                for row in state.scanners:
                    state.scanners.drop(row["id"])
            case _:
                assert change == "expire sessions"
                state.expire_sessions()

    def log_in(self) -> None:
        form = {"principal": "admin", "password": ADMIN}
        for method, body in (("GET", None), ("POST", form)):
            exchange = {"method": method, "path": "/c/login", "outside": True, "auth": {}}
            exchange |= {"form": body} if body else {}
            request = self._request(exchange)
            self._learn(exchange, request, self.simulator.app.handle(request))

    def _request(self, exchange: dict[str, Any]) -> Request:
        target = exchange["path"]
        if not exchange.get("outside"):
            target = API + self.numbers.target(target)
        path, _, query = target.partition("?")
        headers = {name.lower(): value for name, value in exchange.get("headers", {}).items()}
        headers |= self._auth(exchange)
        body = b""
        if "json" in exchange:
            headers["content-type"] = "application/json"
            sent = self.numbers.body(exchange["json"], family(path))
            body = json.dumps(sent).encode()
        elif "raw" in exchange:
            body = exchange["raw"].encode()
        elif "form" in exchange:
            headers["content-type"] = "application/x-www-form-urlencoded"
            body = urlencode(exchange["form"]).encode()
        return Request(exchange["method"], path, query, headers, body)

    def _auth(self, exchange: dict[str, Any]) -> dict[str, str]:
        auth = exchange["auth"]
        if exchange["path"] == "/c/login":
            return {
                "cookie": f"_gorilla_csrf={self.cookie}" if self.cookie else "",
                "x-harbor-csrf-token": self.token,
            }
        if name := auth.get("basic"):
            password = WRONG if auth.get("wrong") else self.passwords[name]
            text = base64.b64encode(f"{name}:{password}".encode()).decode()
            return {"authorization": f"Basic {text}"}
        if auth.get("session"):
            cookies = [f"sid={self.sid}"]
            cookies += [f"_gorilla_csrf={self.cookie}"] if auth.get("cookie") else []
            tokens = {"right": self.token, "wrong": "bm9uc2Vuc2U="}
            token = tokens.get(auth.get("token", ""))
            return {"cookie": "; ".join(cookies)} | (
                {"x-harbor-csrf-token": token} if token else {}
            )
        return {}

    def _learn(self, exchange: dict[str, Any], request: Request, reply: Reply) -> None:
        """Passwords, secrets and cookies, as they are set and given."""
        sent = exchange.get("json") or {}
        if request.path == f"{API}/users" and reply.status == 201:
            self.passwords[sent["username"]] = sent["password"]
        told: Json = _body(reply) if request.path.startswith(f"{API}/robots") else {}
        if request.method == "POST" and "secret" in told:
            self.passwords[told["name"]] = told["secret"]
        if request.method == "PATCH" and "/robots/" in request.path and reply.status == 200:
            number = int(request.path.rpartition("/")[2])
            name = self.simulator.state.robots.rows[number]["name"]
            self.passwords[f"robot${name}"] = sent["secret"] or told["secret"]
        if exchange.get("outside"):
            cookies = " ".join(reply.cookies)
            if found := _CSRF.search(cookies):
                self.cookie = found[1]
            if request.method == "POST" and (found := _SID.search(cookies)):
                self.sid = found[1]
            self.token = reply.headers["x-harbor-csrf-token"]

    def _compare(self, exchange: dict[str, Any], reply: Reply) -> list[str]:
        found = []
        if exchange["status"] != reply.status:
            found.append(f"status {exchange['status']} was recorded, {reply.status} is here")
        found += self._compare_headers(exchange.get("reply_headers"), reply.headers)
        if not exchange.get("outside"):
            found += self._compare_body(exchange, reply)
        return found

    def _compare_headers(self, recorded: dict[str, str] | None, here: dict[str, str]) -> list[str]:
        if recorded is None:
            return []
        found = []
        if "location" in recorded and "location" in here:
            path, _, number = recorded["location"].rpartition("/")
            _, _, new = here["location"].rpartition("/")
            if number.isdigit():
                self.numbers.bind(family(path), int(number), int(new))
            else:
                self.numbers.bind_word(number, new)
        for name in _COMPARED:
            old, new_value = recorded.get(name, ""), here.get(name, "")
            if not Comparison(self.numbers).same_text(old, new_value):
                found.append(f"{name} {old!r} was recorded, {new_value!r} is here")
        return found

    def _compare_body(self, exchange: dict[str, Any], reply: Reply) -> list[str]:
        recorded, here = exchange["reply"], _body(reply)
        if exchange["method"] == "HEAD":
            return []
        shortened = "body shortened" in exchange.get("note", "")
        kind = family(exchange["path"].partition("?")[0])
        return differences(self.numbers, recorded, here, kind, shortened=shortened)


def _body(reply: Reply) -> Json:
    if reply.headers.get("content-type", "").startswith("application/json") and reply.body:
        return json.loads(reply.body)
    return reply.body.decode()


def simulator(version: str, shift: int) -> Simulator:
    """A simulator whose numbers are not those of the recordings."""
    found = Simulator(version)
    state = found.state
    tables = (
        state.users,
        state.groups,
        state.projects,
        state.quotas,
        state.members,
        state.robots,
        state.labels,
        state.retentions,
        state.rules,
        state.webhooks,
        state.preheat_instances,
        state.preheat_policies,
        state.repositories,
        state.allowlists,
        state.registries,
        state.replications,
    )
    for index, table in enumerate(tables):
        for _ in range(shift * (index + 1)):
            table.skip()
    return found


def fill(found: Simulator, smallest: str) -> None:
    """What was there: users, and a hundred projects; one has a quota, the smallest of them."""
    found.state.add_user("somebody", "Example9Word", "somebody@example.com")
    for number in range(100):
        name = f"team-p{number:04d}"
        found.state.add_project(rename(name), storage=5 << 30 if name == smallest else -1)
