"""Schemas of saved tutors and saved searches."""

from typing import Any

from marshmallow import ValidationError, fields
from marshmallow.validate import Length

from common.http.api import ResponseSchema, Schema
from common.http.pagination import DEFAULT_PAGE_SIZE, LARGEST_PAGE, LONGEST_CURSOR, LONGEST_URL
from common.http.schemas.fields import BodyFlag, Integer, Text, Timestamp
from common.translation import lazy_gettext
from marketplace.saved.new_tutors import CONSIDERED, COUNTED_UP_TO
from marketplace.saved.query import read_saved_query
from profiles.accounts.fields.text import ONE_VISIBLE_LINE, is_visible_line
from profiles.public.privacy import TutorCardSchema
from profiles.saved.models import LONGEST_SEARCH_NAME, LONGEST_SEARCH_QUERY, MOST_SAVED_SEARCHES

QUERY = (
    "A query string of `GET /api/marketplace/tutors/`, without the question mark and without"
    " `cursor`; empty: all tutors."
)


class SavedTutorsQuery(Schema):
    """Which page of the saved tutors."""

    cursor = Text(max=LONGEST_CURSOR)
    page_size = Integer(min=1, max=LARGEST_PAGE, load_default=DEFAULT_PAGE_SIZE)


class SavedTutorPage(ResponseSchema):
    """Cards of saved tutors, the latest saved first."""

    results = fields.List(
        fields.Nested(TutorCardSchema), required=True, validate=Length(max=LARGEST_PAGE)
    )
    next = Text(max=LONGEST_URL, required=True, allow_none=True, metadata={"format": "uri"})
    previous = Text(max=LONGEST_URL, required=True, allow_none=True, metadata={"format": "uri"})
    next_cursor = Text(max=LONGEST_CURSOR, required=True, allow_none=True)
    has_more = BodyFlag(required=True)


class SearchName(Text):
    """One line that is not blank, without white space around it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min=1, max=LONGEST_SEARCH_NAME, **kwargs)
        self.metadata = {"pattern": ONE_VISIBLE_LINE.pattern, **self.metadata}

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        name = super()._deserialize(value, *args, **kwargs)
        # Length is checked before stripping too, so that the documented length is the one enforced.
        self._validate(name)
        if not is_visible_line(name):
            raise ValidationError(lazy_gettext("Must be one line of text that is not blank."))
        return name.strip()


class SearchQuery(Text):
    """A query string that the list of tutors would answer."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max=LONGEST_SEARCH_QUERY, **kwargs)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        query = super()._deserialize(value, *args, **kwargs)
        self._validate(query)
        query = query.removeprefix("?")
        read_saved_query(query)
        return query


class NewSavedSearch(Schema):
    """A name, and a query of the list."""

    name = SearchName(required=True, metadata={"description": "What its owner calls it."})
    query = SearchQuery(required=True, metadata={"description": QUERY})


class SavedSearch(ResponseSchema):
    """A query of the list, and how many tutors are new to it."""

    id = fields.UUID(required=True, metadata={"maxLength": 36})
    name = Text(max=LONGEST_SEARCH_NAME, required=True, metadata={"description": "Its name."})
    query = Text(max=LONGEST_SEARCH_QUERY, required=True, metadata={"description": QUERY})
    new_count = Integer(
        max=COUNTED_UP_TO,
        required=True,
        allow_none=True,
        metadata={
            "description": (
                "How many of the tutors whom the query finds have registered since"
                f" `last_looked_at`: counted up to {COUNTED_UP_TO}, among the {CONSIDERED:,} who"
                " registered last. Null where the list no longer takes the query."
            )
        },
    )
    last_looked_at = Timestamp(
        required=True,
        metadata={"description": "When it was saved, or last marked as looked at; UTC."},
    )


class SavedSearches(ResponseSchema):
    """The caller's saved searches, the latest saved first."""

    results = fields.List(
        fields.Nested(SavedSearch), required=True, validate=Length(max=MOST_SAVED_SEARCHES)
    )
