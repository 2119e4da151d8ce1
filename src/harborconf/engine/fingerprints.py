"""Fingerprints of values that Harbor never tells: whether one is what was sent last.

A fingerprint is a keyed hash, so that nobody without the key can try passwords on it. It is
written once Harbor has taken the value: whatever ends a run, the next one sends it once more, or
cannot tell. That somebody has changed the value in Harbor since, no fingerprint shows.
"""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harborconf.errors import StoreError
from harborconf.kinds.catalog import BY_NAME
from harborconf.kinds.resource import Comparison, Verdict
from harborconf.spec.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harborconf.engine.resolve import DesiredState
    from harborconf.kinds.resource import Desired, Secrets, Step, Stores, Workbench
    from harborconf.spec.address import Address
    from harborconf.spec.reference import File, Reference

SHORTEST_KEY = 16
FORMAT = 1
_SENDING = frozenset({"create", "update"})


@dataclass(frozen=True, slots=True)
class Keeping:
    """Where fingerprints are kept, and where the key lives that they are made with."""

    key: Reference
    store: File


class Fingerprints:
    """The fingerprints of one Harbor, by its URL."""

    def __init__(self, keeping: Keeping, url: str, key: Secret, kept: Secret | None) -> None:
        """From the key and what is kept.

        Raises:
            StoreError: what is kept are no fingerprints.
        """
        self._store = keeping.store
        self._url = url
        self._key = key
        self._kept = self._read(kept)

    def compare(self, address: Address, path: str, secret: Secret) -> Comparison:
        """Whether the value is the one that Harbor took last."""
        known = self._kept.get(self._url, {}).get(f"{address}#{path}")
        if known is None:
            return Comparison(Verdict.UNKNOWN, "Harbor never tells it, and no fingerprint does yet")
        if hmac.compare_digest(known, self._of(address, path, secret)):
            return Comparison(Verdict.EQUAL, "its fingerprint is the one of what was sent last")
        return Comparison(Verdict.DIFFERENT, "its fingerprint is not the one of what was sent last")

    async def keep(self, stores: Stores, address: Address, sent: Mapping[str, Secret]) -> None:
        """Keep the fingerprints of values that Harbor has just taken, beside those of other runs.

        Raises:
            StoreError: they cannot be written.
        """
        if not sent:
            return
        new = {f"{address}#{path}": self._of(address, path, one) for path, one in sent.items()}

        def with_new(text: Secret | None) -> Secret:
            kept = self._read(text)
            kept.setdefault(self._url, {}).update(new)
            document = {"format": FORMAT, "key": self._of_key(), "fingerprints": kept}
            return Secret(json.dumps(document, indent=1, sort_keys=True))

        await stores.change(self._store, with_new)

    def _read(self, text: Secret | None) -> dict[str, dict[str, str]]:
        """What is kept; nothing where another key was used: that tells of no value."""
        if text is None:
            return {}
        try:
            document = json.loads(text.reveal())
            kept = document["fingerprints"]
            if document["format"] == FORMAT and _is_kept(kept):
                is_ours = hmac.compare_digest(str(document["key"]), self._of_key())
                return kept if is_ours else {}
        except (ValueError, TypeError, KeyError):
            pass
        message = f"{self._store} holds no fingerprints of harborconf's"
        raise StoreError(message, advice="name another file under `fingerprints`, or delete it")

    def _of(self, address: Address, path: str, secret: Secret) -> str:
        return self._hash("value", str(address), path, secret.reveal())

    def _of_key(self) -> str:
        return self._hash("key")

    def _hash(self, *parts: str) -> str:
        text = json.dumps(parts).encode()
        return hmac.digest(self._key.reveal().encode(), text, "sha256").hex()


async def fingerprints_of(desired: DesiredState, bench: Workbench) -> Fingerprints | None:
    """The fingerprints that the document wants kept, if it does.

    Raises:
        StoreError: their key or their file cannot be read.
    """
    keeping = desired.keeping
    if keeping is None:
        return None
    key = await bench.stores.peek(keeping.key)
    if key is None or len(key.reveal()) < SHORTEST_KEY:
        message = f"{keeping.key} holds no key for fingerprints: {SHORTEST_KEY} characters"
        raise StoreError(message, advice="make one, like `openssl rand -hex 32` does")
    kept = await bench.stores.peek(keeping.store)
    return Fingerprints(keeping, bench.server.url, key, kept)


async def judged(
    desired: Desired,
    seen: Mapping[str, Comparison],
    stores: Secrets,
    fingerprints: Fingerprints | None,
    *,
    refresh: bool,
) -> Mapping[str, Comparison]:
    """What was seen, and of values that Harbor never tells what can be said all the same."""
    found = dict(seen)
    for path in BY_NAME[desired.address.kind].untold:
        if path not in seen or seen[path].verdict is not Verdict.UNKNOWN:
            continue
        secret = await stores.peek(desired.fields[path])
        if refresh:
            found[path] = Comparison(Verdict.DIFFERENT, "sent anew, as --refresh-secrets says")
        elif fingerprints is not None and secret is not None:
            found[path] = fingerprints.compare(desired.address, path, secret)
    return found


async def sent_by(step: Step, stores: Secrets) -> dict[str, Secret]:
    """The values that a step sends and that Harbor never tells."""
    if step.action not in _SENDING or step.desired is None:
        return {}
    fields = step.desired.fields
    found: dict[str, Secret] = {}
    for path in BY_NAME[step.address.kind].untold:
        if path in fields and (step.action == "create" or path in step.changed):
            secret = await stores.peek(fields[path])
            if secret is not None:
                found[path] = secret
    return found


def _is_kept(kept: Any) -> bool:
    return isinstance(kept, dict) and all(
        isinstance(one, dict) and all(isinstance(value, str) for value in one.values())
        for one in kept.values()
    )
