"""Scanners, and which one does where."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from harborconf.errors import NotFoundError, NotPermittedError, RefusedError, ServerError
from harborconf.kinds.resource import Comparison, Desired, Live, Place, Step, Verdict
from harborconf.kinds.scanner import Auth, DefaultScanner, ProjectScanner, Scanner
from harborconf.spec.address import Address
from harborconf.spec.reference import Env
from unit.kinds.workbench import HERE, workbench

ADDRESS = Address("scanner", "clair")
URL = "http://clair.example.com"
OLD, NEW = (2, 15, 0), (2, 15, 1)
TOKEN = Env("TOKEN")
FORBIDDEN = NotPermittedError("forbidden", status=403, method="GET", path="/scanners")
TEAM = Place("team", {"project_id": 1})


def registration(name: str = "clair", **more: Any) -> dict[str, Any]:
    return {"name": name, "uuid": f"u-{name}", "url": URL, "is_default": False, **more}


def live(**more: Any) -> Live:
    """As it is read."""
    bench, _ = workbench({"/scanners": [registration(**more)]})
    (found,) = asyncio.run(Scanner().read(bench, Place()))
    return found


def desired(**fields: Any) -> Desired:
    return Desired(ADDRESS, fields, HERE)


def observed(
    want: Desired, have: Live | None, secret: str, version: tuple[int, ...] = OLD
) -> Comparison | None:
    bench, _ = workbench(environ={"TOKEN": secret}, version=version)
    return asyncio.run(Scanner().observe(bench, want, have)).get("credential")


@pytest.mark.parametrize(
    ("fields", "problems"),
    [
        ({"url": URL}, []),
        ({"credential": TOKEN, "auth": Auth.BEARER}, []),
        ({"credential": TOKEN}, ["credential"]),
        ({"credential": TOKEN, "auth": Auth.NONE}, ["credential"]),
    ],
)
def test_a_credential_needs_an_authentication(fields: dict[str, Any], problems: list[str]) -> None:
    assert [path for path, _ in Scanner().check(desired(**fields))] == problems


def test_an_authentication_needs_a_credential_to_begin_with() -> None:
    kind = Scanner()
    assert kind.missing({"url": URL}) == []
    assert kind.missing({"auth": Auth.BASIC}) == ["`url`", "`credential`"]
    assert kind.missing({"url": URL, "auth": Auth.BASIC, "credential": TOKEN}) == []


@pytest.mark.parametrize(("name", "good"), [("clair", True), ("n" * 128, True), ("n" * 129, False)])
def test_names(name: str, good: bool) -> None:
    assert (Scanner().check_name(name) is None) == good
    assert "Harbor's own" in str(Scanner().check_name("Trivy"))


@pytest.mark.parametrize(
    ("secret", "version", "auth", "reason"),
    [
        ("", OLD, Auth.BEARER, "environment variable TOKEN is empty"),
        ("x" * 512, OLD, Auth.BEARER, None),
        ("x" * 513, OLD, Auth.BEARER, "Harbor keeps at most 512 characters of it"),
        ("x" * 362, NEW, Auth.BEARER, None),
        ("x" * 363, NEW, Auth.BEARER, "Harbor keeps at most 362 characters of it"),
        ("word", OLD, Auth.BASIC, "for basic authentication it must be `user:password`"),
        ("me:word", OLD, Auth.BASIC, None),
    ],
)
def test_credentials_that_harbor_would_not_take(
    secret: str, version: tuple[int, ...], auth: Auth, reason: str | None
) -> None:
    found = observed(desired(auth=auth, credential=TOKEN), None, secret, version)
    assert found == (None if reason is None else Comparison(Verdict.BLOCKED, reason))


@pytest.mark.parametrize(
    ("version", "told", "auth", "verdict"),
    [
        (OLD, "t", "Bearer", Verdict.EQUAL),
        (OLD, "other", "Bearer", Verdict.DIFFERENT),
        (OLD, "", "", Verdict.DIFFERENT),
        (NEW, "", "Bearer", Verdict.UNKNOWN),
        (NEW, "", "Basic", Verdict.DIFFERENT),
        (NEW, "", "", Verdict.DIFFERENT),
        ((2, 14, 3), "t", "Bearer", Verdict.EQUAL),
        ((2, 14, 4), "", "Bearer", Verdict.UNKNOWN),
        ((2, 13, 5), "t", "Bearer", Verdict.EQUAL),
    ],
)
def test_credentials_are_compared_where_they_are_told(
    version: tuple[int, ...], told: str, auth: str, verdict: Verdict
) -> None:
    have = live(auth=auth, access_credential=told)
    found = observed(desired(auth=Auth.BEARER, credential=TOKEN), have, "t", version)
    assert found is not None
    assert found.verdict is verdict


@pytest.mark.parametrize(
    ("fields", "changed", "sent"),
    [
        ({"description": "x", "auth": Auth.BEARER, "credential": TOKEN}, "description", "live"),
        ({"url": f"{URL}/x", "auth": Auth.BEARER, "credential": TOKEN}, "url", "t"),
        ({"auth": Auth.API_KEY, "credential": TOKEN}, "auth", "t"),
        ({"auth": Auth.BEARER, "credential": TOKEN}, "credential", "t"),
        ({"url": f"{URL}/x"}, "url", "live"),
        ({"auth": Auth.API_KEY}, "auth", "live"),
        ({"auth": Auth.NONE}, "auth", None),
    ],
)
def test_a_credential_is_sent_when_it_or_what_it_is_for_changes(
    fields: dict[str, Any], changed: str, sent: str | None
) -> None:
    bench, api = workbench(environ={"TOKEN": "t"})
    have = live(auth="Bearer", access_credential="live", use_internal_addr=True)
    step = Step("update", ADDRESS, desired(**fields), have, frozenset({changed}))
    asyncio.run(Scanner().run(bench, step))
    ((method, path, body),) = api.written
    assert (method, path) == ("PUT", "/scanners/u-clair")
    assert body.get("access_credential") == sent
    assert body["use_internal_addr"] is True


@pytest.mark.parametrize(
    ("action", "changed", "advice"),
    [
        ("create", "url", "does not answer as one"),
        ("update", "disabled", "system.default_scanner"),
        ("update", "url", ""),
    ],
)
def test_what_harbor_leaves_open_is_said(action: str, changed: str, advice: str) -> None:
    error = ServerError("internal server error", status=500, method="PUT", path="/scanners")
    bench, _ = workbench(refuses=error)
    step = Step(action, ADDRESS, desired(url=URL), live(), frozenset({changed}))
    with pytest.raises(ServerError) as caught:
        asyncio.run(Scanner().run(bench, step))
    assert advice in caught.value.advice
    assert bool(caught.value.advice) == bool(advice)


def test_harbors_own_scanner_is_left_out() -> None:
    bench, _ = workbench({"/scanners": [registration("Trivy"), registration()]})
    found = asyncio.run(Scanner().read(bench, Place()))
    assert [str(one.address) for one in found] == ["scanner/clair"]


def test_a_scanner_is_disabled_after_another_has_become_the_default() -> None:
    assert Scanner().references(ADDRESS, {"disabled": True}) == [Address("default_scanner")]
    assert Scanner().references(ADDRESS, {"disabled": False}) == []


# ---- which one -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("registrations", "name"),
    [
        ([registration("Trivy"), registration(is_default=True)], "clair"),
        ([], ""),
        ([registration()], ""),
    ],
)
def test_the_default_is_read(registrations: list[dict[str, Any]], name: str) -> None:
    bench, _ = workbench({"/scanners": registrations})
    (found,) = asyncio.run(DefaultScanner().read(bench, Place()))
    assert (str(found.address), found.fields) == ("system/default_scanner", {"name": name})


def test_the_default_is_set_by_number() -> None:
    bench, api = workbench({"/scanners": [registration("Trivy"), registration()]})
    step = Step("update", Address("default_scanner"), desired(name="clair"))
    asyncio.run(DefaultScanner().run(bench, step))
    assert api.written == [("PATCH", "/scanners/u-clair", {"is_default": True})]


def test_a_default_that_harbor_does_not_take() -> None:
    error = NotFoundError("not found", status=404, method="PATCH", path="/scanners/u-clair")
    bench, _ = workbench({"/scanners": [registration()]}, refuses=error)
    step = Step("update", Address("default_scanner"), desired(name="clair"))
    with pytest.raises(NotFoundError) as caught:
        asyncio.run(DefaultScanner().run(bench, step))
    assert "disabled" in caught.value.advice
    gone = Step("update", Address("default_scanner"), desired(name="gone"))
    with pytest.raises(RefusedError, match="no scanner `gone`"):
        asyncio.run(DefaultScanner().run(bench, gone))


@pytest.mark.parametrize("kind", [DefaultScanner(), ProjectScanner()])
def test_harbors_own_is_there_only_where_it_was_installed(
    kind: DefaultScanner | ProjectScanner,
) -> None:
    without, _ = workbench({"/scanners": [registration()]})
    found = asyncio.run(kind.observe(without, desired(name="Trivy"), None))
    assert found["name"].verdict is Verdict.BLOCKED
    with_it, _ = workbench({"/scanners": [registration("Trivy")]})
    assert asyncio.run(kind.observe(with_it, desired(name="Trivy"), None)) == {}
    assert kind.mentions({"name": "clair"}) == {"name": ADDRESS}
    for name in ("Trivy", "inherit"):
        assert kind.mentions({"name": name}) == {}


@pytest.mark.parametrize(
    ("metadata", "name", "note"),
    [
        ({}, "inherit", ""),
        ({"projectScanner": "u-clair"}, "clair", ""),
        ({"projectScanner": "u-gone"}, "inherit", "deleted"),
    ],
)
@pytest.mark.parametrize("is_admin", [True, False])
def test_a_projects_scanner_is_read(
    metadata: dict[str, str], name: str, note: str, is_admin: bool
) -> None:
    registrations = [registration("Trivy"), registration()]
    bench, _ = workbench(
        {
            "/projects/1/metadatas/projectScanner": metadata,
            "/scanners": registrations if is_admin else FORBIDDEN,
            "/projects/1/scanner/candidates": registrations,
        }
    )
    (found,) = asyncio.run(ProjectScanner().read(bench, TEAM))
    assert found.fields == {"name": name}
    assert note in found.note
    assert bool(found.note) == bool(note)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("clair", ("PUT", "/projects/1/scanner", {"uuid": "u-clair"})),
        ("inherit", ("DELETE", "/projects/1/metadatas/projectScanner", None)),
    ],
)
def test_a_projects_scanner_is_chosen(name: str, written: tuple[str, str, Any]) -> None:
    bench, api = workbench({"/scanners": [registration()]})
    address = Address("project_scanner", None, "team")
    step = Step("create", address, Desired(address, {"name": name}, HERE))
    asyncio.run(ProjectScanner().run(bench, step))
    assert api.written == [written]


def test_a_new_project_uses_the_default_one() -> None:
    bench, _ = workbench()
    project = Desired(Address("project", "team"), {}, HERE)
    (found,) = ProjectScanner().born(project, bench)
    assert found.fields == {"name": "inherit"}
