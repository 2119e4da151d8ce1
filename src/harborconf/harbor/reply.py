"""What Harbor answers: a reply with its body read, and what an error reply says."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from harborconf.errors import (
    AuthenticationError,
    ConflictError,
    InvalidError,
    NotFoundError,
    NotHarborError,
    NotPermittedError,
    ReplyError,
    ServerError,
)
from harborconf.harbor.redaction import blotted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from multidict import CIMultiDictProxy

OK, UNAUTHORIZED, FORBIDDEN, NOT_FOUND, PRECONDITION = 200, 401, 403, 404, 412
FAILURES, SERVER_FAILURES = 400, 500
LONGEST_MESSAGE = 500
_ERRORS: Mapping[int, type[ReplyError]] = {
    400: InvalidError,
    FORBIDDEN: NotPermittedError,
    NOT_FOUND: NotFoundError,
    409: ConflictError,
    PRECONDITION: ConflictError,
    422: InvalidError,
    429: ServerError,
}
_LOOK = "Harbor says no more of its own failures: look at its health, and at the log of its core"
_ADVICE = {
    429: "Harbor, or what stands before it, counts requests: --max-rps keeps below its limit"
}
_TITLE = re.compile(r"<title>\s*(.{1,80}?)\s*</title>", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Response:
    """A reply, its body read."""

    status_code: int
    headers: CIMultiDictProxy[str]
    content: bytes
    sent: frozenset[str] = field(default=frozenset(), repr=False)
    """The secrets of the request, which nobody may be told."""

    @property
    def text(self) -> str:
        """The body as text."""
        return self.content.decode("utf-8", errors="replace")

    @property
    def is_error(self) -> bool:
        """Whether the status is one of failure."""
        return self.status_code >= FAILURES

    def json(self) -> Any:
        """The body as plain values; nothing is empty text.

        Raises:
            NotHarborError: the body is not JSON.
        """
        if not self.content.strip():
            return ""
        try:
            return json.loads(self.content)
        except ValueError as error:
            message = f"the reply is not JSON but {summary_of(self)}"
            raise NotHarborError(
                message, advice="is this the URL of Harbor itself, or of a proxy before it?"
            ) from error


def raise_for_status(response: Response, method: str, path: str) -> Response:
    """The response, if it is one of success.

    Raises:
        AuthenticationError: 401.
        ReplyError: any other failure, with Harbor's own message.
    """
    if not response.is_error:
        return response
    status, message = response.status_code, message_of(response)
    if status == UNAUTHORIZED:
        text = f"{method} {path}: 401 {message}"
        raise AuthenticationError(
            text, advice="check authentication, or Harbor's database: it is said of both"
        )
    default = ServerError if status >= SERVER_FAILURES else InvalidError
    advice = _LOOK if status >= SERVER_FAILURES else _ADVICE.get(status, "")
    kind = _ERRORS.get(status, default)
    raise kind(message, status=status, method=method, path=path, advice=advice)


def message_of(response: Response) -> str:
    """Harbor's own message in one line, or a few words about a reply that has none.

    Should it repeat a secret of the request, that is blotted out.
    """
    try:
        errors = json.loads(response.content)["errors"]
        message = "; ".join(str(error["message"]) for error in errors)
    except (ValueError, KeyError, TypeError):
        message = response.text
        if _is_html(response) or not message.strip():
            message = f"({summary_of(response)})"
    return " ".join(blotted(message, response.sent).split())[:LONGEST_MESSAGE]


def summary_of(response: Response) -> str:
    """What a body is that Harbor would not send, without repeating it."""
    if not response.content.strip():
        return "no message"
    if _is_html(response):
        title = _TITLE.search(response.text)
        named = ""
        if title:
            named = f' titled "{" ".join(blotted(title[1], response.sent).split())}"'
        return f"an HTML page{named}: something before Harbor answered"
    kind = response.headers.get("Content-Type", "an unnamed type")
    return f"{len(response.content)} bytes of {kind}"


def _is_html(response: Response) -> bool:
    return response.content.lstrip()[:1] == b"<"
