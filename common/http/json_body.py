"""JSON documents of any origin, parsed within bounds of depth and number size."""

import json
import re
from typing import Any, NoReturn

import orjson

from common.http.errors import BadRequest
from common.http.problem_codes import ProblemCode

DEEPEST_JSON = 64
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# An escape that may be half of a character beyond U+FFFF, as JavaScript writes of a text it cut.
SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def read_json(body: bytes) -> Any:
    """Parse a JSON document of at most DEEPEST_JSON levels. Raises BadRequest.

    Lone surrogates are let through: it is for the schema to name the field that holds them.
    """
    body = body.removeprefix(BYTE_ORDER_MARK)
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        document = _read_with_surrogates(body)
    if _deeper_than(document, DEEPEST_JSON):
        _refuse(
            f"The request body is nested more than {DEEPEST_JSON} levels deep.", "Nested too deep."
        )
    return document


def _read_with_surrogates(body: bytes) -> Any:
    """What orjson refuses for a lone surrogate, and for nothing else."""
    if SURROGATE.search(body):
        try:
            # The same text with the surrogates' escapes made harmless must satisfy orjson, which
            # is stricter than the standard library about everything else.
            orjson.loads(SURROGATE.sub(rb"\\u00", body))
            return json.loads(body.decode())
        except (ValueError, RecursionError):
            pass
    return _refuse("The request body is not well-formed JSON.", "Invalid JSON body.")


def _refuse(detail: str, message: str) -> NoReturn:
    raise BadRequest(
        detail, code=ProblemCode.MALFORMED_JSON, errors={"json": {"_schema": [message]}}
    )


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
