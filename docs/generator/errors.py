"""The reference of errors: those in the code whose message and advice stand together.

Read from the source, as messages are made where they are raised. What differs from one time to
the next is a word in capitals, or an ellipsis.
"""

from __future__ import annotations

import ast
from inspect import cleandoc
from pathlib import Path
from typing import TYPE_CHECKING

import harborconf
from generator.markdown import MADE, prose, table
from harborconf import errors as tree
from harborconf.errors import HarborconfError

if TYPE_CHECKING:
    from collections.abc import Iterator

_SOURCE = Path(harborconf.__file__).parent
_HEAD = f"""\
{MADE}
# Errors

Each error says what is wrong, where, and what to do, and ends the run with exit code 1. Here are
those whose words stand in the code, by their sort; WORDS IN CAPITALS and ... stand for what
differs. What is wrong in the YAML is not among them: it is told at its line, with what would be
right. What Harbor itself answers is told in its own words, with the request that met it.
"""
Told = tuple[str, str]
"""A message and its advice."""
Scope = dict[str, list[ast.expr]]
"""What was last given to a name, in each branch."""


def errors() -> str:
    """The page as Markdown."""
    found: dict[str, set[Told]] = {}
    for path in sorted(_SOURCE.rglob("*.py")):
        if "simulator" not in path.parts:
            for name, told in raised(ast.parse(path.read_text(encoding="utf-8"))):
                found.setdefault(name, set()).add(told)
    lines = [_HEAD]
    for name in _names(HarborconfError):
        if name in found:
            about = cleandoc(getattr(tree, name).__doc__ or "").partition("\n")[0]
            lines += [
                f"## {name}",
                "",
                about,
                "",
                *table(("error", "what to do"), sorted(found[name])),
            ]
    return "\n".join(lines)


def _names(error: type[HarborconfError]) -> Iterator[str]:
    yield error.__name__
    for child in error.__subclasses__():
        yield from _names(child)


def raised(module: ast.Module) -> Iterator[tuple[str, Told]]:
    """The errors that a module makes with words of its own: the class, the message, the advice."""
    functions = [
        node
        for node in ast.walk(module)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    helpers = dict(filter(None, map(_helper, functions)))
    for function in functions:
        scope: Scope = {}
        used: set[str] = set()
        for node in _in_order(function):
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    if name in used:
                        used.remove(name)
                        scope.pop(name, None)
                    scope.setdefault(name, []).append(value)
                case ast.Call(func=ast.Name(id=name), args=[message, *more], keywords=keywords):
                    advice = [one.value for one in keywords if one.arg == "advice"]
                    if name in helpers:
                        advice += more
                        name = helpers[name]
                    if not hasattr(tree, name) or not advice:
                        continue
                    used |= {one.id for one in (message, advice[0]) if isinstance(one, ast.Name)}
                    for text in _texts(message, scope):
                        for what in _texts(advice[0], scope):
                            yield name, (text, what)


def _in_order(function: ast.AST) -> list[ast.Assign | ast.Call]:
    found = [node for node in ast.walk(function) if isinstance(node, ast.Assign | ast.Call)]
    return sorted(found, key=lambda node: (node.lineno, node.col_offset))


def _helper(function: ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[str, str] | None:
    """A function that does nothing but raise an error with its own arguments."""
    own = [argument.arg for argument in function.args.args]
    for node in ast.walk(function):
        match node:
            case ast.Raise(exc=ast.Call(func=ast.Name(id=name), args=[ast.Name(id=first)])):
                if own[:2] == [first, "advice"]:
                    return function.name, name
    return None


def _texts(node: ast.expr, scope: Scope) -> list[str]:
    """What an expression may be as text; nothing where that cannot be said."""
    match node:
        case ast.Constant(value=str(text)):
            return [prose(text)] if text else []
        case ast.JoinedStr(values=parts):
            return [prose("".join(_part(part, scope) for part in parts))]
        case ast.Name(id=name):
            return [text for value in scope.get(name, ()) for text in _texts(value, {})]
    return []


def _part(part: ast.expr, scope: Scope) -> str:
    match part:
        case ast.Constant(value=text):
            return str(text)
        case ast.FormattedValue(value=ast.Name(id=name)):
            known = _texts(ast.Name(name), scope)
            return known[0] if len(known) == 1 else name.strip("_").upper()
        case ast.FormattedValue(value=ast.Attribute(attr=name)) if name not in _REASONS:
            return name.strip("_").upper()
    return "..."


_REASONS = {"strerror", "verify_message", "reason", "message"}
