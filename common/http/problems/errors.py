"""The exceptions that domain code raises, each with a sentence for the person who reads it.

Only this package knows status numbers: a domain raises `NotFound("…")`.
"""

from typing import Any

from common.http.problems.codes import ProblemCode
from common.translation import Message, lazy_gettext
from common.translation.third_party_messages import recognize

RETRY_AFTER_SECONDS = 2
NOT_VALID = lazy_gettext("The value is not valid.")


class Problem(Exception):
    """Base of all errors a client sees. `detail` is one readable sentence, marked for translation by
    `lazy_gettext`; `headers` and `members` are added to the response and to the document. Without a
    `code`, the status has one."""

    status = 500

    def __init__(
        self,
        detail: Message,
        *,
        code: ProblemCode | None = None,
        headers: dict[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code
        self.headers = headers or {}
        self.members = members


class BadRequest(Problem):
    status = 400


class Unauthorized(Problem):
    status = 401


class Forbidden(Problem):
    status = 403


class NotFound(Problem):
    status = 404


class Conflict(Problem):
    status = 409


class PreconditionFailed(Problem):
    status = 412


class PayloadTooLarge(Problem):
    status = 413


class UnsupportedMediaType(Problem):
    status = 415


class PreconditionRequired(Problem):
    status = 428


class Unavailable(Problem):
    """The service cannot do this now; the client may try again."""

    status = 503

    def __init__(
        self,
        detail: Message,
        retry_after: int = RETRY_AFTER_SECONDS,
        code: ProblemCode = ProblemCode.BUSY,
    ) -> None:
        super().__init__(detail, code=code, headers={"Retry-After": str(retry_after)})


class Invalid(Problem):
    """Values that break a rule. `errors` is nested as the input is: {field: [messages]}, each
    message marked for translation or a library's own."""

    status = 422

    def __init__(self, errors: dict[str, Any], location: str = "json") -> None:
        super().__init__(first_sentence(errors), errors={location: errors})


def first_sentence(errors: Any) -> Message:
    """The first of the messages, with the path of its field, as one sentence."""
    path: list[str] = []
    found = errors
    while isinstance(found, dict) and found:
        key, found = next(iter(found.items()))
        if key != "_schema":
            path.append(str(key))
    message = _as_message(found[0]) if isinstance(found, list) and found else NOT_VALID
    if not path:
        return message
    return Message("{path}: {message}", values={"path": ".".join(path), "message": message})


def _as_message(sentence: Any) -> Message:
    return sentence if isinstance(sentence, Message) else recognize(str(sentence))
