"""The one body every error has: an RFC 9457 problem document."""

import uuid
from typing import Any

import orjson
from flask import Response, has_request_context, request
from werkzeug.http import HTTP_STATUS_CODES

from common.http.problems.codes import ProblemCode, default_code
from common.http.problems.members import encodable
from common.translation import Message, lazy_gettext
from common.translation.catalogues import translate
from common.translation.negotiation import DEFAULT_LANGUAGE
from common.translation.reader import language_headers, reader_language

# A sentence can quote the names of a client's own fields, and those can be long.
LONGEST_DETAIL = 1000
DEFAULT_DETAILS = {
    400: lazy_gettext("The request is not well formed."),
    404: lazy_gettext("There is nothing at this address."),
    405: lazy_gettext("This address does not answer that method."),
    408: lazy_gettext("The request did not arrive in full in time."),
    413: lazy_gettext("The request body is too large."),
    414: lazy_gettext("The address is too long."),
    415: lazy_gettext(
        "The request body has a media type that is not understood here; send application/json."
    ),
    416: lazy_gettext("The server cannot provide the requested range."),
    417: lazy_gettext("The request expects something that is not done here."),
    431: lazy_gettext("The request's headers are too large."),
    500: lazy_gettext("Something went wrong on our side; the request id will help us find it."),
    501: lazy_gettext("The request body is encoded in a way that is not understood here."),
    503: lazy_gettext("The service is busy just now; please try again shortly."),
}


def problem_response(
    status: int,
    detail: Message,
    headers: Any = None,
    members: dict[str, Any] | None = None,
    code: ProblemCode | None = None,
) -> Response:
    """Build the problem document, in the reader's language; `members` are extension members beside
    the standard ones."""
    # Where the database is away, or who knows what has failed, it is not asked for a preference.
    may_look_up = status != 500 and code != ProblemCode.DATABASE_UNAVAILABLE
    language = reader_language(may_look_up=may_look_up)
    body = problem_body(status, detail, instance_uri(), members, code, language)
    response = Response(body, status, mimetype="application/problem+json")
    response.headers.update(language_headers(language))
    for name, value in dict(headers or {}).items():
        if name.lower() not in {"content-type", "content-length"}:
            response.headers[name] = value
    return response


def problem_body(
    status: int,
    detail: str,
    instance: str,
    members: dict[str, Any] | None = None,
    code: ProblemCode | None = None,
    language: str = DEFAULT_LANGUAGE,
) -> bytes:
    """The document itself, as JSON. Its title, `detail` and the messages of `errors` are translated."""

    def in_language(sentence: str) -> str:
        return translate(sentence, language)

    members = dict(members or {})
    if "errors" in members:
        members["errors"] = encodable(members["errors"], in_language)
    detail = in_language(detail)
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": in_language(HTTP_STATUS_CODES.get(status, "Unknown Error")),
        "status": status,
        "code": code or default_code(status),
        "detail": (detail if len(detail) <= LONGEST_DETAIL else f"{detail[:LONGEST_DETAIL - 1]}…"),
        "instance": instance,
        **members,
    }
    return orjson.dumps({name: encodable(value) for name, value in document.items()})


def instance_uri() -> str:
    """The id of the request that is being answered, as a URI."""
    found = request.environ.get("marketplace.request_id", "") if has_request_context() else ""
    return request_uri(found)


def request_uri(request_id: str) -> str:
    """A request's id as a URI: `urn:uuid:…` when it is a UUID, else `urn:request:…`."""
    try:
        if len(request_id) == 36:
            return f"urn:uuid:{uuid.UUID(request_id)}"
    except ValueError:
        pass
    return f"urn:request:{request_id}"
