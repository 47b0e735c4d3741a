"""Examples for the OpenAPI page of saved tutors and searches."""

from typing import Any

from marketplace.examples import CARD, NO_SUCH_TUTOR
from profiles.saved.searches import FULL as SEARCHES_FULL
from profiles.saved.searches import NO_SUCH_SEARCH as NO_SUCH_SEARCH_DETAIL
from profiles.saved.tutors import FULL as TUTORS_FULL

CURSOR = "c1hQ2mTz0yVbq1rXWzAsLTE4NiwxN10"
SAVED_PAGE: dict[str, Any] = {
    "results": [CARD],
    "next": f"https://example.com/api/me/saved-tutors/?page_size=1&cursor={CURSOR}",
    "previous": None,
    "next_cursor": CURSOR,
    "has_more": True,
}
SAVED_PAGES = {
    "page": {"summary": "The tutor saved last, and there are more", "value": SAVED_PAGE},
    "empty": {
        "summary": "Nobody is saved, or nobody of them is listed",
        "value": SAVED_PAGE | {"results": [], "next": None, "next_cursor": None, "has_more": False},
    },
}

NEW_SEARCHES = {
    "filters": {
        "summary": "Mathematics up to 500 an hour",
        "value": {"name": "Математика до 500 ₴", "query": "subject=math&price_max=500"},
    },
    "words": {
        "summary": "Words, as a browser writes them behind the question mark",
        "value": {
            "name": "НМТ",
            "query": "search=%D0%BF%D1%96%D0%B4%D0%B3%D0%BE%D1%82%D0%BE%D0%B2%D0%BA%D0%B0+%D0%9D%D0%9C%D0%A2",
        },
    },
}
SEARCH: dict[str, Any] = {
    "id": "2f6d2a0e-5f0b-4f0e-9d39-0d3a6f0c1b52",
    "name": "Математика до 500 ₴",
    "query": "subject=math&price_max=500",
    "new_count": 0,
    "last_looked_at": "2026-02-14T18:31:00.000000Z",
}
SEARCHES = {"results": [SEARCH | {"new_count": 3}]}


def _problem(status: int, title: str, detail: str, **members: Any) -> dict[str, Any]:
    rest = {"status": status, "title": title, "detail": detail, **members}
    return NO_SUCH_TUTOR | rest


FULL_OF_TUTORS = _problem(409, "Conflict", TUTORS_FULL, code="saved_limit_reached")
FULL_OF_SEARCHES = _problem(409, "Conflict", SEARCHES_FULL, code="saved_limit_reached")
NO_SUCH_SEARCH = _problem(404, "Not Found", NO_SUCH_SEARCH_DETAIL, code="not_found")
INVALID_SEARCH = _problem(
    422,
    "Unprocessable Entity",
    "query.price_min: Must not be more than `price_max`.",
    code="invalid_values",
    errors={"json": {"query": {"price_min": ["Must not be more than `price_max`."]}}},
)
