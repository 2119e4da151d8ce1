"""Recorded exchanges, under other names and numbers than they were recorded with."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, quote, urlsplit

Json: TypeAlias = Any

FOLDER = Path(__file__).parents[2] / "recorded" / "exchanges"
# Every name gets the same beginning, so that their order stays.
PREFIX = "my-"
_NAMES = re.compile(r"(?:\b|(?<=%3D))(?:rec|ops|page|team)-(?=[a-z0-9{])")
_ROBOTS = ("child", "ci", "everything", "expired", "month", "never", "off", "sysbot")
_ROBOT = re.compile(rf"(?<=[+$])(?:{'|'.join(_ROBOTS)})\b")
# Which kind's numbers a part of a path, a field or a part of `q` holds.
_PATHS = {
    "projects": "project",
    "users": "user",
    "usergroups": "group",
    "quotas": "quota",
    "robots": "robot",
    "retentions": "retention",
    "labels": "label",
    "members": "member",
    "immutabletagrules": "rule",
    "repositories": "repository",
    "CVEAllowlist": "allowlist",
    "webhook/policies": "webhook",
    "schedule": "schedule",
    "registries": "registry",
    "replication/policies": "replication",
    "preheat/policies": "preheat",
    "preheat/instances": "instance",
    "preheat/providers": "instance",
}
# Whose number an `id` within such a field is.
INNER = {
    "member_group": "group",
    "src_registry": "registry",
    "dest_registry": "registry",
    "cve_allowlist": "allowlist",
    "ref": "project",
    "rules": "rule of a policy",
}
FIELDS = {
    "project_id": "project",
    "projectid": "project",
    "reference_id": "project",
    "user_id": "user",
    "owner_id": "user",
    "creator_ref": "user",
    "retention_id": "retention",
    "registry_id": "registry",
    "provider_id": "instance",
}


def load(name: str) -> list[dict[str, Json]]:
    """The exchanges of a file, renamed, and between them what happened aside of the API."""
    text = (FOLDER / f"{name}.jsonl").read_text("utf-8")
    return [rename(json.loads(line)) for line in text.splitlines()]


def rename(value: Json) -> Json:
    """The value with other names in it."""
    if isinstance(value, dict):
        return {rename(key): rename(item) for key, item in value.items()}
    if isinstance(value, list):
        return [rename(item) for item in value]
    if not isinstance(value, str):
        return value
    if value in _ROBOTS:
        return PREFIX + value
    return _ROBOT.sub(rf"{PREFIX}\g<0>", _NAMES.sub(rf"{PREFIX}\g<0>", value))


def family(path: str) -> str:
    """The kind of the numbers that a reply to this path calls `id`."""
    parts = path.split("/")
    words = [kind for index in range(len(parts)) if (kind := _kind(parts, index))]
    return words[-1] if words else ""


def _kind(parts: list[str], index: int) -> str:
    """The kind that a part of a path names, by itself or with the part before it."""
    pair = "/".join(parts[max(index - 1, 0) : index + 1])
    return _PATHS.get(pair) or _PATHS.get(parts[index], "")


class Numbers:
    """Which number here stands for which recorded one: one for one, per kind."""

    def __init__(self) -> None:
        self._here: dict[tuple[str, int], int] = {}
        self._recorded: dict[tuple[str, int], int] = {}
        self._words: dict[str, str] = {}

    def bind(self, kind: str, recorded: int, here: int) -> bool:
        """Note a pair; whether it agrees with all pairs before it."""
        known = self._here.setdefault((kind, recorded), here)
        back = self._recorded.setdefault((kind, here), recorded)
        return known == here and back == recorded

    def bind_word(self, recorded: str, here: str) -> None:
        """Note what stands here for a recorded UUID, or for another text that Harbor made."""
        self._words[recorded] = here

    def word(self, recorded: str) -> str:
        """The text here; one that was never seen stands for itself."""
        return self._words.get(recorded, recorded)

    def here(self, kind: str, recorded: int) -> int:
        """The number here; one that was never seen stands for itself."""
        return self._here.get((kind, recorded), recorded)

    def any_of(self, recorded: int) -> set[int]:
        """What a recorded number may be here, where its kind is not known."""
        return {recorded} | {here for (_, old), here in self._here.items() if old == recorded}

    def path(self, path: str) -> str:
        """A recorded path, with the numbers of here."""
        parts = path.split("/")
        for index, part in enumerate(parts):
            kind = _kind(parts, index - 1) if index else ""
            if part.isdigit() and kind:
                parts[index] = str(self.here(kind, int(part)))
            else:
                parts[index] = self.word(part)
        return "/".join(parts)

    def target(self, target: str) -> str:
        """A recorded path with its query."""
        split = urlsplit(target)
        pairs = parse_qsl(split.query, keep_blank_values=True)
        query = "&".join(f"{name}={quote(self._text(name, value))}" for name, value in pairs)
        return self.path(split.path) + (f"?{query}" if query else "")

    def _text(self, name: str, value: str) -> str:
        if name == "scope":
            return self.path(value.replace("/project/", "/projects/")).replace(
                "projects", "project"
            )
        if name.lower() in FIELDS and value.isdigit():
            return str(self.here(FIELDS[name.lower()], int(value)))
        if name == "q":
            items = (item.partition("=") for item in value.split(","))
            return ",".join(f"{key}{sign}{self._text(key, text)}" for key, sign, text in items)
        return value

    def body(self, value: Json, kind: str) -> Json:
        """A recorded body of a request."""
        if isinstance(value, list):
            return [self.body(item, kind) for item in value]
        if not isinstance(value, dict):
            return self.word(value) if isinstance(value, str) else value
        return {key: self._field(key, item, kind) for key, item in value.items()}

    def _field(self, key: str, value: Json, kind: str) -> Json:
        owner = "project" if key == "ref" else kind if key == "id" else FIELDS.get(key, "")
        if owner and isinstance(value, int):
            return self.here(owner, value)
        return self.body(value, INNER.get(key, kind))
