"""The finishing touches of the OpenAPI document: what holds for every operation, said once."""

from collections.abc import Iterable, Iterator
from copy import deepcopy
from http import HTTPStatus
from pathlib import Path
from typing import Any

from werkzeug.http import HTTP_STATUS_CODES

from common.http.problem_codes import default_code

FRONT_PAGE = Path(__file__).parent / "front_page.md"

HEADERS: dict[str, dict[str, Any]] = {
    "X-Request-ID": {
        "description": "The request's id: the client's own when it sent one, else a new one.",
        "schema": {"type": "string", "maxLength": 128, "pattern": "^[A-Za-z0-9._-]+$"},
    },
    "Access-Control-Allow-Origin": {
        "description": "The asking page's origin, when it is one that may read the answer.",
        "schema": {"type": "string", "maxLength": 300},
        "example": "http://localhost:5173",
    },
    "RateLimit": {
        "description": "The tightest rate: calls left, and seconds until it is whole again.",
        "schema": {"type": "string", "maxLength": 200},
        "example": '"second";r=4;t=1',
    },
    "RateLimit-Policy": {
        "description": "All rates: calls allowed (`q`) in a window of seconds (`w`).",
        "schema": {"type": "string", "maxLength": 400},
        "example": '"second";q=5;w=1, "minute";q=30;w=60',
    },
    "Retry-After": {
        "description": "Seconds to wait before trying again.",
        "schema": {"type": "integer", "format": "int32", "minimum": 1, "maximum": 86_400},
        "example": 2,
    },
}
OF_EVERY_ANSWER = ("X-Request-ID", "Access-Control-Allow-Origin")
OF_LIMITED_ANSWERS = ("RateLimit", "RateLimit-Policy")
ASKING_TO_WAIT = ("429", "503")
# Recognised before anything is counted.
UNCOUNTED = ("401", "414", "431", "500", "503")

# What is said where nobody says it better: when it is answered, and an example of its detail.
MEANINGS = {
    400: "Malformed: the JSON, a header, the host name or a cursor",
    401: "The access token is missing, expired or broken",
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
EXAMPLE_INSTANCE = "urn:uuid:0b0e7f7e-53e8-4f43-a4a8-37a0c25c3ad1"
ENVIRONMENTS = {
    "production": "This server, in production",
    "development": "This server, for local development",
    "testing": "This server, for local tests",
}


def finish(document: dict[str, Any], environment: str) -> dict[str, Any]:
    """Complete the document in place: front page, licence, headers and examples of errors."""
    info = document["info"]
    info["description"] = FRONT_PAGE.read_text(encoding="utf-8")
    info["license"] = {"name": "MIT", "identifier": "MIT"}
    info["contact"] = {"name": "The tutor marketplace"}
    document["servers"] = [
        {
            "url": "/",
            "description": ENVIRONMENTS.get(environment, f"This server: {environment}"),
            "x-internal": False,
        }
    ]
    document.setdefault("security", [])
    components = document["components"]
    components["headers"] = HEADERS
    # flask-smorest describes its own pagination, which nothing here uses.
    components["schemas"].pop("PaginationMetadata", None)
    for name, response in components["responses"].items():
        _finish_error(HTTPStatus[name].value, response)
    for tag in document["tags"]:
        tag["name"] = _title(tag["name"])
    for path in document["paths"].values():
        for parameter in path.get("parameters", ()):
            if parameter["schema"].get("format") == "uuid":
                parameter["schema"]["maxLength"] = 36
    for operation in operations(document):
        _finish_operation(operation, components["responses"])
    return document


def operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in document["paths"].values():
        for method, operation in path.items():
            if method in {"get", "post", "patch", "put", "delete"}:
                yield operation


def _finish_operation(operation: dict[str, Any], shared: dict[str, Any]) -> None:
    operation["tags"] = [_title(tag) for tag in operation["tags"]]
    operation["summary"] = operation["summary"].strip().rstrip(".")
    responses = operation["responses"] = dict(sorted(operation["responses"].items()))
    is_limited = "429" in responses
    for status, response in [*responses.items()]:
        _add_code(status, response)
        is_counted = is_limited and status not in UNCOUNTED
        if "$ref" in response:
            if not is_counted or status == "429":
                continue
            # The shared one knows of no limit.
            response = deepcopy(shared[response["$ref"].rpartition("/")[2]])
            responses[status] = response
        names = [*OF_EVERY_ANSWER]
        names += OF_LIMITED_ANSWERS if is_counted else ()
        names += ["Retry-After"] if status in ASKING_TO_WAIT else ()
        _add_headers(response, names)


def _add_code(status: str, response: dict[str, Any]) -> None:
    """Give the examples of a problem the code of their status, where they name none."""
    content = response.get("content", {}).get("application/problem+json", {})
    named = [each["value"] for each in content.get("examples", {}).values()]
    for example in [content.get("example"), *named]:
        if isinstance(example, dict):
            example.setdefault("code", default_code(int(status)).value)


def _finish_error(status: int, response: dict[str, Any]) -> None:
    names = [*OF_EVERY_ANSWER]
    names += OF_LIMITED_ANSWERS if status == 429 else ()
    names += ["Retry-After"] if str(status) in ASKING_TO_WAIT else ()
    _add_headers(response, names)
    response["description"] = MEANINGS.get(status, response["description"])
    if status in DETAILS:
        for content in response.get("content", {}).values():
            content["example"] = {
                "type": "about:blank",
                "title": HTTP_STATUS_CODES[status],
                "status": status,
                "code": default_code(status).value,
                "detail": DETAILS[status],
                "instance": EXAMPLE_INSTANCE,
            }


def _title(name: str) -> str:
    return name[:1].upper() + name[1:]


def _add_headers(response: dict[str, Any], names: Iterable[str]) -> None:
    headers = response.setdefault("headers", {})
    for name in names:
        headers.setdefault(name, {"$ref": f"#/components/headers/{name}"})
