"""A client of the simulator without a socket."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field

from harborconf.simulator import Reply, Request, Simulator, State
from unit.simulator.exchanges import Json

API = "/api/v2.0"
PASSWORD = "Example1Word"
PULL = {"resource": "repository", "action": "pull"}


@dataclass
class Client:
    """Sends what it is told to, as somebody."""

    simulator: Simulator
    name: str = "admin"
    password: str = "Harbor12345"
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def state(self) -> State:
        return self.simulator.state

    def be(self, name: str, password: str = PASSWORD) -> Client:
        return Client(self.simulator, name, password)

    def send(self, method: str, target: str, body: Json = None, **headers: str) -> Reply:
        path, _, query = target.partition("?")
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.name:
            text = base64.b64encode(f"{self.name}:{self.password}".encode()).decode()
            named["authorization"] = f"Basic {text}"
        content = b"" if body is None else json.dumps(body).encode()
        request = Request(method, API + path, query, self.headers | named, content)
        return self.simulator.app.handle(request)

    def get(self, target: str, **headers: str) -> Json:
        reply = self.send("GET", target, **headers)
        assert reply.status == 200, reply.body
        return json.loads(reply.body)

    def write(self, method: str, target: str, body: Json = None) -> Reply:
        reply = self.send(method, target, body)
        assert reply.status in {200, 201}, reply.body
        return reply

    def make(self, target: str, body: Json) -> int:
        reply = self.write("POST", target, body)
        return int(reply.headers["location"].rpartition("/")[2])

    def status(self, method: str, target: str, body: Json = None, **headers: str) -> int:
        return self.send(method, target, body, **headers).status

    def refusal(self, method: str, target: str, body: Json = None) -> tuple[int, str]:
        reply = self.send(method, target, body)
        return reply.status, json.loads(reply.body)["errors"][0]["message"]


def admin(version: str = "2.13.2") -> Client:
    return Client(Simulator(version))


def add_user(client: Client, name: str, password: str = PASSWORD) -> int:
    body = {"username": name, "realname": name, "email": f"{name}@x.org", "password": password}
    return client.make("/users", body)


def robot(project: str, name: str = "ci", **fields: Json) -> dict[str, Json]:
    permissions = [{"kind": "project", "namespace": project, "access": [PULL]}]
    body = {"name": name, "level": "project", "duration": 30, "permissions": permissions}
    return body | fields


def retention(project: int, *rules: dict[str, Json], cron: str = "") -> dict[str, Json]:
    return {
        "algorithm": "or",
        "rules": list(rules),
        "scope": {"level": "project", "ref": project},
        "trigger": {"kind": "Schedule", "settings": {"cron": cron}},
    }


def rule(count: int) -> dict[str, Json]:
    return {"action": "retain", "template": "latestPushedK", "params": {"latestPushedK": count}}
