"""Passwords that Harbor never tells: what fingerprints, a ping and sending anew do about them."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from contract.mortal import Killed, Moments, mortal
from contract.target import Target, fresh
from contract.tool import Tool, said
from harborconf.engine.selection import Selection
from harborconf.errors import StoreError

KEY, OTHER_KEY = "a-key-of-fingerprints", "another-key-of-fingerprints"


class Elsewhere:
    """A registry, which is Harbor itself, and what is kept of its password."""

    def __init__(self, target: Target, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.target = target
        self.environ = {"PASSWORD": target.password, "KEY": KEY}
        self.tool = Tool(target, folder, environ=self.environ)
        self.file = folder / "kept" / "fingerprints.json"
        self.keeping = "fingerprints: {key: {env: KEY}, store: {file: kept/fingerprints.json}}"

    @property
    def address(self) -> str:
        return f"registry/{self.target.name('there')}"

    def text(self, more: str = "") -> str:
        return f"""
            {self.keeping}
            registries:
              {self.target.name("there")}:
                type: harbor
                url: {self.target.registries[0]}
                insecure: true
                credential: {{username: {self.target.username}, password: {{env: PASSWORD}}}}
                {more}
        """

    def reason(self) -> str:
        plan = self.tool.plan(self.text())
        assert said(plan) == []
        (unknown,) = plan.unknown or (None,)
        return "" if unknown is None else unknown.reason

    def refreshing(self) -> None:
        self.tool.selection = Selection(refresh_secrets=True)


@pytest.fixture
def there(target: Target, tmp_path: Path) -> Elsewhere:
    return Elsewhere(target, tmp_path)


def test_what_was_sent_is_known(there: Elsewhere) -> None:
    there.tool.converge(there.text())
    assert there.reason() == ""
    kept = there.file.read_text("utf-8")
    assert there.target.password not in kept
    assert there.file.stat().st_mode & 0o777 == 0o600
    there.tool.converge(there.text("description: x"))
    assert there.file.read_text("utf-8") == kept


def test_another_value_is_a_change_and_is_kept_only_when_harbor_took_it(there: Elsewhere) -> None:
    there.tool.converge(there.text())
    kept = there.file.read_text("utf-8")
    there.environ["PASSWORD"] = "Wrong1Password"
    outcome = there.tool.apply(there.text())
    assert said(outcome.plan) == [f"update {there.address} credential.password"]
    reason = outcome.plan.changes[0].fields[0].reason
    if outcome.result.failed:  # Harbor tries it before it stores it
        assert there.file.read_text("utf-8") == kept
        assert said(there.tool.plan(there.text())) == [
            f"update {there.address} credential.password"
        ]
    assert reason == "its fingerprint is not the one of what was sent last"
    assert "Wrong1Password" not in str(outcome)


def test_without_a_fingerprint_nothing_is_sent_but_on_demand(there: Elsewhere) -> None:
    keeping, there.keeping = there.keeping, ""
    there.tool.converge(there.text())
    assert there.reason() == "Harbor never tells it"
    there.keeping = keeping
    assert there.reason() == "Harbor never tells it, and no fingerprint does yet"
    assert not there.file.exists()
    there.refreshing()
    outcome = there.tool.apply(there.text())
    assert said(outcome.plan) == [f"update {there.address} credential.password"]
    assert len(outcome.writes) == 1
    there.tool.selection = Selection()
    assert there.reason() == ""


def test_a_new_key_tells_nothing_of_old_fingerprints(there: Elsewhere) -> None:
    there.tool.converge(there.text())
    there.environ["KEY"] = OTHER_KEY
    assert there.reason() == "Harbor never tells it, and no fingerprint does yet"
    there.refreshing()
    there.tool.apply(there.text())
    there.tool.selection = Selection()
    assert there.reason() == ""


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("{", "holds no fingerprints"),
        ("[]", "holds no fingerprints"),
        ('{"format": 2, "key": "", "fingerprints": {}}', "holds no fingerprints"),
        ('{"format": 1, "key": "", "fingerprints": {"a": 1}}', "holds no fingerprints"),
    ],
)
def test_a_file_that_is_something_else_is_left(
    content: str, complaint: str, there: Elsewhere
) -> None:
    there.file.parent.mkdir()
    there.file.write_text(content, encoding="utf-8")
    with pytest.raises(StoreError, match=complaint):
        there.tool.plan(there.text())
    assert there.file.read_text("utf-8") == content


def test_a_short_key_is_refused(there: Elsewhere) -> None:
    there.environ["KEY"] = "short"
    with pytest.raises(StoreError, match="holds no key for fingerprints: 16 characters"):
        there.tool.plan(there.text())


def test_whatever_ends_a_run_the_next_knows_what_harbor_has(harbor: Target, tmp_path: Path) -> None:
    number, was_killed = 0, True
    while was_killed:
        number += 1
        with fresh(harbor) as target:
            there = Elsewhere(target, tmp_path / str(number))
            there.tool.around = partial(mortal, moments=Moments(number))
            try:
                there.tool.apply(there.text())
                was_killed = False
            except Killed:
                pass
            there.tool.around = lambda bench: bench
            has = bool(target.in_registries("/registries"))
            is_kept = there.file.exists()
            assert has or not is_kept  # never before Harbor has it
            if has and not is_kept:
                there.refreshing()
            there.tool.apply(there.text())
            there.tool.selection = Selection()
            assert there.reason() == ""
    assert number > 3


def test_a_ping_is_made_when_asked_for(there: Elsewhere) -> None:
    there.keeping = ""
    there.tool.converge(there.text())
    there.tool.requests.clear()
    there.reason()
    assert "ping" not in str(there.tool.requests)
    there.tool.verify_secrets = True
    assert there.reason() == "Harbor never tells it; the one it has works there"


def test_a_ping_that_fails_says_what_to_do(own: Target, tmp_path: Path) -> None:
    there = Elsewhere(own, tmp_path)
    there.keeping = ""
    there.tool.converge(there.text())
    own.state.credentials[own.registries[0]] = (own.username, "Another1Word")
    there.tool.verify_secrets = True
    assert "--refresh-secrets sends yours" in there.reason()


def test_settings_that_harbor_never_tells(own: Target, tmp_path: Path) -> None:
    there = Elsewhere(own, tmp_path)
    text = f"""
        {there.keeping}
        system:
          settings: {{oidc_client_id: me, oidc_client_secret: {{env: PASSWORD}}}}
    """
    assert there.tool.apply(text).result.is_complete
    assert said(there.tool.plan(text)) == []
    there.environ["PASSWORD"] = "Another1Word"
    outcome = there.tool.apply(text)
    assert said(outcome.plan) == ["update system/settings oidc_client_secret"]
    assert outcome.result.is_complete
    assert there.tool.plan(text).unknown == ()
