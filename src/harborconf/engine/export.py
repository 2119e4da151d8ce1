"""What is live, as the YAML a person would have written."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING, Any

import yaml

from harborconf.engine.shape import in_project, in_system
from harborconf.kinds.base import Section, declared, value_type
from harborconf.kinds.catalog import PROJECT
from harborconf.spec.address import Address
from harborconf.spec.reference import REFERENCE
from harborconf.spec.value import Plain, ValueType

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from harborconf.engine.read import LiveState
    from harborconf.kinds.base import At, Declared, Kind
    from harborconf.kinds.resource import Live

SCHEMA_FILE = "harborconf.schema.json"
MODELINE = f"# yaml-language-server: $schema={{}}{SCHEMA_FILE}\n"


def export(live: LiveState, url: str, *, references: bool = False) -> dict[str, str]:
    """Files by path: `system.yaml`, and one for each project.

    Write-only values stand as comments; with `references` they are written out.
    """
    writer = _Writer(live, references=references)
    files = {}
    system = writer.section(None, in_system())
    if system or not live.places:
        files["system.yaml"] = writer.file({"harbor": {"url": url}, **system}, depth=0)
    for name in sorted(live.places):
        body = writer.project(name)
        files[f"projects/{name}.yaml"] = writer.file({"projects": {name: body}}, depth=1)
    return files


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


def _compact(written: Any) -> Any:
    """A value that is written in one line where it is short; each item of a list by itself."""
    match written:
        case list() if any(isinstance(item, dict) for item in written):
            return [_compact(item) for item in written]
        case list() if len(str(written)) <= _SHORT:
            return _FlowList(written)
        case dict() if len(str(written)) <= _SHORT:
            return _Flow({key: _compact(value) for key, value in written.items()})
        case dict():
            return {key: _compact(value) for key, value in written.items()}
    return written


class _Writer:
    def __init__(self, live: LiveState, *, references: bool) -> None:
        self.live = live
        self.references = references
        self.mark = f"comment-{secrets.token_hex(8)}:"
        self.by_place: dict[tuple[str | None, str], list[Live]] = {}
        for resource in live.resources.values():
            key = (resource.address.project, resource.address.kind)
            self.by_place.setdefault(key, []).append(resource)

    def file(self, body: Mapping[str, Any], *, depth: int) -> str:
        """The text of one file."""
        text: str = yaml.dump(
            {"version": 1, **body}, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100
        )
        lines = [self._uncomment(line) for line in text.splitlines()]
        return MODELINE.format("../" * depth) + "\n".join(lines) + "\n"

    def _uncomment(self, line: str) -> str:
        """Turn a marked value into a comment at the same depth."""
        match = re.match(rf"(\s*)(\S+): ['\"]?{re.escape(self.mark)} (.*?)['\"]?$", line)
        return f"{match[1]}# {match[2]}: {match[3]}" if match else line

    def project(self, name: str) -> dict[str, Any]:
        """A project's own fields and everything in it."""
        own = self._fields(PROJECT, self.live.resources[Address(PROJECT.name, name)])
        return {**own, **self.section(name, in_project())}

    def section(self, project: str | None, kinds: Iterable[tuple[Kind, At]]) -> dict[str, Any]:
        """Every kind at one place, empty sections too: they are then managed."""
        body: dict[str, Any] = {}
        for kind, at in kinds:
            found = self.by_place.get((project, kind.name), [])
            if kind.named:
                written: Any = {
                    str(live.address.name).removeprefix(at.prefix): self._fields(kind, live)
                    for live in sorted(found, key=lambda live: str(live.address.name))
                    if str(live.address.name).startswith(at.prefix)
                }
            elif found:
                written = self._fields(kind, found[0])
            else:
                continue
            place = body
            for part in at.path[:-1]:
                place = place.setdefault(part, {})
            place[at.path[-1]] = written
        return body

    def _fields(self, kind: Kind, live: Live) -> Any:
        values: dict[str, Any] = {}
        for item in declared(kind.model):
            value = self._value(kind, item, live)
            if value is not None:
                values[item.path] = value
        return _nested(kind.model, values)

    def _value(self, kind: Kind, item: Declared, live: Live) -> Any:
        if item.write_only:
            reference = REFERENCE.write(kind.place_for(live.address, item.path))
            ((where, name),) = reference.items()
            return reference if self.references else f"{self.mark} {{{where}: {name}}}"
        if item.path not in live.fields:
            return None
        value = live.fields[item.path]
        written = _written(item.type, value)
        if written is not None:
            return _compact(written)
        if value == item.default:
            return None
        return f"{self.mark} {_one_line(value)} (harborconf cannot write what Harbor has here)"


def _written(kind: ValueType, value: Any) -> Any:
    """The value as YAML, or None where reading it again gives another value."""
    try:
        written = kind.write(value)
        return written if kind.read(_as_read(written)) == value else None
    except (ValueError, TypeError, AttributeError):
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


def _one_line(value: object) -> str:
    return repr(value).replace("\n", " ")


def _nested(model: type[Section], values: Mapping[str, Any], prefix: str = "") -> Any:
    """Dotted paths as nested maps, in declared order, in their short forms."""
    written: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        if value_type(info) is not None:
            if prefix + name in values:
                written[name] = values[prefix + name]
            continue
        nested: Any = info.annotation
        inner = _nested(nested, values, f"{prefix}{name}.")
        if inner:
            written[name] = inner
    return model.collapse(written)
