"""The headers that answers share, described once."""

from typing import Any

from common.translation.negotiation import LANGUAGES

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
    "Content-Language": {
        "description": "The language of `detail` and of the messages: `Accept-Language`'s choice, else"
        " the signed-in person's, else English.",
        "schema": {"type": "string", "enum": [*LANGUAGES]},
        "example": "en",
    },
    "Retry-After": {
        "description": "Seconds to wait before trying again.",
        "schema": {
            "type": "integer",
            "format": "int32",
            "minimum": 1,
            "maximum": 86_400,
        },
        "example": 2,
    },
}
OF_PROBLEMS = ("Content-Language",)
OF_EVERY_ANSWER = ("X-Request-ID", "Access-Control-Allow-Origin")
OF_LIMITED_ANSWERS = ("RateLimit", "RateLimit-Policy")
