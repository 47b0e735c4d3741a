"""The best tutors that may match, of whom a part of a query is then decided row by row.

Where words stand beside one another is not in the index: each row that has all of a phrase's words
must be looked into, and common words have most of the rows. So no more than a budget of them are,
best profiles first, and the answer says that it was cut short.
"""

from dataclasses import replace

from common.text import Phrase, Query, Word, query_clauses
from marketplace.listing.query import Filters
from marketplace.listing.statements.words import ANYBODY, filter_clauses
from profiles.public.search.models import TIERS

# Rows that one statement looks into: about 50 ms.
PHRASE_BUDGET = 2_000


def needs_positions(words: Query) -> bool:
    """Whether a part of the query is decided by where words stand, and not by the index alone."""
    return any(len(phrase.words) > 1 for phrase in words.phrases) or any(
        map(_is_positional, words.exclusions)
    )


def _is_positional(exclusion: Word | Phrase) -> bool:
    parts = exclusion.words if isinstance(exclusion, Phrase) else exclusion.parts
    return len(parts) > 1


def candidates_tsquery(words: Query, filters: Filters) -> str:
    """What all matches have, as the index alone can tell: phrases count as words anywhere."""
    certain = replace(
        words, exclusions=tuple(each for each in words.exclusions if not _is_positional(each))
    )
    clauses = query_clauses(certain)
    required = [clause.replace(" <-> ", " & ") for clause in clauses.required] or [ANYBODY]
    excluded = [f"!({clauses.excluded})"] if clauses.excluded else []
    return " & ".join([*required, *excluded, *filter_clauses(filters)])


def best_candidates(columns: str, condition: str, budget: str) -> str:
    """The first `budget` search rows of the condition in the default order, tier by tier."""
    tiers = " union all ".join(
        f"(select {columns} from public_search_{tier} where {condition}"
        f" order by -score, tutor_id limit {budget})"
        for tier in TIERS
    )
    return f"(select * from ({tiers}) candidates limit {budget})"
