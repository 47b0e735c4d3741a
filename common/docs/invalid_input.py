"""An example of the 422 of each operation, made of the input that the operation itself has."""

from typing import Any, NamedTuple

Json = dict[str, Any]
UNKNOWN = "Unknown field."
MISSPELT = "colour"


class Fault(NamedTuple):
    """One invalid input: where it stands, the field, what is wrong with it."""

    location: str
    field: str
    message: str


def example_errors(operation: Json, components: Json) -> tuple[str, Json]:
    """`detail` and `errors` of the answer to a typical fault in the operation's input."""
    fault = _in_query(operation) or _in_body(operation, components) or _unknown("query")
    return f"{fault.field}: {fault.message}", {fault.location: {fault.field: [fault.message]}}


def _unknown(location: str) -> Fault:
    return Fault(location, MISSPELT, UNKNOWN)


def _in_query(operation: Json) -> Fault | None:
    """A number out of its range, else a parameter that does not exist."""
    parameters = [each for each in operation.get("parameters", ()) if each["in"] == "query"]
    for parameter in parameters:
        low, high = (parameter["schema"].get(limit) for limit in ("minimum", "maximum"))
        if low is not None and high is not None:
            return Fault(
                "query",
                parameter["name"],
                f"Must be greater than or equal to {low} and less than or equal to {high}.",
            )
    return _unknown("query") if parameters else None


def _in_body(operation: Json, components: Json) -> Fault | None:
    """A required field that is missing, else one that does not exist."""
    content = operation.get("requestBody", {}).get("content", {})
    if not content:
        return None
    if "multipart/form-data" in content:
        return Fault("files", "avatar", "Missing data for required field.")
    schema = next(iter(content.values()))["schema"]
    schema = components["schemas"].get(schema.get("$ref", "").rpartition("/")[2], schema)
    required = schema.get("required")
    if required:
        return Fault("json", required[0], "Missing data for required field.")
    return _unknown("json")
