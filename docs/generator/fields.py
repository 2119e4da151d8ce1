"""The reference of everything that can be written, as a page made from the declarations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.markdown import MADE, code, table
from generator.versions import OLDEST
from harborconf.engine.guard import GUARDS
from harborconf.engine.shape import document_shape
from harborconf.kinds.base import UNSET, declared
from harborconf.kinds.catalog import KINDS, PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from harborconf.kinds.base import Declared, Kind

_HEAD = f"""\
{MADE}
# Fields

Everything that a file may say. What is not written is not managed; `null` says so explicitly.
A default is what Harbor has where nothing was ever set; harborconf never sends it by itself.
"""


def fields() -> str:
    """The page as Markdown."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield _HEAD
    yield "## The top of a file"
    yield ""
    kinds = {at.path[0] for kind in KINDS for at in kind.in_system}
    top = [(name, shape) for name, shape in document_shape().fields.items() if name not in kinds]
    rows = [(code(name), _TOP.get(name) or shape.doc) for name, shape in top]
    yield from table(("key", "what it holds"), rows)
    yield "## Guards"
    yield ""
    yield "Limits stand under `guards`; `--allow NAME` lifts a guard for one run."
    yield ""
    limits = [
        (code(guard.name), guard.show(guard.limit).replace(" ", "\N{NO-BREAK SPACE}"), guard.doc)
        for guard in GUARDS
    ]
    yield from table(("guard", "limit", "what it counts"), limits)
    yield "## Kinds"
    yield ""
    kinds_told = [
        (f"[`{kind.name}`](#{kind.name})", ", ".join(map(code, _paths(kind))), _first(kind.doc))
        for kind in KINDS
    ]
    yield from table(("kind", "written as", ""), kinds_told)
    for kind in KINDS:
        yield from _kind(kind)


def _paths(kind: Kind) -> Iterator[str]:
    for at in (*kind.in_system, *kind.in_project):
        yield ".".join(at.path)


def _first(doc: str) -> str:
    return doc.partition("\n")[0]


_TOP = {
    "harbor": "`url` is where Harbor is; HARBOR_URL wins. Credentials never stand in files.",
    "guards": "Limits of guards; see below.",
    "fingerprints": "How passwords that Harbor never tells are compared: `key`, a reference to at"
    " least 16 characters, and `store`, the file that hashes made with it are kept in.",
    "defaults": "`project` holds what every project in the files starts from.",
    "policies": "What live projects must have: `match` (`name`, `except`, `public`, `proxy`),"
    " `enforced`, and `project`.",
}


def _kind(kind: Kind) -> Iterator[str]:
    yield f"## {kind.name}"
    yield ""
    yield kind.doc
    yield ""
    name = "NAME" if kind.named else ""
    for at in kind.in_project:
        yield f"- In a project: `{'.'.join([*at.path, *filter(None, [name])])}`"
    for at in kind.in_system:
        yield f"- At the top of a file: `{'.'.join([*at.path, *filter(None, [name])])}`"
    yield f"- Address: {' or '.join(f'`{address}`' for address in _addresses(kind))}"
    if kind.can_prune:
        yield f"- `prune: [{kind.name}]` deletes those that are live and not written."
    yield ""
    rows = [cells for item in declared(kind.model) for cells in _field(item)]
    yield from table(("field", "type", "default", "meaning"), rows)


def _addresses(kind: Kind) -> Iterator[str]:
    if kind.in_project:
        own = f"{kind.name}/{kind.in_project[0].prefix}NAME" if kind.named else kind.name
        yield f"{PROJECT.name}/PROJECT/{own}"
    if kind.in_system:
        yield f"{kind.name}/NAME" if kind.named else f"system/{kind.name}"


def _field(item: Declared) -> Iterator[tuple[str, ...]]:
    kind = f"{item.type.name}, write-only" if item.write_only else item.type.name
    yield code(item.path), kind, _default(item), " ".join([item.doc, *_remarks(item)])
    for path, schema in _within(item.type.schema, item.path):
        yield code(path), _type(schema), "", schema.get("description", "")


def _remarks(item: Declared) -> Iterator[str]:
    if item.since != OLDEST:
        yield f"Since Harbor {item.since}."
    if item.until:
        yield f"Until Harbor {item.until}."
    if item.local:
        yield "Harbor knows nothing of it."
    elif item.api and item.api != item.path:
        yield f"In Harbor `{item.api}`."


def _default(item: Declared) -> str:
    if item.default is UNSET:
        return ""
    try:
        written = item.type.write(item.default)
    except (AttributeError, TypeError):
        return ""
    text = str(written).lower() if isinstance(written, bool) else str(written)
    return f"`{text}`" if text else "empty"


def _within(schema: Any, path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The keys of the maps in a list, with their schemas."""
    if not isinstance(schema, dict):
        return
    for choice in schema.get("anyOf", ()):
        yield from _within(choice, path)
    items = schema.get("items")
    if schema.get("type") == "array" and isinstance(items, dict):
        for choice in items.get("anyOf", [items]):
            for name, child in (choice.get("properties") or {}).items():
                yield f"{path}[].{name}", child


def _type(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return "one of " + ", ".join(str(one) for one in schema["enum"])
    kind = schema.get("type", "")
    return " or ".join(kind) if isinstance(kind, list) else str(kind)
