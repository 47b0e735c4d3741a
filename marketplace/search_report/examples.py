"""Examples for the OpenAPI page of the search report."""

from typing import Any

ADMINISTRATORS_ONLY = {
    "type": "about:blank",
    "title": "Forbidden",
    "status": 403,
    "code": "forbidden",
    "detail": "Only administrators may read this.",
    "instance": "urn:uuid:0b0e7f7e-53e8-4f43-a4a8-37a0c25c3ad1",
}
REPORT: dict[str, Any] = {
    "period": "28d",
    "queries": [
        {"query": "підготовка до нмт", "searches": 812},
        {"query": "англійська для дітей", "searches": 640},
    ],
    "without_results": [{"query": "японська каліграфія", "searches": 14}],
    "filters": [
        {"filter": "subject", "searches": 2210},
        {"filter": "price_max", "searches": 930},
    ],
    "positions": [
        {"position": 1, "appearances": 5120, "views": 940, "click_through": 0.1836},
        {"position": 2, "appearances": 5094, "views": 801, "click_through": 0.1572},
        {"position": 20, "appearances": 214, "views": None, "click_through": None},
    ],
}
