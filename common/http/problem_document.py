"""The one body every error has: an RFC 9457 problem document."""

import uuid
from typing import Any

import orjson
from flask import Response, has_request_context, request
from werkzeug.http import HTTP_STATUS_CODES

from common.http.error_members import encodable
from common.http.problem_codes import ProblemCode, default_code

# A sentence can quote the names of a client's own fields, and those can be long.
LONGEST_DETAIL = 1000
DEFAULT_DETAILS = {
    400: "The request is not well formed.",
    404: "There is nothing at this address.",
    405: "This address does not answer that method.",
    408: "The request did not arrive in full in time.",
    413: "The request body is too large.",
    414: "The address is too long.",
    415: "The request body has a media type that is not understood here; send application/json.",
    417: "The request expects something that is not done here.",
    431: "The request's headers are too large.",
    500: "Something went wrong on our side; the request id will help us find it.",
    501: "The request body is encoded in a way that is not understood here.",
    503: "The service is busy just now; please try again shortly.",
}


def problem_response(
    status: int,
    detail: str,
    headers: Any = None,
    members: dict[str, Any] | None = None,
    code: ProblemCode | None = None,
) -> Response:
    """Build the problem document; `members` are extension members beside the standard ones."""
    body = problem_body(status, detail, instance_uri(), members, code)
    response = Response(body, status, mimetype="application/problem+json")
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
) -> bytes:
    """The document itself, as JSON."""
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTP_STATUS_CODES.get(status, "Unknown Error"),
        "status": status,
        "code": code or default_code(status),
        "detail": detail if len(detail) <= LONGEST_DETAIL else f"{detail[:LONGEST_DETAIL - 1]}…",
        "instance": instance,
        **(members or {}),
    }
    return orjson.dumps({name: encodable(value) for name, value in document.items()})


def instance_uri() -> str:
    """The request's id as a URI: `urn:uuid:…` when it is a UUID, else `urn:request:…`."""
    request_id = request.environ.get("marketplace.request_id", "") if has_request_context() else ""
    try:
        if len(request_id) == 36:
            return f"urn:uuid:{uuid.UUID(request_id)}"
    except ValueError:
        pass
    return f"urn:request:{request_id}"
