"""Examples for the OpenAPI page of insights."""

from typing import Any

TUTORS_ONLY = {
    "type": "about:blank",
    "title": "Forbidden",
    "status": 403,
    "code": "forbidden",
    "detail": "Only tutors have insights.",
    "instance": "urn:uuid:0b0e7f7e-53e8-4f43-a4a8-37a0c25c3ad1",
}
INSIGHTS: dict[str, Any] = {
    "days": [
        {
            "date": "2026-02-14",
            "views": 12,
            "appearances": 340,
            "average_position": 6.4,
            "saves": None,
        },
        {
            "date": "2026-02-15",
            "views": None,
            "appearances": 96,
            "average_position": 7.1,
            "saves": None,
        },
    ],
    "queries": [
        {"query": "підготовка до нмт", "views": 9},
        {"query": "математика", "views": None},
    ],
}
