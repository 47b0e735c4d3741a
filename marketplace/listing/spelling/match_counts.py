"""How many tutors each of several queries finds; for spelling corrections.

Phrases count as words anywhere: only the index is asked, so that many queries cost little.
"""

from collections.abc import Sequence

from common.text import Query
from marketplace.listing.query import Filters
from marketplace.listing.statements import Statement
from marketplace.listing.statements.candidates import candidates_tsquery, needs_positions
from marketplace.listing.statements.words import exact_conditions, match_tsquery


def match_counts_statement(queries: Sequence[Query], filters: Filters, cap: int) -> Statement:
    """How many tutors each of these finds, up to `cap`."""
    conditions, values = exact_conditions(filters)
    values["queries"] = [
        (
            candidates_tsquery(words, filters)
            if needs_positions(words)
            else match_tsquery(words, filters)
        )
        for words in queries
    ]
    values["cap"] = cap
    where = " and ".join(["words @@ wanted.query::tsquery", *conditions])
    return (
        "select (select count(*) from (select from public_search"
        f" where {where} limit %(cap)s) found)::int"
        " from unnest(%(queries)s::text[]) with ordinality as wanted (query, place) order by place",
        values,
    )
