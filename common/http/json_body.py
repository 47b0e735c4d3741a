"""JSON documents of any origin, parsed within bounds of depth and number size."""

from typing import Any

import orjson

from common.http.errors import BadRequest
from common.http.problem_codes import ProblemCode

DEEPEST_JSON = 64


def read_json(body: bytes) -> Any:
    """Parse a JSON document of at most DEEPEST_JSON levels. Raises BadRequest."""
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise BadRequest(
            "The request body is not well-formed JSON.",
            code=ProblemCode.MALFORMED_JSON,
            errors={"json": {"_schema": ["Invalid JSON body."]}},
        ) from None
    if _deeper_than(document, DEEPEST_JSON):
        raise BadRequest(
            f"The request body is nested more than {DEEPEST_JSON} levels deep.",
            code=ProblemCode.MALFORMED_JSON,
            errors={"json": {"_schema": ["Nested too deep."]}},
        )
    return document


def _deeper_than(value: Any, levels: int) -> bool:
    layer = [value]
    for _ in range(levels):
        layer = [
            child
            for node in layer
            if isinstance(node, dict | list)
            for child in (node.values() if isinstance(node, dict) else node)
        ]
        if not layer:
            return False
    return True
