"""The finishing touches of the OpenAPI document: what holds for every operation, said once."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

FRONT_PAGE = Path(__file__).parent / "front_page.md"

REQUEST_ID_HEADER = {
    "description": "The request's id: the client's own when it sent one, else a new one.",
    "schema": {"type": "string", "maxLength": 128, "pattern": "^[A-Za-z0-9._-]+$"},
}
RATE_LIMIT_HEADERS = {
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
}
RETRY_AFTER = {
    "description": "Seconds to wait before trying again.",
    "schema": {"type": "integer", "format": "int32", "minimum": 1, "maximum": 86_400},
    "example": 2,
}
EXAMPLES: dict[str, tuple[str, str]] = {
    "400": ("Bad Request", "The request body is not well-formed JSON."),
    "401": ("Unauthorized", "The access token has expired; refresh it or log in again."),
    "403": ("Forbidden", "This is not allowed."),
    "404": ("Not Found", "There is nothing at this address."),
    "409": ("Conflict", "This email is already registered."),
    "412": (
        "Precondition Failed",
        "The resource has changed since you read it; read it again before you write.",
    ),
    "413": ("Request Entity Too Large", "The request body is too large."),
    "415": ("Unsupported Media Type", "The request body must be application/json."),
    "422": (
        "Unprocessable Entity",
        "page_size: Must be greater than or equal to 1 and less than or equal to 100.",
    ),
    "429": ("Too Many Requests", "Too many requests; please wait 1 second and try again."),
    "503": (
        "Service Unavailable",
        "The database is away for the moment; please try again shortly.",
    ),
}
EXAMPLE_INSTANCE = "urn:uuid:0b0e7f7e-53e8-4f43-a4a8-37a0c25c3ad1"


def finish(document: dict[str, Any]) -> dict[str, Any]:
    """Complete the document in place: front page, licence, headers and examples of errors."""
    info = document["info"]
    info["description"] = FRONT_PAGE.read_text(encoding="utf-8")
    info["license"] = {"name": "MIT", "identifier": "MIT"}
    info["contact"] = {"name": "The tutor marketplace"}
    document["servers"] = [{"url": "/", "description": "This server"}]
    document.setdefault("security", [])
    # flask-smorest describes its own pagination, which nothing here uses.
    document["components"]["schemas"].pop("PaginationMetadata", None)
    for name, response in document.get("components", {}).get("responses", {}).items():
        _finish_error(name, response)
    for operation in operations(document):
        _finish_operation(operation)
    return document


def operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in document["paths"].values():
        for method, operation in path.items():
            if method in {"get", "post", "patch", "put", "delete"}:
                yield operation


def _finish_operation(operation: dict[str, Any]) -> None:
    limited = "429" in operation["responses"]
    for status, response in operation["responses"].items():
        if "$ref" in response:
            continue
        headers = response.setdefault("headers", {})
        headers.setdefault("X-Request-ID", REQUEST_ID_HEADER)
        if limited:
            for name, header in RATE_LIMIT_HEADERS.items():
                headers.setdefault(name, header)
        if status in {"429", "503"}:
            headers.setdefault("Retry-After", RETRY_AFTER)


def _finish_error(name: str, response: dict[str, Any]) -> None:
    headers = response.setdefault("headers", {})
    headers["X-Request-ID"] = REQUEST_ID_HEADER
    if name in {"TOO_MANY_REQUESTS", "SERVICE_UNAVAILABLE"}:
        headers["Retry-After"] = RETRY_AFTER
    if name == "TOO_MANY_REQUESTS":
        headers.update(RATE_LIMIT_HEADERS)
    for content in response.get("content", {}).values():
        for status, (title, detail) in EXAMPLES.items():
            if title.upper().replace(" ", "_") == name:
                content["example"] = {
                    "type": "about:blank",
                    "title": title,
                    "status": int(status),
                    "detail": detail,
                    "instance": EXAMPLE_INSTANCE,
                }
