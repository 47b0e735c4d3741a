"""The document as the page shows it: what every operation repeats is stated once, on top.

Programs read the whole document at /api/openapi.json. On the page its answers to malformed requests
would be most of what there is to read, and its examples of optional parameters would be sent
with every call that is tried out.
"""

from copy import deepcopy
from typing import Any

from common.docs.document import METHODS
from common.docs.errors import DETAILS, MEANINGS
from common.docs.headers import OF_EVERY_ANSWER, OF_LIMITED_ANSWERS

Json = dict[str, Any]
STATED_ONCE = ("400", "401", "408", "413", "414", "415", "429", "431", "500", "503")
HEADERS_TOLD_ONCE = {*OF_EVERY_ANSWER, *OF_LIMITED_ANSWERS}


def page_document(document: Json) -> Json:
    """A copy of the finished document, shortened for reading and trying out."""
    page = deepcopy(document)
    page["info"]["description"] += _shared_errors()
    # There is one server, the page's own, and nothing to choose.
    del page["servers"]
    # Browsers send the refresh cookie by themselves; there is nothing to fill in.
    page["components"]["securitySchemes"].pop("refreshCookie", None)
    for path in page["paths"].values():
        for parameter in path.get("parameters", ()):
            _show_example_beside(parameter)
        for method in METHODS:
            if method in path:
                _shorten(path[method])
    return page


def _shared_errors() -> str:
    rows = "\n".join(
        f"| {status} | {MEANINGS[int(status)]} | {DETAILS[int(status)]} |" for status in STATED_ONCE
    )
    return (
        "\n### Answers that are not repeated below\n\n"
        "Every operation can answer these where they apply: 401 where a token is sent, 413 and"
        " 415 where there is a body, 429 where there is a limit.\n\n"
        f"| status | when | `detail`, for example |\n| --- | --- | --- |\n{rows}\n"
    )


def _set_padlock(operation: Json) -> None:
    """A padlock means that the token is sent; the page would show an optional one as locked."""
    takes_token = {"bearer": []} in operation["security"]
    if takes_token and {} in operation["security"]:
        description = operation.get("description", "").rstrip()
        operation["description"] = f"{description}\n\nNeeds no token; sends it where there is one."
    operation["security"] = [{"bearer": []}] if takes_token else []


def _shorten(operation: Json) -> None:
    _set_padlock(operation)
    for status, response in [*operation["responses"].items()]:
        is_shared = "$ref" in response or response.get("description") == MEANINGS.get(int(status))
        if status in STATED_ONCE and is_shared:
            del operation["responses"][status]
            continue
        headers = response.get("headers", {})
        for name in HEADERS_TOLD_ONCE & {*headers}:
            del headers[name]
    for parameter in operation.get("parameters", ()):
        _show_example_beside(parameter)


def _show_example_beside(parameter: Json) -> None:
    """Move example and default of an optional parameter to its description: it starts empty."""
    if parameter.get("required"):
        return
    schema = parameter["schema"]
    examples = [*schema.pop("examples", ())]
    for place in (parameter, schema):
        if "example" in place:
            examples.append(place.pop("example"))
    examples += [named["value"] for named in parameter.pop("examples", {}).values()]
    parts = [parameter.get("description", "").rstrip()]
    if examples:
        parts.append("Example: " + ", ".join(f"`{_as_typed(each)}`" for each in examples) + ".")
    if schema.get("default") not in (None, ""):
        parts.append(f"Without it: `{_as_typed(schema['default'])}`.")
    schema.pop("default", None)
    parameter["description"] = " ".join(filter(None, parts))


def _as_typed(example: Any) -> str:
    if isinstance(example, list):
        return ",".join(map(str, example))
    return str(example).lower() if isinstance(example, bool) else str(example)
