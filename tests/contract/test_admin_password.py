"""A new password of one's own."""

from __future__ import annotations

import asyncio

import pytest

from contract.target import WORD, Target
from harborconf.errors import RefusedError
from harborconf.harbor.connection import Connection, Password
from harborconf.harbor.session import open_session
from harborconf.kinds.user import renew_password
from harborconf.spec.reference import Env
from harborconf.spec.secret import Secret

NEW = "Another1Word"


@pytest.mark.parametrize("admin", [False, True])
def test_the_new_one_works_and_the_session_stays(target: Target, admin: bool) -> None:
    name = target.add_user("me")
    (user,) = target.users()
    if admin:
        target.raw.write("PUT", f"/users/{user['user_id']}/sysadmin", {"sysadmin_flag": True})

    async def run() -> None:
        connection = Connection(target.url, Password(name, Secret(WORD)))
        async with open_session(connection) as session:
            await renew_password(session.api, session.who, Secret(WORD), Secret(NEW), Env("NEW"))
            await session.prove()
            with pytest.raises(RefusedError, match="Harbor refuses the same one again"):
                await renew_password(session.api, session.who, Secret(NEW), Secret(NEW), Env("NEW"))

    asyncio.run(run())
    assert target.raw.be(name, NEW).status("GET", "/users/current") == 200
