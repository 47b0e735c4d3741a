"""The parameters of the list. Its pages are described in page_schema.py, the card itself is
declared in profiles/public/privacy.py."""

from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from common.http.api import CachedQuerySchema, Schema
from common.http.pagination import DEFAULT_PAGE_SIZE, LARGEST_PAGE, LONGEST_CURSOR
from common.http.schemas.fields import Flag, Integer, Separated, Text
from common.translation import lazy_gettext
from marketplace.analytics.shown import LAST_POSITION
from marketplace.listing.query import (
    ASKABLE_ORDERINGS,
    LONGEST_SEARCH,
    OLDER_ORDERINGS,
    QUERY_ID_CHARACTERS,
    Filters,
    TutorQuery,
)
from profiles.languages import LANGUAGES
from profiles.subjects import LONGEST_CODE, subject_code

QUERY_ID_PATTERN = f"^[0-9a-f]{{{QUERY_ID_CHARACTERS}}}$"
MOST_VALUES = 20
SEARCH_NAMES = ("search", "query", "q")


def _search(**metadata: Any) -> Text:
    return Text(max=LONGEST_SEARCH, metadata=metadata)


def _is_language(code: str) -> None:
    if code.lower() not in LANGUAGES:
        raise ValidationError(lazy_gettext("Not an ISO 639-1 language code."))


class TutorFiltersSchema(CachedQuerySchema):
    """The parameters that decide who is in the list."""

    search = _search(
        description=(
            "Words in any order and any inflected form, in Ukrainian, English or Polish, the last"
            ' one also as a prefix. `"exact phrase"`, `-without`. Looks at name and headline'
            " first, then subjects, then bio."
        ),
        examples=["підготовка до НМТ"],
    )
    query = _search(description="Another name of `search`.")
    q = _search(description="Another name of `search`.")
    subject = Separated(
        Text(min=1, max=LONGEST_CODE),
        validate=validate.Length(max=MOST_VALUES),
        metadata={
            "description": (
                "A subject's code, name or alias in any of the three languages, any case."
                " Repeated or comma-separated: any of them."
            ),
            "examples": [["math"], ["english", "polish"]],
        },
    )
    price_min = Integer(metadata={"description": "Lowest hourly rate.", "examples": [200]})
    price_max = Integer(metadata={"description": "Highest hourly rate.", "examples": [500]})
    experience_min = Integer(
        metadata={"description": "Least years of experience.", "examples": [3]}
    )
    language = Separated(
        Text(min=2, max=2, validate=_is_language),
        validate=validate.Length(max=MOST_VALUES),
        metadata={
            "description": (
                "A language of teaching as an ISO 639-1 code."
                " Repeated or comma-separated: any of them."
            ),
            "examples": [["uk"]],
        },
    )
    has_certifications = Flag(
        metadata={"description": "Only tutors who show certifications, or only those who do not."}
    )

    # Beside what is wrong with single parameters, so that one answer names every fault.
    @validates_schema(skip_on_field_errors=False)
    def _one_search(self, data: dict[str, Any], **kwargs: Any) -> None:
        given = [name for name in SEARCH_NAMES if name in data]
        different = {
            name: [lazy_gettext("Says something else than `{name}`.", name=given[0])]
            for name in given[1:]
            if data[name].strip() != data[given[0]].strip()
        }
        if different:
            raise ValidationError(different)

    @validates_schema(skip_on_field_errors=False)
    def _price_range(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data.get("price_min", 0) > data.get("price_max", data.get("price_min", 0)):
            raise ValidationError(lazy_gettext("Must not be more than `price_max`."), "price_min")

    def read(self, data: dict[str, Any]) -> tuple[str, Filters]:
        """The search, and the filters with aliases resolved."""
        search = next((data[name].strip() for name in SEARCH_NAMES if name in data), "")
        return search, Filters(
            subject=tuple(sorted({subject_code(text) for text in data.get("subject", ())})),
            price_min=data.get("price_min"),
            price_max=data.get("price_max"),
            experience_min=data.get("experience_min"),
            language=tuple(sorted({code.lower() for code in data.get("language", ())})),
            has_certifications=data.get("has_certifications"),
        )


class TutorQuerySchema(TutorFiltersSchema):
    """The list's parameters."""

    ordering = fields.String(
        validate=validate.OneOf(ASKABLE_ORDERINGS),
        metadata={
            "description": (
                "Empty values come last, ties go by ascending id. Default: `relevance` with a"
                " search, else the best-filled and best-rated profiles first (see above);"
                " `relevance` without a search is that same order. Names with `__` are those of"
                " older clients."
            ),
            "examples": ["-rating"],
        },
    )
    cursor = fields.String(
        metadata={
            "description": "`next_cursor` of a page with the same filters and ordering.",
            "maxLength": LONGEST_CURSOR,
        },
    )
    page_size = Integer(
        min=1,
        max=LARGEST_PAGE,
        load_default=DEFAULT_PAGE_SIZE,
        metadata={"description": "How many cards a page has at most."},
    )
    explain = Flag(
        load_default=False,
        metadata={
            "description": "Add `class`, `matched` and `score_parts` to each row: why it stands"
            " where it does. The rows, their order and the cursors are the same."
        },
    )

    @post_load
    def _typed(self, data: dict[str, Any], **kwargs: Any) -> TutorQuery:
        search, filters = self.read(data)
        ordering = data.get("ordering")
        return TutorQuery(
            filters=filters,
            search=search,
            ordering=OLDER_ORDERINGS.get(ordering, ordering) if ordering else None,
            cursor=data.get("cursor") or None,
            page_size=data["page_size"],
            explain=data["explain"],
        )


class CardSourceSchema(Schema):
    """The list that led to a card."""

    query_id = Text(
        min=QUERY_ID_CHARACTERS,
        max=QUERY_ID_CHARACTERS,
        validate=validate.Regexp(
            QUERY_ID_PATTERN, error=lazy_gettext("Not a `query_id` of a list.")
        ),
        metadata={"description": "`query_id` of the list that the card was opened from."},
    )
    position = Integer(
        min=1,
        max=LAST_POSITION,
        metadata={"description": "The tutor's place in that list, from 1 on."},
    )


CARD_SOURCE = CardSourceSchema()

# The one that reads requests, and remembers what the latest query strings meant.
TUTOR_QUERY = TutorQuerySchema()
