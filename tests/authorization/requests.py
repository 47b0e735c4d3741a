"""One valid request for every operation of the OpenAPI document, made from the document itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.authorization.callers import Caller
from tests.factories import PASSWORD
from tests.profiles.avatars.pictures import picture
from tests.profiles.avatars.uploads import as_file

Json = dict[str, Any]
METHODS = ("get", "put", "post", "patch", "delete")


@dataclass
class Operation:
    id: str
    method: str
    path: str
    parameters: list[Json]
    body: Json


def operations(client: FlaskClient) -> Iterator[Operation]:
    document = client.get("/api/openapi.json").json
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                stated = item[method]
                parameters = [*item.get("parameters", ()), *stated.get("parameters", ())]
                body = stated.get("requestBody", {}).get("content", {})
                yield Operation(stated["operationId"], method.upper(), path, parameters, body)


def send(operation: Operation, caller: Caller, ids: Json) -> TestResponse:
    """Call the operation as `caller`, about the owner's objects where the path names any."""
    path = operation.path
    for parameter in operation.parameters:
        if parameter["in"] == "path":
            name = parameter["name"]
            assert name in ids, f"make_owner must say which {name} is hers"
            path = path.replace("{" + name + "}", str(ids[name]))
    query = {
        parameter["name"]: parameter.get("example", parameter["schema"].get("example"))
        for parameter in operation.parameters
        if parameter["in"] == "query" and parameter.get("required")
    }
    options: Json = {"query_string": query, "headers": caller.headers}
    if "multipart/form-data" in operation.body:
        options["data"] = {"avatar": as_file((picture(), "me.png"))}
        options["content_type"] = "multipart/form-data"
    elif operation.body:
        options["json"] = _body(operation, caller)
    return caller.client.open(path, method=operation.method, **options)


def _body(operation: Operation, caller: Caller) -> Any:
    """The document's first example, with the caller's own password and a new address."""
    content = operation.body["application/json"]
    examples = [named["value"] for named in content.get("examples", {}).values()]
    body = dict(content["example"] if "example" in content else examples[0])
    if "password" in body:
        body["password"] = PASSWORD
    if "current_password" in body:
        body["current_password"] = PASSWORD
    if operation.id == "logInWithPassword":
        body["email"] = caller.email
    if operation.id == "requestPasswordReset":
        # Each caller's own: one mailbox gets only so many.
        body["email"] = caller.email
    if operation.id == "registerAccount":
        body["email"] = f"new-{caller.email}"
        body["password"] = "a long walk at dusk"
    return body
