"""Sessions, and the csrf tokens that protect them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field

CSRF_COOKIE, CSRF_HEADER = "_gorilla_csrf", "x-harbor-csrf-token"
_NONCE = 16


@dataclass(slots=True)
class Sessions:
    """Whose session each is, and until when it lives. An anonymous one belongs to user 0."""

    _users: dict[str, tuple[int, float]] = field(default_factory=dict)
    _key: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def open(self, user: int, until: float) -> str:
        """A new session."""
        sid = secrets.token_hex(16)
        self._users[sid] = (user, until)
        return sid

    def user(self, sid: str, now: float, until: float) -> int | None:
        """Whose session it is; using one prolongs it (the recordings expire one left idle)."""
        user, end = self._users.get(sid, (0, 0.0))
        if end < now:
            self._users.pop(sid, None)
            return None
        self._users[sid] = (user, until)
        return user

    def close(self, sid: str) -> None:
        """End a session."""
        self._users.pop(sid, None)

    def clear(self) -> None:
        """End all of them."""
        self._users.clear()

    def __len__(self) -> int:
        return len(self._users)

    @staticmethod
    def new_csrf_cookie() -> str:
        """The secret half of a token."""
        return secrets.token_urlsafe(48)

    def token(self, cookie: str) -> str:
        """A token that fits the cookie. Each is another one, and all of them are right."""
        nonce = secrets.token_bytes(_NONCE)
        return base64.b64encode(nonce + self._sign(nonce, cookie)).decode()

    def fits(self, token: str, cookie: str) -> bool:
        """Whether the token was made for the cookie."""
        try:
            text = base64.b64decode(token, validate=True)
        except ValueError:
            return False
        return hmac.compare_digest(text[_NONCE:], self._sign(text[:_NONCE], cookie))

    def _sign(self, nonce: bytes, cookie: str) -> bytes:
        return hashlib.sha256(self._key + nonce + cookie.encode()).digest()
