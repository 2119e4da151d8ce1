"""`harborconf simulator`: a Harbor in memory, for any client."""

from __future__ import annotations

import errno
import re
import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated

import typer

from harborconf.cli.console import note, write
from harborconf.errors import UsageError

if TYPE_CHECKING:
    from harborconf.simulator import Reply, Request

# The newest patch of each version that is supported.
NEWEST = {"2.13": "2.13.2", "2.14": "2.14.4", "2.15": "2.15.2"}

HarborVersion = Annotated[
    str,
    typer.Option("--harbor-version", metavar="VERSION", help="Which Harbor it is: 2.13 to 2.15."),
]


def simulator(
    port: Annotated[
        int,
        typer.Option("--port", min=0, max=65535, metavar="N", help="Port; 0 takes a free one."),
    ] = 8080,
    harbor_version: HarborVersion = "2.15",
    verbose: Annotated[
        bool, typer.Option("-v", "--verbose", help="Show each request on standard error.")
    ] = False,
) -> None:
    """Serve a Harbor in memory, until Ctrl-C.

    It answers on loopback alone. Any client of Harbor's REST API can be tried against it. It
    holds no images, and what it is told is gone when it ends.
    """
    from harborconf.simulator import ADMIN_PASSWORD, Simulator  # noqa: PLC0415 - a web server

    served = Simulator(version_of(harbor_version))
    if verbose:
        served.state.after = _tell
    with ExitStack() as stack:
        try:
            url = stack.enter_context(served.serve(port))
        except OSError as error:
            raise _refusal(port, error) from error
        write(_WELCOME.format(url=url, version=served.state.version, password=ADMIN_PASSWORD))
        threading.Event().wait()


def version_of(text: str) -> str:
    """A full version from a full or a minor one.

    Raises:
        UsageError: there is no such simulated Harbor.
    """
    match = re.fullmatch(r"v?(\d+\.\d+)(\.\d+)?", text)
    if match is None or match[1] not in NEWEST:
        message = f"there is no simulated Harbor `{text}`"
        known = ", ".join(NEWEST.values())
        raise UsageError(message, advice=f"versions are 2.13.x to 2.15.x, for example {known}")
    return match[1] + match[2] if match[2] else NEWEST[match[1]]


def _tell(request: Request, reply: Reply) -> None:
    note(f"{request.method} {request.path} {reply.status}")


def _refusal(port: int, error: OSError) -> UsageError:
    if error.errno == errno.EADDRINUSE:
        message = f"port {port} of 127.0.0.1 is taken by another program"
    else:
        message = f"port {port} of 127.0.0.1 cannot be opened: {error.strerror}"
    return UsageError(message, advice="choose another with --port, or 0 for a free one")


_WELCOME = """\
Harbor {version} in memory, at {url}
User admin, password {password}. Ctrl-C ends it, and nothing is kept.

Try it from another terminal:

  export HARBOR_URL={url} HARBOR_USERNAME=admin HARBOR_PASSWORD={password}
  harborconf export live
  harborconf plan live

  curl -u admin:{password} {url}/api/v2.0/projects
"""
