"""A plan, and what became of it, as one page that needs nothing but itself.

Everything is in the page without its script, which adds search, filters and folding. Markup
is escaped by construction: whatever is no `Markup` becomes text. A policy in the page itself
allows its own script and style by their digests, and nothing else.
"""

from __future__ import annotations

import base64
import html
import sys
from collections import Counter
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING

from harborconf.engine.plan import Action
from harborconf.report.plain import (
    artifacts_named,
    counts,
    inline,
    outcome,
    previewed,
    refused,
    shown,
    values,
)
from harborconf.report.safe import safe
from harborconf.spec.address import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from harborconf.engine.apply import Result
    from harborconf.engine.plan import Change, FieldChange, Plan
    from harborconf.engine.preview import Preview
    from harborconf.position import Position
    from harborconf.report.plain import Shown
    from harborconf.spec.address import Address

_MOST_ARTIFACTS = 200
_MOST_UNFOLDED = 400
"""Of more changes than this the groups begin folded."""


class Markup(str):
    """HTML. Only `tag` and what this module writes itself is."""

    __slots__ = ()


_SHORT = 8
_SYSTEM = "(system)"
"""No project can be called so."""

_VOID = frozenset({"input", "meta"})


def tag(name: str, /, *children: str, **attributes: str | bool) -> Markup:
    """An element. Text among its children, and attributes, are escaped.

    `class_` is `class`, other underscores are dashes; True is an attribute without value.
    """
    written = "".join(
        f" {key.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{_text(value)}"')
        for key, value in attributes.items()
        if value is not False
    )
    if name in _VOID:
        return Markup(f"<{name}{written}>")
    return Markup(f"<{name}{written}>{''.join(map(_text, children))}</{name}>")


def _text(value: object) -> str:
    return value if isinstance(value, Markup) else html.escape(safe(str(value)))


def _asset(name: str) -> Markup:
    return Markup(files(__package__).joinpath(name).read_text(encoding="utf-8"))


def _joined(parts: Iterable[str]) -> Markup:
    return Markup("".join(map(_text, parts)))


# ---- the page ------------------------------------------------------------------------


def render_plan(plan: Plan) -> str:
    """The plan as a page."""
    return _page(plan, [])


def render_run(plan: Plan, result: Result) -> str:
    """A plan with what became of it as a page."""
    failed = [
        tag(
            "li",
            _badge("failed", "delete"),
            tag("code", str(one.step)),
            tag("span", one.message, class_="reason"),
            tag("span", one.advice, class_="note"),
        )
        for one in result.failed
    ]
    skipped = [
        tag(
            "li",
            _badge("skipped", "update"),
            tag("code", str(one.step)),
            tag("span", one.reason, class_="reason"),
        )
        for one in result.skipped
    ]
    return _page(plan, [_group(outcome(result), [_list([*failed, *skipped])], is_open=True)])


def _page(plan: Plan, first: list[Markup]) -> str:
    style, script = _asset("page.css"), _asset("page.js")
    policy = (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}';"
        " base-uri 'none'; form-action 'none'"
    )
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("title", f"{_title(plan)} - harborconf"),
        tag("style", style),
    )
    main = tag("main", *_alerts(plan), *first, *_groups(plan), *_told(plan), _none())
    body = tag("body", _masthead(plan), _bar(plan), main, _footer(plan), tag("script", script))
    page = f"<!DOCTYPE html>\n{tag('html', head, body, lang='en')}\n"
    # Plain ASCII is the same page in whatever encoding it is written to a file.
    return page.encode("ascii", "xmlcharrefreplace").decode("ascii")


def _digest(content: str) -> str:
    return f"sha256-{base64.b64encode(sha256(content.encode()).digest()).decode()}"


def _title(plan: Plan) -> str:
    nothing = "Nothing that can be done" if plan.changes else "Nothing to do"
    return ", ".join(counts(plan.changes, all_three=False)) or nothing


_WORDS = {
    Action.CREATE: "to create",
    Action.UPDATE: "to update",
    Action.DELETE: "to delete",
    Action.BLOCKED: "blocked",
    Action.PENDING: "pending",
}


def _masthead(plan: Plan) -> Markup:
    where = tag("p", tag("b", plan.url), f" with Harbor {plan.harbor_version}", class_="where")
    figures = [
        tag("li", _count(action, plan.count(action)))
        for action in Action
        if plan.count(action) or action in (Action.CREATE, Action.UPDATE, Action.DELETE)
    ]
    others = {
        "cannot tell": len(plan.unknown),
        "extra": len(plan.extras),
        "left alone": len(plan.elsewhere),
    }
    figures += [
        tag("li", tag("span", tag("b", str(number)), word, class_="count"))
        for word, number in others.items()
        if number
    ]
    return tag(
        "header",
        tag(
            "div",
            tag("p", "harborconf plan", class_="brand"),
            tag("h1", _title(plan)),
            where,
            tag("ul", *figures, class_="counts"),
        ),
        class_="masthead",
    )


def _count(action: Action, number: int) -> Markup:
    """A figure; the script makes it a switch."""
    return tag(
        "button",
        tag("b", str(number)),
        _WORDS[action],
        class_=f"count {action.value}" + ("" if number else " none"),
        type="button",
        data_only=action.value,
        aria_pressed="false",
        disabled=True,
    )


def _bar(plan: Plan) -> Markup:
    """Search and filters, shown by the script."""
    addresses = [*_addresses(plan)]
    kinds = Counter(address.kind for address in addresses)
    projects = Counter(_owner(address) for address in addresses)
    return tag(
        "div",
        tag(
            "div",
            tag(
                "input",
                id="search",
                type="search",
                placeholder="Search addresses, fields, values  ( / )",
                aria_label="Search",
                autocomplete="off",
                spellcheck="false",
            ),
            _choice("kind", "All kinds", kinds),
            _choice("project", "All projects", projects),
            tag("button", "Fold", id="fold", type="button"),
            tag("button", "Unfold", id="unfold", type="button"),
            tag("button", "Colours", id="theme", type="button"),
            tag("output", id="tally", aria_live="polite"),
        ),
        class_="bar",
        hidden=True,
    )


def _addresses(plan: Plan) -> Iterator[Address]:
    yield from (change.address for change in (*plan.changes, *plan.elsewhere))
    yield from (one.address for one in plan.unknown)
    yield from plan.extras


def _choice(name: str, every: str, found: Counter[str]) -> Markup:
    options = [
        tag("option", f"{value} ({number})", value=value) for value, number in sorted(found.items())
    ]
    return tag("select", tag("option", every, value=""), *options, id=name, aria_label=name)


def _owner(address: Address) -> str:
    """The name of the project."""
    return (address.name if address.kind == PROJECT else address.project) or _SYSTEM


def _alerts(plan: Plan) -> Iterator[Markup]:
    if not plan.complete:
        yield tag("p", "The plan is incomplete and cannot be applied.", class_="alert")
    for one in plan.refusals:
        yield tag("p", f"Stopped by guard {refused(one)}", class_="alert")
    if not plan.changes:
        as_desired = tag("b", "Nothing to do")
        yield tag("p", as_desired, "What is live is as desired.", class_="empty")


def _none() -> Markup:
    return tag(
        "p",
        tag("b", "Nothing matches"),
        "Escape clears the search.",
        class_="empty",
        id="none",
        hidden=True,
    )


def _footer(plan: Plan) -> Markup:
    chosen = [
        *(f"project {glob}" for glob in plan.selection.projects),
        *(f"kind {kind}" for kind in plan.selection.kinds),
    ]
    told = [
        f"harborconf {plan.harborconf_version}",
        f"planned for {', '.join(chosen) or 'everything in the files'}",
        *([f"lifted guards: {', '.join(plan.allowed)}"] if plan.allowed else []),
        f"files {plan.digest[:12]}" if plan.digest else "",
    ]
    return tag("footer", " · ".join(part for part in told if part))


# ---- groups --------------------------------------------------------------------------


def _groups(plan: Plan) -> Iterator[Markup]:
    found: dict[str, list[Change]] = {}
    for change in plan.changes:
        found.setdefault(_owner(change.address), []).append(change)
    for project, changes in found.items():
        number = Counter(change.action for change in changes)
        tally = tag(
            "span",
            *(
                tag("span", str(number[action]), class_=action.value, title=_WORDS[action])
                for action in Action
                if number[action]
            ),
            class_="tally",
        )
        yield _group(
            "System" if project == _SYSTEM else project,
            [_change(change) for change in changes],
            tally=tally,
            is_open=len(plan.changes) <= _MOST_UNFOLDED,
        )


def _group(
    title: str, children: Iterable[Markup], *, tally: Markup | None = None, is_open: bool
) -> Markup:
    head = tag("summary", tag("h2", title), tally or Markup(""))
    return tag("details", head, *children, class_="group", open=is_open)


def _list(items: Iterable[Markup]) -> Markup:
    return tag("ul", *items, class_="told")


def _told(plan: Plan) -> Iterator[Markup]:
    """What is no change of this plan: found elsewhere, not known, not desired, worth a note."""
    if plan.elsewhere:
        title = f"Not in the reviewed plan, left alone: {len(plan.elsewhere)}"
        items = [
            tag(
                "li",
                _badge(change.action.value, change.action.value),
                _address(change.address),
                tag("span", ", ".join(one.path for one in change.fields), class_="reason"),
                **_data(change.address),
            )
            for change in plan.elsewhere
        ]
        yield _group(title, [_list(items)], is_open=True)
    if plan.unknown:
        items = [
            tag(
                "li",
                tag("code", one.address.field(one.path)),
                tag("span", one.reason, class_="reason"),
                _place(one.position),
                **_data(one.address),
            )
            for one in plan.unknown
        ]
        yield _group(f"Cannot tell: {len(items)}", [_list(items)], is_open=False)
    if plan.previews:
        items = [one for preview in plan.previews for one in _preview(preview)]
        yield _group("Retention, if it ran now", [_list(items)], is_open=True)
    if plan.extras:
        items = [tag("li", _address(address), **_data(address)) for address in plan.extras]
        title = f"Live and not desired, left alone without prune: {len(items)}"
        yield _group(title, [_list(items)], is_open=False)
    if plan.notices:
        items = [tag("li", notice) for notice in plan.notices]
        yield _group(f"Notes: {len(items)}", [_list(items)], is_open=True)


def _preview(preview: Preview) -> Iterator[Markup]:
    yield tag("li", tag("b", previewed(preview)), **_data(preview.address))
    for one in preview.repositories:
        told = [tag("code", one.name), tag("span", f"keeps {one.kept}", class_="note")]
        if one.deleted:
            told.append(tag("del", f"deletes {len(one.deleted)}"))
            told.append(tag("span", artifacts_named(one, _MOST_ARTIFACTS), class_="note"))
        yield tag("li", *told, **_data(preview.address))


def _data(address: Address) -> dict[str, str]:
    return {"data_kind": address.kind, "data_project": _owner(address)}


# ---- one change ----------------------------------------------------------------------


def _change(change: Change) -> Markup:
    word = change.action.value
    head = [
        _badge(word, word),
        _address(change.address),
        tag("span", change.reason, class_="reason") if change.reason else "",
        _place(change.position),
    ]
    data = {**_data(change.address), "data_action": word}
    if not change.fields:
        return tag("div", tag("div", *head, class_="head"), class_="change", **data)
    fields = tag("dl", *(_field(change, field) for field in change.fields), class_="fields")
    return tag("details", tag("summary", *head), fields, class_="change", open=True, **data)


def _badge(word: str, tone: str) -> Markup:
    return tag("span", word, class_=f"badge {tone}")


def _address(address: Address) -> Markup:
    """The address, its project paler: the group says that already."""
    whole = str(address)
    if address.owner is None:
        return tag("span", whole, class_="address")
    owner = f"{address.owner}/"
    return tag("span", tag("i", owner), whole.removeprefix(owner), class_="address")


def _place(position: Position | None) -> Markup:
    return tag("span", str(position), class_="place") if position else Markup("")


def _field(change: Change, field: FieldChange) -> Markup:
    what = shown(field, change.action)
    note = tag("span", what.reason, class_="note") if what.reason else ""
    if what.listed:
        items = [
            *(tag("li", tag("del", inline(item)), class_="gone") for item in what.removed),
            *(tag("li", tag("ins", inline(item)), class_="new") for item in what.added),
        ]
        value = _joined([note, tag("ul", *items, class_="items")])
    else:
        value = tag("div", *_values(what), note, class_="values")
    return _joined([tag("dt", what.path), tag("dd", value)])


def _values(what: Shown) -> Iterator[Markup]:
    before, after = (text or "" for text in values(what, sys.maxsize))
    start, end = _same(before, after)
    if what.removed:
        yield tag("del", *_marked(before, start, end))
    if what.removed and what.added:
        yield tag("span", "→", class_="arrow")
    if what.added:
        yield tag("ins", *_marked(after, start, end))


def _marked(text: str, start: int, end: int) -> list[str]:
    """A text with the part marked that differs, if it is long and the rest is most of it."""
    middle = text[start : len(text) - end]
    if not middle or start + end < max(len(middle), _SHORT):
        return [text]
    return [text[:start], tag("mark", middle), text[len(text) - end :]]


def _same(one: str, other: str) -> tuple[int, int]:
    """How many characters two texts share at the start, and at the end after that."""
    most = min(len(one), len(other))
    start = next((index for index in range(most) if one[index] != other[index]), most)
    rest = most - start
    end = next((index for index in range(rest) if one[-1 - index] != other[-1 - index]), rest)
    return start, end
