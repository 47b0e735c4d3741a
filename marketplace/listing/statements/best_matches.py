"""The best tutors that a tsquery finds, in the default order; for suggestions."""

from marketplace.listing.statements import Statement
from marketplace.listing.statements.cards import with_cards
from profiles.public.search_models import TIERS


def best_matches_statement(query: str, most: int) -> Statement:
    """The cards, each after its hash, of the best that any tsquery finds, tier by tier."""
    tiers = " union all ".join(
        f"(select -score as by_score, tutor_id from public_search_{tier}"
        " where words @@ %(query)s::tsquery order by -score, tutor_id limit %(most)s)"
        for tier in TIERS
    )
    page = f"select * from ({tiers}) found limit %(most)s"
    return with_cards(page, ("by_score", "tutor_id")), {"query": query, "most": most}
