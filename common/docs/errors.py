"""Errors in the OpenAPI document: when each is answered, its headers, and an example of it."""

from collections.abc import Iterable
from copy import deepcopy
from http import HTTPStatus
from typing import Any

from werkzeug.http import HTTP_STATUS_CODES

from common.docs.headers import OF_EVERY_ANSWER, OF_LIMITED_ANSWERS, OF_PROBLEMS
from common.docs.invalid_input import example_errors
from common.http.problems.codes import ProblemCode, default_code

Json = dict[str, Any]
PROBLEM = "application/problem+json"
ASKING_TO_WAIT = ("429", "503")
# Recognised before anything is counted.
UNCOUNTED = ("401", "408", "414", "431", "500", "503")
# What is said where nobody says it better: when it is answered, and an example of its detail.
MEANINGS = {
    400: "Malformed: the JSON, a header, the host name or a cursor",
    401: "The access token is missing, expired or broken",
    408: "The request did not arrive in full in time",
    413: "The body is too large",
    414: "The address is too long",
    415: "The body has another media type",
    422: "Invalid values, or fields or parameters that do not exist",
    429: "Beyond the limit",
    431: "The headers are too large",
    500: "A fault of ours",
    503: "The database is away for the moment",
}
DETAILS = {
    400: "The request is not well formed.",
    401: "The access token has expired; refresh it or log in again.",
    403: "This is not allowed.",
    404: "There is nothing at this address.",
    405: "This address does not answer that method.",
    408: "The request did not arrive in full in time.",
    409: "This email is already registered.",
    412: "The resource has changed since you read it; read it again before you write.",
    413: "The request body is too large.",
    414: "The address is too long.",
    415: "The request body must be application/json.",
    422: "page_size: Must be greater than or equal to 1 and less than or equal to 100.",
    429: "Too many requests; please wait 1 second and try again.",
    431: "The request's headers are too large.",
    500: "Something went wrong on our side; the request id will help us find it.",
    503: "The database is away for the moment; please try again shortly.",
}
# Of these examples, where the status alone would name another code.
CODES = {
    401: ProblemCode.EXPIRED_TOKEN,
    409: ProblemCode.EMAIL_TAKEN,
    503: ProblemCode.DATABASE_UNAVAILABLE,
}
EXAMPLE_INSTANCE = "urn:uuid:0b0e7f7e-53e8-4f43-a4a8-37a0c25c3ad1"


def finish_shared(responses: Json) -> None:
    """Complete the errors that operations refer to."""
    for name, response in responses.items():
        status = HTTPStatus[name].value
        _add_headers(response, _header_names(str(status), is_limited=status == 429))
        response["description"] = MEANINGS.get(status, response["description"])
        if status in DETAILS:
            for content in response.get("content", {}).values():
                content["example"] = problem(status, DETAILS[status])


def finish_responses(operation: Json, components: Json) -> None:
    """Complete the operation's answers in place: their order, headers, codes and examples."""
    responses = operation["responses"] = dict(sorted(operation["responses"].items()))
    is_limited = "429" in responses
    for status, response in [*responses.items()]:
        is_counted = is_limited and status not in UNCOUNTED
        if "$ref" in response:
            if status != "422" and (not is_counted or status == "429"):
                continue
            # The shared one knows of no limit, and of no operation's own fields.
            name = response["$ref"].rpartition("/")[2]
            response = responses[status] = deepcopy(components["responses"][name])
            if status == "422":
                detail, errors = example_errors(operation, components)
                response["content"][PROBLEM]["example"] = problem(422, detail, errors=errors)
        _add_code(status, response)
        _add_headers(response, _header_names(status, is_counted))


def problem(status: int, detail: str, **extensions: Any) -> Json:
    """A problem document as the service answers it."""
    return {
        "type": "about:blank",
        "title": HTTP_STATUS_CODES[status],
        "status": status,
        "code": CODES.get(status, default_code(status)).value,
        "detail": detail,
        "instance": EXAMPLE_INSTANCE,
    } | extensions


def _header_names(status: str, is_limited: bool) -> Iterable[str]:
    yield from OF_EVERY_ANSWER
    if int(status) >= 400:
        yield from OF_PROBLEMS
    if is_limited:
        yield from OF_LIMITED_ANSWERS
    if status in ASKING_TO_WAIT:
        yield "Retry-After"


def _add_headers(response: Json, names: Iterable[str]) -> None:
    headers = response.setdefault("headers", {})
    for name in names:
        headers.setdefault(name, {"$ref": f"#/components/headers/{name}"})


def _add_code(status: str, response: Json) -> None:
    """Give the examples of a problem the code of their status, where they name none."""
    content = response.get("content", {}).get(PROBLEM, {})
    named = [each["value"] for each in content.get("examples", {}).values()]
    for example in [content.get("example"), *named]:
        if isinstance(example, dict):
            example.setdefault("code", default_code(int(status)).value)
