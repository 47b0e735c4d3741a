"""JSON documents of any origin, parsed within bounds of depth and number size."""

import json
import re
from typing import Any, NoReturn

import orjson

from common.http.problems.codes import ProblemCode
from common.http.problems.errors import BadRequest
from common.translation import Message, lazy_gettext, lazy_ngettext

DEEPEST_JSON = 64
# What nests deeper is not read at all: parsers give up, and what is left is refused for its depth.
DEEPEST_READ = 2 * DEEPEST_JSON
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# Values cost far more than their bytes: a megabyte of nested empty lists took seconds. No valid body has
# as many, not even of texts that are nothing but such signs.
MOST_VALUES = 50_000
BEFORE_VALUES = (b",", b"[", b"{")
# Strings, whose brackets are text, and brackets. A string without its end matches too: to look for
# the end of each in vain would take the square of the body's length.
NESTING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)
CLOSING = {b"[": b"]", b"{": b"}"}
INTEGERS_64_BIT = range(-(2**63), 2**64)
LONGEST_INTEGER_64_BIT = 20


def read_json(body: bytes, items: str | None = None) -> Any:
    """Parse a JSON document of at most DEEPEST_JSON levels and MOST_VALUES values. Raises BadRequest.

    Lone surrogates are let through, and numbers beyond a double as infinity: it is for the schema
    to name the field that holds them. So is the depth of each member of the list `items` of an
    object, where those are judged one by one.
    """
    body = body.removeprefix(BYTE_ORDER_MARK)
    # Signs within texts count too; looking closer would cost what is saved here.
    if sum(map(body.count, BEFORE_VALUES)) > MOST_VALUES:
        _refuse(
            lazy_ngettext(
                "The request body has more than {values:,} value.",
                "The request body has more than {values:,} values.",
                "values",
                values=MOST_VALUES,
            ),
            lazy_gettext("Has too many values."),
        )
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        document = _read_leniently(body)
    if is_deeper_than(_without(document, items), DEEPEST_JSON):
        _refuse(
            lazy_ngettext(
                "The request body is nested more than {levels} level deep.",
                "The request body is nested more than {levels} levels deep.",
                "levels",
                levels=DEEPEST_JSON,
            ),
            lazy_gettext("Nested too deep."),
        )
    return document


def is_deeper_than(value: Any, levels: int) -> bool:
    """Whether the objects and lists of a JSON value nest more than `levels` deep."""
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


def _without(document: Any, items: str | None) -> Any:
    if isinstance(document, dict) and isinstance(document.get(items), list):
        return {**document, items: []}
    return document


def _read_leniently(body: bytes) -> Any:
    """What orjson refuses for a lone surrogate, a large number or its depth, and for nothing else."""
    try:
        return json.loads(
            _cut_at_depth(body).decode(),
            parse_int=_integer,
            parse_constant=_refuse_constant,
        )
    except (ValueError, RecursionError):
        return _refuse(
            lazy_gettext("The request body is not well-formed JSON."),
            lazy_gettext("Invalid JSON body."),
        )


def _integer(digits: str) -> int | float:
    """As orjson has it: beyond 64 bits a float."""
    if len(digits) <= LONGEST_INTEGER_64_BIT and int(digits) in INTEGERS_64_BIT:
        return int(digits)
    return float(digits)


def _refuse_constant(name: str) -> NoReturn:
    """NaN and Infinity, which are no JSON (RFC 8259 §6)."""
    raise ValueError(name)


def _cut_at_depth(body: bytes) -> bytes:
    """The document with `0` for every object and list that is deeper than DEEPEST_READ.

    Raises ValueError when brackets do not match.
    """
    if body.count(b"[") + body.count(b"{") <= DEEPEST_READ:
        return body
    pieces: list[bytes] = []
    expected: list[bytes] = []
    start = 0
    for token in NESTING.finditer(body):
        bracket = token[0]
        if bracket in CLOSING:
            if len(expected) == DEEPEST_READ:
                pieces += [body[start : token.start()], b"0"]
            expected.append(CLOSING[bracket])
        elif not bracket.startswith(b'"'):
            if not expected or expected.pop() != bracket:
                raise ValueError(bracket)
            if len(expected) == DEEPEST_READ:
                start = token.end()
    if expected:
        raise ValueError("unclosed")
    return b"".join([*pieces, body[start:]])


def _refuse(detail: Message, message: Message) -> NoReturn:
    raise BadRequest(
        detail, code=ProblemCode.MALFORMED_JSON, errors={"json": {"_schema": [message]}}
    )
