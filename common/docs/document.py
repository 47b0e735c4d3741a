"""The finishing touches of the OpenAPI document: what holds for every operation, said once."""

from collections.abc import Iterator
from typing import Any

from flask import Flask

from common.docs.errors import finish_responses, finish_shared
from common.docs.field_descriptions import describe_fields
from common.docs.front_page import front_page, in_words
from common.docs.headers import HEADERS

Json = dict[str, Any]
METHODS = ("get", "put", "post", "patch", "delete")
ENVIRONMENTS = {
    "production": "This server, in production",
    "development": "This server, for local development",
    "testing": "This server, for local tests",
}
# By whom a limit's calls are counted, as the blueprints' key functions are named.
COUNTED_BY = {
    "caller": "per user, or per address without a token",
    "address": "per address",
    "uncached read": "per user, or per address without a token, of what no cache answers",
}


def finish(document: Json, app: Flask) -> Json:
    """Complete the document in place: front page, licence, headers, limits, examples of errors."""
    info = document["info"]
    info["description"] = front_page(app)
    info["license"] = {"name": "MIT", "identifier": "MIT"}
    info["contact"] = {"name": "The tutor marketplace"}
    environment = app.config["APP_ENV"]
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
    finish_shared(components["responses"])
    for tag in document["tags"]:
        tag["name"] = _title(tag["name"])
    for path in document["paths"].values():
        for parameter in path.get("parameters", ()):
            if parameter["schema"].get("format") == "uuid":
                parameter["schema"]["maxLength"] = 36
    describe_fields(document)
    for operation in operations(document):
        operation["tags"] = [_title(tag) for tag in operation["tags"]]
        operation["summary"] = operation["summary"].strip().rstrip(".")
        _bound_array(operation)
        _describe_limits(operation, app)
        finish_responses(operation, components)
    _drop_unused_responses(document)
    return document


def operations(document: Json) -> Iterator[Json]:
    """Every operation of the document."""
    for path in document["paths"].values():
        for method, operation in path.items():
            if method in METHODS:
                yield operation


def _bound_array(operation: Json) -> None:
    """Move the `x-max-items` of an operation that answers a bare array into its schema."""
    if "x-max-items" in operation:
        content = operation["responses"]["200"]["content"]["application/json"]
        content["schema"]["maxItems"] = operation.pop("x-max-items")


def _drop_unused_responses(document: Json) -> None:
    """Drop the shared errors of which every operation has a version of its own."""
    used = {
        response["$ref"].rpartition("/")[2]
        for operation in operations(document)
        for response in operation["responses"].values()
        if "$ref" in response
    }
    shared = document["components"]["responses"]
    for name in {*shared} - used:
        del shared[name]


def _describe_limits(operation: Json, app: Flask) -> None:
    """State in the description how often the operation may be called on this server."""
    limits = operation.pop("x-limits", ())
    sentences = [
        f"{in_words(str(app.config[limit['setting']]))}"
        f" {COUNTED_BY.get(limit['key'], 'per ' + limit['key'].replace('_', ' '))}"
        for limit in limits
    ]
    if sentences:
        description = operation.get("description", "").rstrip()
        operation["description"] = f"{description}\n\n**Limit:** {'; '.join(sentences)}.".lstrip()


def _title(name: str) -> str:
    return name[:1].upper() + name[1:]
