"""An LDAP server of one user: it knows binding and searching, and tells that one whatever is asked.

Enough of RFC 4511 for Harbor to log somebody in; lengths of up to 64 KiB.
"""

from __future__ import annotations

import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from contract.adapter import reachable

BIND, BOUND, SEARCH, ENTRY, DONE = 0x60, 0x61, 0x63, 0x64, 0x65
SUCCESS, WRONG_PASSWORD = 0, 49
_SEQUENCE, _SET, _TEXT, _NUMBER, _ENUMERATED = 0x30, 0x31, 0x04, 0x02, 0x0A
_LONG = 0x80


@contextmanager
def ldap_server(user: str, password: str, group: str) -> Iterator[str]:
    """Serve on a free port, under the URL that Harbor knows. Everybody has the one password."""
    with reachable(_Server, partial(_Handler, user, password, group)) as place:
        yield f"ldap://{place}"


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True


class _Handler(socketserver.StreamRequestHandler):
    def __init__(self, user: str, password: str, group: str, *args: Any) -> None:
        self.password = password.encode()
        attributes = {"uid": user, "cn": user, "mail": f"{user}@example.com", "memberOf": group}
        told = b"".join(
            _value(_SEQUENCE, _text(name) + _value(_SET, _text(value)))
            for name, value in attributes.items()
        )
        self.entry = _text(f"uid={user},dc=example") + _value(_SEQUENCE, told)
        super().__init__(*args)

    def handle(self) -> None:
        while message := self._element():
            _, number, rest = _split(message)
            operation, content, _ = _split(rest)
            if operation == BIND:
                is_right = _split(_split(_split(content)[2])[2])[1] == self.password
                self._tell(number, BOUND, _ended(SUCCESS if is_right else WRONG_PASSWORD))
            elif operation == SEARCH:
                self._tell(number, ENTRY, self.entry)
                self._tell(number, DONE, _ended(SUCCESS))

    def _element(self) -> bytes:
        """What stands in the next message; nothing where there is none."""
        head = self.rfile.read(2)
        if len(head) < len(b"Tl"):
            return b""
        length = head[1]
        if length >= _LONG:
            length = int.from_bytes(self.rfile.read(length - _LONG))
        return self.rfile.read(length)

    def _tell(self, number: bytes, operation: int, content: bytes) -> None:
        self.wfile.write(_value(_SEQUENCE, _value(_NUMBER, number) + _value(operation, content)))


def _split(content: bytes) -> tuple[int, bytes, bytes]:
    """The tag of the first element, what stands in it, and what comes after it."""
    length, begin = content[1], 2
    if length >= _LONG:
        begin += length - _LONG
        length = int.from_bytes(content[2:begin])
    return content[0], content[begin : begin + length], content[begin + length :]


def _value(tag: int, content: bytes) -> bytes:
    length = bytes([len(content)])
    if len(content) >= _LONG:
        length = bytes([_LONG + 2]) + len(content).to_bytes(2)
    return bytes([tag]) + length + content


def _text(text: str) -> bytes:
    return _value(_TEXT, text.encode())


def _ended(code: int) -> bytes:
    return _value(_ENUMERATED, bytes([code])) + _text("") + _text("")
