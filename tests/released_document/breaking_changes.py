"""What in a new OpenAPI document would break a client written against an older one.

The rules are those of the usual comparers of documents (oasdiff, openapi-diff), for what this API
uses of OpenAPI 3.1. What a client sends may be narrowed by no new document, as unknown parameters
and fields are refused here; what it receives may be widened by none.
"""

from collections.abc import Iterator
from typing import Any

from tests.released_document.breaking_schemas import Direction, Schemas, compare

Json = dict[str, Any]
METHODS = ("get", "put", "post", "patch", "delete")


def breaking_changes(old: Json, new: Json) -> Iterator[tuple[str, str]]:
    """Each as the operation (`GET /api/…/`) and what broke of it."""
    schemas = Schemas(old, new)
    for path, item in old["paths"].items():
        for method in METHODS:
            if method not in item:
                continue
            name = f"{method.upper()} {path}"
            other = new["paths"].get(path, {})
            if method not in other:
                yield name, "removed"
                continue
            before, after = _whole_operation(old, item, method), _whole_operation(
                new, other, method
            )
            for change in _of_operation(before, after, schemas):
                yield name, change


def _whole_operation(document: Json, item: Json, method: str) -> Json:
    operation = item[method]
    parameters = [*item.get("parameters", ()), *operation.get("parameters", ())]
    resolved = (_resolve(document, parameter) for parameter in parameters)
    return operation | {
        "parameters": {(each["in"], each["name"]): each for each in resolved},
        "requestBody": _resolve(document, operation.get("requestBody", {})),
        "responses": {
            status: _resolve(document, response)
            for status, response in operation["responses"].items()
        },
        "security": operation.get("security", document.get("security", [])),
    }


def _resolve(document: Json, thing: Json) -> Json:
    while "$ref" in thing:
        found: Any = document
        for key in thing["$ref"].removeprefix("#/").split("/"):
            found = found[key.replace("~1", "/").replace("~0", "~")]
        thing = found
    return thing


def _of_operation(old: Json, new: Json, schemas: Schemas) -> Iterator[str]:
    yield from _of_parameters(old["parameters"], new["parameters"], schemas)
    yield from _of_body(old["requestBody"], new["requestBody"], schemas)
    yield from _of_responses(old["responses"], new["responses"], schemas)
    was_open = not old["security"] or {} in old["security"]
    if was_open and new["security"] and {} not in new["security"]:
        yield "a token has become necessary"


def _of_parameters(old: Json, new: Json, schemas: Schemas) -> Iterator[str]:
    for key, parameter in new.items():
        was_required = old.get(key, {}).get("required", False)
        if parameter.get("required", False) and not was_required:
            yield f"the parameter {key[1]} has become necessary"
    for key, parameter in old.items():
        if key not in new:
            yield f"the parameter {key[1]} is gone"
        else:
            yield from compare(
                parameter["schema"], new[key]["schema"], schemas, Direction.SENT, key[1]
            )


def _of_body(old: Json, new: Json, schemas: Schemas) -> Iterator[str]:
    if new.get("required", False) and not old.get("required", False):
        yield "a body has become necessary"
    yield from _of_content(old.get("content", {}), new.get("content", {}), schemas, Direction.SENT)


def _of_responses(old: Json, new: Json, schemas: Schemas) -> Iterator[str]:
    for status, response in old.items():
        if not status.startswith("2"):
            continue
        if status not in new:
            yield f"the answer {status} is gone"
            continue
        for header in response.get("headers", {}):
            if header not in new[status].get("headers", {}):
                yield f"the header {header} of {status} is gone"
        yield from _of_content(
            response.get("content", {}),
            new[status].get("content", {}),
            schemas,
            Direction.RECEIVED,
        )


def _of_content(old: Json, new: Json, schemas: Schemas, direction: Direction) -> Iterator[str]:
    for media_type, content in old.items():
        if media_type not in new:
            yield f"the media type {media_type} is gone"
        elif "schema" in content:
            name = "body" if direction is Direction.SENT else "answer"
            new_schema = new[media_type].get("schema", {})
            yield from compare(content["schema"], new_schema, schemas, direction, name)
