"""What a visitor asks of the list, as typed values; knows neither HTTP nor SQL."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from hashlib import blake2b
from typing import Any

import orjson
from sqlalchemy.util import memoized_property

from common.http.pagination import DEFAULT_PAGE_SIZE
from common.text import Query, parse_query

# Matches are counted up to this number.
COUNTED_UP_TO = 1000
QUERY_ID_CHARACTERS = 16
# In characters.
LONGEST_SEARCH = 100
BEST = "best"
RELEVANCE = "relevance"
# Each ordering's column of ascending keys (profiles.public.models.SORT_KEYS).
ORDERINGS: Mapping[str, str] = {
    BEST: "by_score",
    "rating": "by_rating",
    "-rating": "by_rating_desc",
    "hourly_rate": "by_rate",
    "-hourly_rate": "by_rate_desc",
    "experience_years": "by_experience",
    "-experience_years": "by_experience_desc",
    "newest": "by_newest",
}
# Names that older clients send.
OLDER_ORDERINGS: Mapping[str, str] = {
    "settings__hourly_rate": "hourly_rate",
    "-settings__hourly_rate": "-hourly_rate",
    "settings__experience_years": "experience_years",
    "-settings__experience_years": "-experience_years",
    "tutor_profile__rating": "rating",
    "-tutor_profile__rating": "-rating",
}
ASKABLE_ORDERINGS = (
    RELEVANCE,
    *(name for name in ORDERINGS if name != BEST),
    *OLDER_ORDERINGS,
)


@dataclass(frozen=True)
class Filters:
    """Who may be in the list. Every member left out is None or empty."""

    subject: tuple[str, ...] = ()
    price_min: int | None = None
    price_max: int | None = None
    experience_min: int | None = None
    language: tuple[str, ...] = ()
    has_certifications: bool | None = None
    # Those who pass all of the others, where they are few and known: no parameter of a request.
    tutor_ids: tuple[int, ...] | None = None

    @memoized_property
    def given(self) -> Mapping[str, Any]:
        """The filters that are set, by the names of their parameters."""
        values = ((name, getattr(self, name)) for name in PARAMETERS)
        return {name: value for name, value in values if value is not None and value != ()}


PARAMETERS = tuple(field.name for field in fields(Filters) if field.name != "tutor_ids")


@dataclass(frozen=True)
class TutorQuery:
    """One request for the list. `ordering` is None where the client names none."""

    filters: Filters = Filters()
    search: str = ""
    ordering: str | None = None
    cursor: str | None = None
    page_size: int = DEFAULT_PAGE_SIZE
    # Whether each row says why it stands where it does; it stands there either way.
    explain: bool = False

    @memoized_property
    def words(self) -> Query:
        return parse_query(self.search)

    @memoized_property
    def order(self) -> str:
        """The ordering in force. Nothing is more relevant than another where nothing is sought."""
        seeks = not (self.words.is_empty or self.words.only_excludes)
        if self.ordering not in (None, RELEVANCE):
            return str(self.ordering)
        return RELEVANCE if seeks else BEST

    @property
    def is_by_relevance(self) -> bool:
        """Whether words decide the order, or the query does nothing but exclude words."""
        return self.order in (RELEVANCE, BEST) and not self.words.is_empty

    @memoized_property
    def scope(self) -> str:
        """What a cursor is bound to: everything that decides which rows stand where.

        The number goes up when an ordering's keys change, so that no older cursor is misread.
        """
        identity = [self.order, self.search, self.filters.given]
        return "tutors/3 " + orjson.dumps(identity).decode()

    @memoized_property
    def query_id(self) -> str:
        """A name of the question, the same for all who ask it; pages of one list share it."""
        digest = blake2b(self.scope.encode(), digest_size=QUERY_ID_CHARACTERS // 2)
        return digest.hexdigest()

    @memoized_property
    def is_default_page(self) -> bool:
        """Whether this is the list everybody sees first, whose content is cached."""
        return self == TutorQuery()
