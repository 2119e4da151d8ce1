"""What a handler gets: the request, who sends it, and the state."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harborconf.simulator.http import RefusedError, internal_error, invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harborconf.simulator.http import Json, Record, Request
    from harborconf.simulator.identity import Identity
    from harborconf.simulator.state import State

# JSON's names of the types, as Go's decoder says them, and Go's own.
JSON_TYPES: dict[type, str] = {
    bool: "bool",
    int: "number",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}
_GO_TYPES: dict[type, str] = {bool: "bool", int: "int64", str: "string"}


@dataclass(slots=True)
class Call:
    """One call of the API."""

    request: Request
    state: State
    who: Identity
    params: dict[str, str]

    def number(self, name: str) -> int:
        """A number of the path."""
        text = self.params[name]
        try:
            return int(text)
        except ValueError:
            problem = f'{name} in path must be of type int64: "{text}"'
            raise invalid(problem) from None

    def body(self, name: str, struct: str, fields: Mapping[str, type]) -> Record:
        """The JSON object of the body; a field of another type than given is refused."""
        found = self._object(name)
        for key, kind in fields.items():
            value = found.get(key)
            if value is not None and not _is_a(value, kind):
                problem = (
                    f'parsing {name} body from "" failed, because json: cannot unmarshal '
                    f"{JSON_TYPES[type(value)]} into Go struct field {struct}.{key} of type "
                    f"{_GO_TYPES.get(kind, kind.__name__)}"
                )
                raise invalid(problem)
        return {key: value for key, value in found.items() if value is not None}

    def _object(self, name: str) -> Record:
        kind = self.request.headers.get("content-type", "").partition(";")[0].strip()
        if kind not in {"", "application/json"}:
            problem = f'unsupported media type "{kind}", only [application/json] are allowed'
            raise invalid(problem)
        if not self.request.body:
            problem = f"{name} in body is required"
            raise invalid(problem)
        try:
            found: Json = json.loads(self.request.body)
        except ValueError:
            problem = f'parsing {name} body from "" failed, because unexpected EOF'
            raise invalid(problem) from None
        if not isinstance(found, dict):
            problem = f'parsing {name} body from "" failed, because json: cannot unmarshal'
            raise invalid(problem)
        return found

    def record(self, operation: str, kind: str, name: str, project: int = 0) -> None:
        """Put what was done into the audit log."""
        self.state.audit.append(
            {
                "id": len(self.state.audit) + 1,
                "op_time": self.state.now(),
                "operation": operation,
                "operation_description": f"{operation} {kind}: {name}",
                "operation_result": True,
                "resource": name,
                "resource_type": kind,
                "username": self.who.name,
                "project_id": project,
            }
        )

    def touch_database(self) -> None:
        """Fail where Harbor would, when the database is down."""
        if self.state.database_down:
            raise internal_error()

    def require_somebody(self) -> None:
        """Refuse nobody."""
        if not self.who.authenticated:
            raise RefusedError(401, "unauthorized")
        self.touch_database()

    def require(self, resource: str, action: str) -> None:
        """Refuse who may not do this in the system; the message is the name."""
        self.require_somebody()
        if not self.who.may(resource, action):
            raise RefusedError(403, self.who.name)

    def project(self, resource: str, action: str) -> Record:
        """The project of the path, for who may do this in it."""
        return self.project_of(self.reference("project"), resource, action)

    def project_of(self, reference: int | str, resource: str, action: str) -> Record:
        """A project, for who may do this in it; to others it is not said whether it is there."""
        found = None if self.state.database_down else self.state.project(reference)
        if not self.who.may_in(self.state, found, resource, action):
            raise RefusedError(
                *((403, "forbidden") if self.who.authenticated else (401, "unauthorized"))
            )
        self.touch_database()
        if found is None:
            raise RefusedError(404, f"project {reference} not found")
        return found

    def reference(self, name: str) -> int | str:
        """A project's id or name: digits are an id, unless X-Is-Resource-Name says otherwise."""
        text = self.params[name]
        if self.request.headers.get("x-is-resource-name", "").lower() in {"true", "1"}:
            return text
        return int(text) if text.isdigit() else text

    def location(self, number: int) -> str:
        """Where a new resource is: the path of the request, as it was sent, and the number."""
        return f"{self.request.path.rstrip('/')}/{number}"


def _is_a(value: Json, kind: type) -> bool:
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, kind)
