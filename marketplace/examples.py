"""Examples for the OpenAPI page of the marketplace."""

from typing import Any

from common.http.conditional import LONGEST_CONDITION
from common.http.pagination import LONGEST_URL, next_page_link
from common.http.schemas.fields import LARGEST_INTEGER
from profiles.public.score import score_parts

CARD: dict[str, Any] = {
    "id": 17,
    "full_name": "Олена Шевченко",
    "headline": "Математика без страху",
    "bio": "Готую до НМТ чотирнадцять років: спокійно, крок за кроком.",
    "avatar_url": "/media/avatars/6yq3Zk0w9m7Hc1s2.webp",
    "subjects": ["Математика", "Геометрія"],
    "certifications": ["Вчитель вищої категорії"],
    "languages": ["uk", "en"],
    "language": "uk",
    "timezone": "Europe/Kyiv",
    "hourly_rate": 420,
    "experience_years": 14,
    "rating": 4.92,
    "reviews_count": 61,
    "email": None,
    "about": "Готую до НМТ чотирнадцять років: спокійно, крок за кроком.",
    "ui_languages": ["uk", "en"],
    "subject_codes": ["math", "geometry"],
}

# The same tutor after hiding bio, avatar, subjects and certifications.
RESERVED_CARD: dict[str, Any] = CARD | {
    "bio": None,
    "about": None,
    "avatar_url": None,
    "subjects": [],
    "subject_codes": [],
    "certifications": [],
}

CURSOR = "Wh0fQmTz2yVbq1rXWzAsLTE4NiwxN10"
PAGE: dict[str, Any] = {
    "results": [CARD],
    "next": f"https://example.com/api/marketplace/tutors/?subject=math&page_size=1&cursor={CURSOR}",
    "previous": None,
    "next_cursor": CURSOR,
    "has_more": True,
    "count": 12,
    "count_capped": False,
    "did_you_mean": None,
    "query_id": "5b0f6f1b8f0d4c6e",
}
EMPTY_PAGE: dict[str, Any] = PAGE | {
    "results": [],
    "next": None,
    "next_cursor": None,
    "has_more": False,
    "count": 0,
}

EXPLAINED_CARD: dict[str, Any] = CARD | {
    "class": "title",
    "matched": ["headline", "subjects"],
    "score_parts": [part._asdict() for part in score_parts(CARD)],
}

PAGES = {
    "page": {"summary": "A first page with more to come", "value": PAGE},
    "empty": {"summary": "No tutor matches", "value": EMPTY_PAGE},
    "explained": {
        "summary": "The first page again, asked for with `search=математика` and `explain=true`",
        "value": PAGE | {"results": [EXPLAINED_CARD]},
    },
}
CARDS = {
    "open": {"summary": "A tutor who shows everything but the email", "value": CARD},
    "reserved": {"summary": "The same tutor, most of it hidden", "value": RESERVED_CARD},
}

QUERIES = """
Filters combine; of several values of one filter any will do. Examples:

| question | query |
| --- | --- |
| mathematics below 500 an hour, cheapest first | `?subject=math&price_max=500&ordering=hourly_rate` |
| English or Polish, in Ukrainian, experienced | `?subject=english,polish&language=uk&experience_min=10` |
| certified, best rated first | `?has_certifications=true&ordering=-rating` |
| words in any form, the last one still being typed | `?search=підготовка до нмт з матем` |
| an exact phrase, and a word that must not occur | `?search="native speaker" -kids` |

`count` is exact without a search. With one it is exact up to a thousand; beyond, it stays a thousand
and `count_capped` is true, as it does for moments after the service has started.
"""

NO_SUCH_TUTOR = {
    "type": "about:blank",
    "title": "Not Found",
    "status": 404,
    "detail": "There is no such tutor.",
    "instance": "urn:uuid:0b0e7f7e-53e8-4f43-a4a8-37a0c25c3ad1",
}

TUTOR_ID = {
    "in": "path",
    "name": "tutor_id",
    "description": "A card's `id`.",
    "schema": {
        "type": "integer",
        "format": "int32",
        "minimum": 1,
        "maximum": LARGEST_INTEGER,
        "example": 17,
    },
}

IF_NONE_MATCH = {
    "in": "header",
    "name": "If-None-Match",
    "description": "The `ETag` of the copy at hand; while it holds, the answer is a bodiless 304.",
    "schema": {"type": "string", "maxLength": LONGEST_CONDITION},
}
VALIDATORS = {
    "ETag": {
        "description": "Changes with every byte of the answer; send it back as `If-None-Match`.",
        "schema": {"type": "string", "maxLength": 40, "example": '"1b6f0c9d4e"'},
    },
    "Cache-Control": {
        "description": "A copy may be kept but must be revalidated: what has been hidden is gone.",
        "schema": {"type": "string", "enum": ["no-cache"]},
    },
}
LINK = {
    "Link": {
        "description": 'The neighbouring pages, `rel="next"` and `rel="prev"` (RFC 8288).',
        "schema": {"type": "string", "maxLength": 2 * LONGEST_URL},
    }
}

FROM_A_PAGE = next_page_link("listTutors") | {
    "first": {
        "operationId": "getTutor",
        "parameters": {"tutor_id": "$response.body#/results/0/id"},
        "description": "The first card's own page.",
    }
}
