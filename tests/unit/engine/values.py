"""Values as people write them, for generated documents."""

from __future__ import annotations

from contextlib import suppress

from harborconf.engine.tree import plain
from harborconf.spec import yaml
from harborconf.spec.nodes import Node
from harborconf.spec.value import Plain, ValueType

# A leaf gets those that its type reads.
VALUES = """
x|1|0|-1|0777|1.5|1e3|.inf|true|FALSE|True|on|no|2027-01-31|2027-01-31 12:30:00|12:30:45|'7'
'true'|'null'|''|"\\x1b[31m"|absent|1_000|0x1F|unlimited|100GiB|1.5 GiB|90d|never|daily
0 0 2 * * *|high|none|developer|limited_guest|ldap|"#00ab9a"|a@example.com|inherit|always
{env: TOKEN}|{env: 7}|{file: 2027-01-31}|{file: out/x}|[]|{}|[x]|[1, true, 2027-01-31]
[label]|[member, robot]|["v*", 1.5]|{except: [x, 2]}|{except: ["**"]}
{repository: [pull, on, 1]}|{system: {project: [list]}, projects: {"*": {repository: [pull]}}}
{projects: {7: {repository: [push]}}}|["project/*", 1]|{"teams/*": [project/a], x: []}
[{keep: always}]|[{keep: {most_recently_pushed: 3}, tags: [1], repositories: {except: [2]}}]
[{keep: {pulled_within: 7d}, untagged: false, disabled: True}]|[{tags: ["v*"]}, {}]
[{url: https://example.com/x, type: http}]
[{url: "http://h/", auth_header: {env: X}, skip_certificate: true}]
7%|24h|https://example.com/x
48h|create_user|[login_user, other]|syslog.example.com:514|{message: 7, ends: 2031-01-31}
{message: hi, type: info, closable: true, starts: 2031-01-31}|base|2|30|{prompt: login, x: 7}
'-----BEGIN CERTIFICATE-----'
[CVE-2024-1, 7]|[{id: 7, reason: on, owner: 2027-01-31, expires: 2027-01-31}]|[]
"""


def node(text: str) -> Node:
    found = yaml.load(text.encode(), "f")
    assert found is not None
    return found


PARSED = [(text, plain(node(text))) for text in VALUES.strip().replace("\n", "|").split("|")]


def accepted(kind: ValueType) -> list[str]:
    """The values above that a type reads, or some of its words. A new type needs one."""
    found = []
    words = [(word, Plain(word)) for word in map(str, kind.schema.get("enum", ()))]
    items = [str(word) for word in kind.schema.get("items", {}).get("enum", ())]
    lists = [(f"[{word}]", [Plain(word)]) for word in items]
    for text, value in [*PARSED, *words, *lists]:
        with suppress(ValueError):
            kind.read(value)
            found.append(text)
    assert found, f"VALUES holds nothing that a {kind.name} reads"
    return found
