"""The best tutors that a tsquery finds, in the default order; for suggestions."""

from marketplace.listing.statements import Statement
from marketplace.listing.statements.candidates import best_candidates
from marketplace.listing.statements.cards import with_cards
from profiles.public.search.models import TIERS

SUGGESTION_BUDGET = 500


def best_matches_statement(query: str, most: int) -> Statement:
    """The cards, each after its hash, of the best that any tsquery finds, tier by tier.

    Where words must follow one another, they are looked for among the best candidates alone.
    """
    if " <-> " in query:
        source = best_candidates(
            "score, tutor_id, words", "words @@ %(candidates)s::tsquery", "%(budget)s"
        )
        page = (
            f"select -score as by_score, tutor_id from {source} candidates"
            " where words @@ %(query)s::tsquery order by by_score, tutor_id limit %(most)s"
        )
        values = {
            "query": query,
            "candidates": query.replace(" <-> ", " & "),
            "budget": SUGGESTION_BUDGET,
            "most": most,
        }
        return with_cards(page, ("by_score", "tutor_id")), values
    tiers = " union all ".join(
        f"(select -score as by_score, tutor_id from public_search_{tier}"
        " where words @@ %(query)s::tsquery order by -score, tutor_id limit %(most)s)"
        for tier in TIERS
    )
    page = f"select * from ({tiers}) found limit %(most)s"
    return with_cards(page, ("by_score", "tutor_id")), {"query": query, "most": most}
