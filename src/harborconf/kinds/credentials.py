"""What Harbor demands of passwords and secrets, and what trying one tells."""

from __future__ import annotations

import re
import secrets
import string
from typing import TYPE_CHECKING

from harborconf.kinds.resource import Comparison, Verdict
from harborconf.spec.secret import Secret

if TYPE_CHECKING:
    from harborconf.kinds.resource import Workbench
    from harborconf.spec.reference import Reference

_NEEDED = (r"[a-z]", r"[A-Z]", r"[0-9]")
_MIN, _MAX = 8, 128
_RULE = "8 to 128 characters with an upper-case letter, a lower-case letter and a digit"


def is_strong(secret: Secret) -> bool:
    """Whether Harbor (2.13 to 2.15) takes it as a password or a robot's secret."""
    value = secret.reveal()
    return _MIN <= len(value.encode()) <= _MAX and all(re.search(one, value) for one in _NEEDED)


def generate() -> Secret:
    """A new robot secret that Harbor accepts: 40 letters and digits."""
    alphabet = string.ascii_letters + string.digits
    while True:
        secret = Secret("".join(secrets.choice(alphabet) for _ in range(40)))
        if is_strong(secret):
            return secret


def too_weak(reference: Reference) -> Comparison:
    """What is said of a store whose secret Harbor would refuse."""
    return Comparison(Verdict.BLOCKED, f"Harbor refuses what {reference} holds: it needs {_RULE}")


async def try_secret(bench: Workbench, username: str, secret: Secret) -> Comparison:
    """Ask Harbor whether it accepts this secret: once, with basic auth."""
    match await bench.api.accepts(username, secret):
        case True:
            return Comparison(Verdict.EQUAL, "Harbor accepts it")
        case False:
            return Comparison(Verdict.DIFFERENT, "Harbor does not accept it")
        case None:
            return Comparison(Verdict.UNKNOWN, "Harbor does not say whether it is right")
