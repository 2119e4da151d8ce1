"""What is live, as the YAML a person would have written."""

from __future__ import annotations

import secrets
from collections import Counter
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import yaml

from harborconf.engine.factor import factor
from harborconf.engine.load import SKIPPED
from harborconf.engine.shape import in_project, in_system
from harborconf.engine.tree import PLACEHOLDER
from harborconf.kinds.base import UNSET, Section, declared, value_type
from harborconf.kinds.catalog import BY_NAME, PROJECT
from harborconf.kinds.resource import Desired
from harborconf.position import Position
from harborconf.spec.address import Address, quote
from harborconf.spec.reference import REFERENCE
from harborconf.spec.secret import Secret
from harborconf.spec.value import Plain, ValueType

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from harborconf.engine.read import LiveState
    from harborconf.kinds.base import At, Declared, Kind
    from harborconf.kinds.resource import Live

SCHEMA_FILE = "harborconf.schema.json"
MODELINE = f"# yaml-language-server: $schema={{}}{SCHEMA_FILE}\n"


@dataclass(frozen=True, slots=True)
class Style:
    """How an export is written.

    Attributes:
        references: Write-only values are references that are live, instead of comments.
        minimal: What is at the server's default is left out, and so not managed.
        factored: What most projects share stands in `defaults`.
    """

    references: bool = False
    minimal: bool = False
    factored: bool = False


PLAIN = Style()


def export(live: LiveState, url: str, style: Style = PLAIN) -> dict[str, str]:
    """Files by path: `system.yaml` if the system was read, and one for each project."""
    writer = _Writer(live, style)
    files = {}
    system = writer.section(None, in_system())
    if system or not live.places:
        files["system.yaml"] = writer.file({"harbor": {"url": url}, **system}, depth=0)
    projects = {name: writer.project(name) for name in sorted(live.places)}
    if style.factored:
        defaults, projects = factor(projects, writer.is_plain)
        if defaults:
            files["defaults.yaml"] = writer.file({"defaults": {"project": defaults}}, depth=0)
    for name, body in projects.items():
        files[f"projects/{_stem(name)}.yaml"] = writer.file({"projects": {name: body}}, depth=1)
    return files


def unreadable(live: LiveState) -> Counter[str]:
    """How many values of each kind and field only a reference can stand for."""
    found: Counter[str] = Counter()
    for resource in live.resources.values():
        kind = BY_NAME[resource.address.kind]
        for item in declared(kind.model):
            alone = item.write_only and kind.holds(resource, item.path)
            value = resource.fields.get(item.path)
            alone |= isinstance(value, Secret) and bool(value)
            within = () if item.write_only else kind.secrets_within(resource, item.path)
            found[f"{kind.name}#{item.path}"] += alone + len(within)
    return +found


_COMMENT = "comment-"


def _stem(name: str) -> str:
    """A project's name as that of a file, of any length, which `load` does not skip."""
    stem = quote(name)
    if len(stem.encode()) > _LONGEST:
        stem = f"{stem[:_SHORT]}-{sha256(name.encode()).hexdigest()[:12]}"
    return f"_{stem}" if stem.startswith(".") or f"{stem}.yaml" in SKIPPED else stem


_LONGEST = 200
"""The most bytes of a file's name, with some to spare."""


_SHORT = 72
"""The most characters of a value that stands in one line."""


class _Flow(dict[str, Any]):
    """A map to be written in one line."""


class _FlowList(list[Any]):
    """A list to be written in one line."""


class _Dumper(yaml.SafeDumper):
    """YAML as people write it: small values in one line, list items indented."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: FBT001, FBT002 - PyYAML's signature
        """Indent lists in maps too."""
        del indentless
        super().increase_indent(flow, indentless=False)


_MAP, _SEQ = "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"
_Dumper.add_representer(
    _Flow, lambda dumper, value: dumper.represent_mapping(_MAP, value, flow_style=True)
)
_Dumper.add_representer(
    _FlowList, lambda dumper, value: dumper.represent_sequence(_SEQ, value, flow_style=True)
)
_Dumper.add_representer(
    str,
    # In other styles PyYAML writes characters that it reads as ends of lines.
    lambda dumper, value: dumper.represent_scalar(
        "tag:yaml.org,2002:str", value, style=None if value.isprintable() else '"'
    ),
)


def _compact(written: Any) -> Any:
    """A value that is written in one line where it is short; each item of a list by itself."""
    match written:
        case list() if any(isinstance(item, dict) for item in written):
            return [_compact(item) for item in written]
        case list() if len(str(written)) <= _SHORT:
            return _FlowList(written)
        case dict() if len(str(written)) <= _SHORT and not _has_comment(written):
            return _Flow({key: _compact(value) for key, value in written.items()})
        case dict():
            return {key: _compact(value) for key, value in written.items()}
    return written


def _has_comment(written: Mapping[str, Any]) -> bool:
    return any(isinstance(value, str) and value.startswith(_COMMENT) for value in written.values())


class _Writer:
    def __init__(self, live: LiveState, style: Style) -> None:
        self.live = live
        self.style = style
        self.mark = f"{_COMMENT}{secrets.token_hex(8)}-"
        self.comments: list[str] = []
        self.by_place: dict[tuple[str | None, str], list[Live]] = {}
        for resource in live.resources.values():
            key = (resource.address.project, resource.address.kind)
            self.by_place.setdefault(key, []).append(resource)
        self.alike = Counter(
            BY_NAME[address.kind].place_for(address, "") for address in live.resources
        )

    def file(self, body: Mapping[str, Any], *, depth: int) -> str:
        """The text of one file."""
        text: str = yaml.dump(
            {"version": 1, **body}, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100
        )
        lines = [self._uncomment(line) for line in text.split("\n")]
        return MODELINE.format("../" * depth) + "\n".join(lines)

    def is_plain(self, value: Any) -> bool:
        """Whether nothing in a value stands for a comment."""
        return self.mark not in str(value)

    def _commented(self, value: Any) -> str | None:
        """The comment that a value becomes, or None where it becomes none."""
        if not isinstance(value, str) or not value.startswith(self.mark):
            return None
        return self.comments[int(value.removeprefix(self.mark))]

    def _comment(self, text: str) -> str:
        """What stands for a comment until the file is written; one word, so never folded."""
        self.comments.append(text)
        return f"{self.mark}{len(self.comments) - 1}"

    def _uncomment(self, line: str) -> str:
        """Turn a marked value into a comment at the same depth.

        What begins a list's item, or the value of a long key, in the same line has to stay.
        """
        head, colon, value = line.rpartition(": ")
        comment = self._commented(value)
        if comment is None:
            return line
        key = head.lstrip(" -:?")
        before = head.removesuffix(key)
        begin = f"{before.rstrip()}\n" if before.strip() else ""
        return f"{begin}{' ' * len(before)}# {key}{colon}{comment}"

    def project(self, name: str) -> dict[str, Any]:
        """A project's own fields and everything in it."""
        own: dict[str, Any] = {}
        if (None, PROJECT.name) in self.live.seen:
            own = self._fields(PROJECT, self.live.resources[Address(PROJECT.name, name)])
        return _merged(own, self.section(name, in_project()))

    def section(self, project: str | None, kinds: Iterable[tuple[Kind, At]]) -> dict[str, Any]:
        """Every kind read at one place, empty sections too: they are then managed."""
        body: dict[str, Any] = {}
        for kind, at in kinds:
            if (project, kind.name) not in self.live.seen:
                continue
            found = self.by_place.get((project, kind.name), [])
            if not found and (self.style.minimal or not kind.named):
                continue
            if not kind.named and not (fields := self._fields(kind, found[0])):
                continue
            place = body
            for part in at.path[:-1]:
                place = place.setdefault(part, {})
            if kind.named:
                self._named(place, kind, at, found)
            else:
                place[at.path[-1]] = self._joined(fields)
        return {key: self._joined(value) for key, value in body.items()}

    def _named(self, place: dict[str, Any], kind: Kind, at: At, found: Iterable[Live]) -> None:
        """Resources by name. Beside them, as a comment, those whose name cannot be written."""
        written, others = {}, []
        for live in sorted(found, key=lambda live: str(live.address.name)):
            if not str(live.address.name).startswith(at.prefix):
                continue
            name = live.spelled or str(live.address.name).removeprefix(at.prefix)
            if not name or PLACEHOLDER in name or kind.check_name(name):
                others.append(name)
            else:
                written[name] = self._fields(kind, live)
        place[at.path[-1]] = written
        if others:
            reason = "(harborconf cannot write these names)"
            place[f"other_{at.path[-1]}"] = self._comment(f"{others!r} {reason}")

    def _fields(self, kind: Kind, live: Live) -> Any:
        values = {item.path: self._value(kind, item, live) for item in declared(kind.model)}
        values = {path: value for path, value in values.items() if value is not None}
        while refused := self._refused(kind, live, values):
            for path, message in refused.items():
                values[path] = self._comment(f"{live.fields[path]!r} ({message})")
        return self._nested(kind.model, values)

    def _refused(self, kind: Kind, live: Live, values: Mapping[str, Any]) -> dict[str, str]:
        """What is written and no file may say, as Harbor does not heed it, with the reason."""
        plain = (path for path, value in values.items() if self._commented(value) is None)
        fields = {path: live.fields[path] for path in plain if path in live.fields}
        said = Desired(live.address, fields, Position("", 0, 0))
        return {path: message for path, message in kind.check(said) if path in fields}

    def _nested(self, model: type[Section], values: Mapping[str, Any], prefix: str = "") -> Any:
        """Dotted paths as nested maps, in declared order, in their short forms."""
        written: dict[str, Any] = {}
        for name, info in model.model_fields.items():
            if value_type(info) is not None:
                if prefix + name in values:
                    written[name] = values[prefix + name]
                continue
            nested: Any = info.annotation
            inner = self._nested(nested, values, f"{prefix}{name}.")
            if inner:
                written[name] = self._joined(inner)
        short = model.collapse(written)
        return short if self._commented(short) is None else written

    def _joined(self, written: Any) -> Any:
        """The same, or one comment where there are only comments: a map must not be empty."""
        if not isinstance(written, dict) or not written:
            return written
        comments = {key: self._commented(value) for key, value in written.items()}
        if None in comments.values():
            return written
        return self._comment("; ".join(f"{key}: {text}" for key, text in comments.items()))

    def _value(self, kind: Kind, item: Declared, live: Live) -> Any:
        if item.local or not item.exists_in(self.live.version):
            return None
        value = live.fields.get(item.path, UNSET)
        if item.write_only or isinstance(value, Secret):
            holds = kind.holds(live, item.path) if item.write_only else value
            return self._reference(kind, live, item.path) if holds else None
        if value is UNSET or (self.style.minimal and value == item.default):
            return None
        written = _written(item.type, value)
        if written is not None:
            for path in kind.secrets_within(live, item.path):
                place = ".".join([item.path, *map(str, path)])
                _put(written, path, self._reference(kind, live, place))
            return _compact(written)
        if value == item.default:
            return None
        return self._comment(f"{value!r} (harborconf cannot write what Harbor has here)")

    def _reference(self, kind: Kind, live: Live, path: str) -> Any:
        """Where a secret could come from, or a comment that says it.

        No two resources share a place: where their names differ only in characters that a place
        cannot have, each gets a mark of its own, which no other resource changes.
        """
        if self.alike[kind.place_for(live.address, "")] > 1:
            path = f"{path}_{sha256(str(live.address).encode()).hexdigest()[:8]}"
        reference = REFERENCE.write(kind.place_for(live.address, path))
        if self.style.references:
            return reference
        text = yaml.safe_dump(reference, default_flow_style=True, width=10**6)
        return self._comment(text.strip())


def _put(written: Any, path: Sequence[str | int], value: Any) -> None:
    """Put a value into a list or a map, at a path of indexes and keys."""
    for part in path[:-1]:
        written = written[part]
    written[path[-1]] = value


def _merged(one: Mapping[str, Any], two: Mapping[str, Any]) -> dict[str, Any]:
    """Two maps as one; where both have a map, those too."""
    merged = dict(one)
    for key, value in two.items():
        both = isinstance(merged.get(key), dict) and isinstance(value, dict)
        merged[key] = _merged(merged[key], value) if both else value
    return merged


def _written(kind: ValueType, value: Any) -> Any:
    """The value as YAML, or None where reading it again gives another value."""
    try:
        written = kind.write(value)
        if not isinstance(written, str) and PLACEHOLDER in str(written):
            return None
        return written if kind.read(_as_read(written)) == value else None
    except (ValueError, TypeError, AttributeError, OverflowError):
        return None


def _as_read(written: Any) -> Any:
    """Plain YAML as the loader hands it to a field."""
    match written:
        case bool():
            return Plain(str(written).lower())
        case int():
            return Plain(written)
        case list():
            return [_as_read(item) for item in written]
        case dict():
            return {key: _as_read(item) for key, item in written.items()}
        case _:
            return written
