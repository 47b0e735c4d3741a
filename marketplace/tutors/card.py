"""A request for one tutor's card: read it, and say what such a request records."""

from common.database.connections.prepared_statements import KEYED_PLANS
from common.database.session import read_rows
from common.http.schemas.fields import LARGEST_INTEGER
from marketplace.analytics.shown import ShownCard
from marketplace.cache.rendering import RenderedResponse
from marketplace.listing.statements.cards import READ_CARD
from marketplace.tutors.events import view_event

CARD_RULE = "/api/marketplace/tutors/<int:tutor_id>/"


def find_card(shown: ShownCard) -> RenderedResponse | None:
    """The card and its events; None if there is no such tutor to see."""
    if shown.tutor_id > LARGEST_INTEGER:
        return None
    rows = read_rows(READ_CARD, {"tutor_id": shown.tutor_id}, KEYED_PLANS)
    if not rows:
        return None
    card, etag = rows[0]
    return RenderedResponse(
        0, etag, 1, card, rule=CARD_RULE, events=(view_event(shown),), shown=shown
    )
