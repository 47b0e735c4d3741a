"""How many tutors are new to a saved search: found by it, and registered since it was looked at.

It reads public rows alone, by the filters and words of the list itself, so it can tell nothing that
the list does not. However many tutors there are, a count looks at the latest CONSIDERED of them.
"""

from dataclasses import replace
from datetime import datetime

from common.database.session import read_rows
from marketplace.listing.query import TutorQuery
from marketplace.listing.statements import Statement
from marketplace.listing.statements.filters import source_of
from marketplace.listing.statements.words import match_condition
from profiles.public.row import EPOCH, MICROSECOND

COUNTED_UP_TO = 100
# Some 10 ms of PostgreSQL for words that nobody of them has, 0.3 ms for filters alone.
CONSIDERED = 1_000
ORDER = "by_newest, tutor_id"
HORIZON = """
    select max(by_newest) from (
        select by_newest from public_tutors order by by_newest limit %(considered)s) latest"""


def read_horizon(considered: int = CONSIDERED) -> int | None:
    """Where in the order of registration the latest tutors to be considered end; None without any."""
    horizon: int | None = read_rows(HORIZON, {"considered": considered})[0][0]
    return horizon


def count_new(query: TutorQuery, since: datetime, horizon: int | None) -> int:
    """How many tutors within the horizon the query finds who registered after `since`, up to
    COUNTED_UP_TO. Raises psycopg2.Error."""
    if horizon is None:
        return 0
    # Keys are negated microseconds: the latest registered has the smallest.
    oldest = min(horizon, -((since - EPOCH) // MICROSECOND) - 1)
    number: int = read_rows(*new_statement(query, oldest))[0][0]
    return number


def new_statement(query: TutorQuery, oldest: int) -> Statement:
    """The number of tutors found whose place in the order of registration is `oldest` or before."""
    newest = replace(query, ordering="newest", cursor=None)
    source = source_of(newest)
    values = {**source.values, "oldest": oldest, "most": COUNTED_UP_TO}
    has_words, walked = "true", "%(most)s"
    if not query.words.is_empty:
        condition, words = match_condition(newest)
        has_words = f"(select {condition} from public_search search where search.tutor_id = walked.tutor_id)"
        values |= words | {"considered": CONSIDERED}
        walked = "%(considered)s"
    walk = source.walk(ORDER, walked, "by_newest <= %(oldest)s")
    statement = f"""
        select count(*)::int from (
            select from {walk} walked where {has_words} limit %(most)s) found"""
    return statement, values
