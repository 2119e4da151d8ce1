"""Reading YAML into nodes: places, what is refused, and hostile files."""

from __future__ import annotations

import time

import pytest
import yaml as pyyaml
from hypothesis import given
from hypothesis import strategies as st

from harborconf.errors import DocumentError
from harborconf.position import Position
from harborconf.spec import yaml
from harborconf.spec.nodes import Map, Node, Null, Scalar, Sequence

MIB = 1024 * 1024


def load(text: str | bytes) -> Node | None:
    return yaml.load(text.encode() if isinstance(text, str) else text, "f.yaml")


def plain(node: Node | None) -> object:
    """Nodes as values, every scalar as text."""
    match node:
        case Scalar(text=text):
            return text
        case Sequence(items=items):
            return [plain(item) for item in items]
        case Map(entries=entries):
            return {key: plain(entry.node) for key, entry in entries.items()}
        case _:
            return None


def refusal(text: str | bytes) -> str:
    with pytest.raises(DocumentError) as caught:
        load(text)
    assert len(caught.value.problems) == 1
    return str(caught.value)


# ---- what is read --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("on", Scalar("on", plain=True, position=Position("f.yaml", 1, 1))),
        ("'on'", Scalar("on", plain=False, position=Position("f.yaml", 1, 1))),
        ("0777", Scalar("0777", plain=True, position=Position("f.yaml", 1, 1))),
        ("! on", Scalar("on", plain=False, position=Position("f.yaml", 1, 1))),
        ("|\n  a\n  b\n", Scalar("a\nb\n", plain=False, position=Position("f.yaml", 1, 1))),
        ('"\\x1b"', Scalar("\x1b", plain=False, position=Position("f.yaml", 1, 1))),
        ("~", Null(Position("f.yaml", 1, 1))),
        ("NULL", Null(Position("f.yaml", 1, 1))),
        ("'null'", Scalar("null", plain=False, position=Position("f.yaml", 1, 1))),
        ("---", Null(Position("f.yaml", 2, 1), empty=True)),
        ("'' # nothing", Scalar("", plain=False, position=Position("f.yaml", 1, 1))),
        ("# only a comment\n", None),
        ("", None),
    ],
)
def test_scalars_stay_as_written(text: str, expected: Node | None) -> None:
    assert load(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: {b: [1, x]}", {"a": {"b": ["1", "x"]}}),
        ("%YAML 1.2\n---\na: 1\n...\n", {"a": "1"}),
        ("a: &x [1, 2]\nb: *x\n", {"a": ["1", "2"], "b": ["1", "2"]}),
        ("&x a: *x", {"a": "a"}),
        (
            "~: 1\n2: 2\ntrue: 3\n? x\n: y\n'': z",
            {"null": "1", "2": "2", "true": "3", "x": "y", "": "z"},
        ),
        ("'<<': a key like any other", {"<<": "a key like any other"}),
        ("\ufeffa: 1", {"a": "1"}),
    ],
)
def test_structure(text: str, expected: object) -> None:
    assert plain(load(text)) == expected


def test_utf_16_is_read() -> None:
    assert plain(load("a: é".encode("utf-16"))) == {"a": "é"}


def test_everything_knows_its_place() -> None:
    root = load("# first\na:\n  é: [x,\n    {y: z}]\nb:\n")
    assert isinstance(root, Map)
    assert root.position == Position("f.yaml", 2, 1)
    inner = root.get("a")
    assert isinstance(inner, Map)
    assert inner.entries["é"].key_position == Position("f.yaml", 3, 3)
    items = inner.get("é")
    assert isinstance(items, Sequence)
    assert [item.position for item in items.items] == [
        Position("f.yaml", 3, 7),
        Position("f.yaml", 4, 5),
    ]
    assert root.get("b") == Null(Position("f.yaml", 5, 3), empty=True)
    assert root.get("c") is None


def test_an_alias_stands_where_its_anchor_stands() -> None:
    root = load("a: &x 1\nb: *x\n")
    assert isinstance(root, Map)
    assert root.entries["b"].node.position == Position("f.yaml", 1, 4)


JSON_LIKE = st.recursive(
    st.text() | st.integers() | st.booleans() | st.none(),
    lambda children: (
        st.lists(children, max_size=4) | st.dictionaries(st.text(), children, max_size=4)
    ),
    max_leaves=15,
)


def texts(value: object) -> object:
    """What the nodes of a value hold: the words of YAML for what is no text."""
    match value:
        case bool():
            return str(value).lower()
        case int():
            return str(value)
        case list():
            return [texts(item) for item in value]
        case dict():
            return {key: texts(item) for key, item in value.items()}
        case _:
            return value


@given(JSON_LIKE, st.booleans())
def test_what_pyyaml_writes_is_read_as_it_was(value: object, flow: bool) -> None:
    text = pyyaml.safe_dump(value, default_flow_style=flow)
    assert plain(load(text)) == texts(value)


# ---- what is refused -----------------------------------------------------------------

REMOVE_IT = "(remove it: the field decides how its value is read)"
SPLIT_IT = "(split it: files merge by key)"
USE_PROFILES = "(use defaults and profiles instead)"
NO_TOKEN = "found character that cannot start any token"
NO_CLOSING = "did not find expected ',' or ']' while parsing a flow sequence that begins in line 1"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb: 2\na: 3", "f.yaml:3:1: `a` is written twice, first at f.yaml:1:1"),
        ("'1': a\n1: b", "f.yaml:2:1: `1` is written twice, first at f.yaml:1:1"),
        (
            "a: !!int 7",
            f"f.yaml:1:4: the tag !!int is not accepted {REMOVE_IT}",
        ),
        (
            "a: !!python/object/apply:os.system [id]",
            f"f.yaml:1:4: the tag !!python/object/apply:os.system is not accepted {REMOVE_IT}",
        ),
        (
            "a: &x {b: 1}\nc:\n  <<: *x",
            "f.yaml:3:3: the merge key << is not accepted (use defaults and profiles instead)",
        ),
        (
            "a: 1\n---\nb: 2",
            "f.yaml:2:1: a second document in one file (put it into a file of its own)",
        ),
        ("? [a, b]\n: c", "f.yaml:1:3: a key must be text, not a list or a map"),
        ("? {a: b}\n: c", "f.yaml:1:3: a key must be text, not a list or a map"),
        ("a: &x [1]\n*x : c", "f.yaml:2:1: a key must be text, not a list or a map"),
        ("a: *nobody", "f.yaml:1:4: *nobody is not defined before this line"),
        ("a: &x [*x]", "f.yaml:1:8: *x is not defined before this line"),
        (
            "a: [1\nb: 2\n",
            f"f.yaml:2:2: this is not YAML: {NO_CLOSING}",
        ),
        (
            "a: 1\n b: 2",
            "f.yaml:2:3: this is not YAML: mapping values are not allowed in this context",
        ),
        (
            "a:\n\tb: 1",
            f"f.yaml:2:1: this is not YAML: {NO_TOKEN} (indent with spaces, not with tabs)",
        ),
        ("a: 1\n%b", "f.yaml:2:3: this is not YAML: found unknown directive name"),
        (
            "a: 1\nb: é\x1b[31m",
            "f.yaml:2:5: this is not YAML: control characters are not allowed",
        ),
        ("a: \0", "f.yaml:1:4: this is not YAML: control characters are not allowed"),
        (
            b"a: 1\nb: " + b"\xe9",
            "f.yaml:2:4: this is not text in UTF-8 (save it as UTF-8)",
        ),
        (
            "a: b".encode("utf-16") + b"x",
            "f.yaml:1:5: this is not text in UTF-16 (save it as UTF-8)",
        ),
    ],
)
def test_what_is_no_document_of_ours_is_refused(text: str | bytes, expected: str) -> None:
    assert refusal(text) == expected


# ---- hostile files -------------------------------------------------------------------


def laughs(levels: int, width: int) -> str:
    lines = (
        f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * width)}]"
        for level in range(1, levels)
    )
    return "\n".join(["a0: &a0 ha", *lines])


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            b" " * (50 * MIB),
            "f.yaml:1:1: the file is larger than 10 MiB (split it: files merge by key)",
        ),
        (
            b"[" + b"1," * (4 * MIB) + b"]",
            f"f.yaml:1:2000002: the file holds more than 1000000 values {SPLIT_IT}",
        ),
        (
            laughs(10, 10).encode(),
            f"f.yaml:6:45: aliases stand for more than 100000 values {USE_PROFILES}",
        ),
        (nested(51).encode(), "f.yaml:1:51: nested deeper than 50 levels"),
        (b"[" * (5 * MIB), "f.yaml:1:1001: nested deeper than 50 levels"),
        (b"{a: " * MIB, "f.yaml:1:201: nested deeper than 50 levels"),
        (b"- " * MIB, "f.yaml:1:101: nested deeper than 50 levels"),
        (b"\xff" * MIB, "f.yaml:1:1: this is not text in UTF-8 (save it as UTF-8)"),
    ],
    ids=[
        "50 MB",
        "many values",
        "billion laughs",
        "depth",
        "brackets",
        "braces",
        "dashes",
        "bytes",
    ],
)
def test_hostile_files_are_refused_soon(content: bytes, expected: str) -> None:
    begin = time.process_time()
    assert refusal(content) == expected
    assert time.process_time() - begin < 15


def test_what_is_just_within_the_limits_is_read() -> None:
    assert load(nested(50)) is not None
    assert load(laughs(5, 10)) is not None
    assert load(b"#" * (10 * MIB)) is None
