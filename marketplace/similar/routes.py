"""The endpoint of similar tutors."""

from flask import Response
from marshmallow import fields

from common.http.api import Problem, ResponseSchema
from common.http.conditional import strong_etag
from common.http.problems.errors import NotFound
from common.http.schemas.fields import LARGEST_INTEGER
from common.translation import lazy_gettext
from marketplace.blueprint import NOT_MODIFIED, blueprint
from marketplace.cache.rendering import RenderedResponse, to_response
from marketplace.cache.response_cache import current_request, revalidate_or_render
from marketplace.examples import CARD, IF_NONE_MATCH, NO_SUCH_TUTOR, TUTOR_ID, VALIDATORS
from marketplace.listing.statements.cards import READ_CARD
from marketplace.similar.statement import MOST_SIMILAR, NEIGHBOURS, READ_SIMILAR
from profiles.public.privacy import TutorCardSchema
from profiles.public.replica_reads import read_public_rows


class SimilarTutorsSchema(ResponseSchema):
    """Tutors like one tutor, the likest first."""

    results = fields.List(
        fields.Nested(TutorCardSchema), required=True, metadata={"maxItems": MOST_SIMILAR}
    )


@blueprint.route("/tutors/<int:tutor_id>/similar/", parameters=[TUTOR_ID, IF_NONE_MATCH])
@blueprint.login("optional")
@blueprint.response(
    200,
    SimilarTutorsSchema,
    examples={
        "similar": {"summary": "One tutor is like the asked one", "value": {"results": [CARD]}}
    },
    headers=VALIDATORS,
)
@blueprint.alt_response(304, description=NOT_MODIFIED, headers=VALIDATORS)
@blueprint.alt_response(
    404,
    schema=Problem,
    content_type="application/problem+json",
    example=NO_SUCH_TUTOR,
    description="Unknown, not a tutor, inactive or not public: always this one answer.",
)
def list_similar(tutor_id: int) -> Response:
    """List tutors like one tutor

    Up to six cards, of those with most subjects in common first, then of the nearest in price;
    never the tutor itself.
    """

    def render(revision: int) -> RenderedResponse:
        cards = similar_cards(tutor_id) if tutor_id <= LARGEST_INTEGER else None
        if cards is None:
            raise NotFound(lazy_gettext("There is no such tutor."))
        body = b'{"results":[' + b",".join(cards) + b"]}"
        return RenderedResponse(revision, strong_etag(body), len(cards), body)

    return to_response(revalidate_or_render(*current_request(), render))


def similar_cards(tutor_id: int) -> list[bytes] | None:
    """The cards of those like the tutor; None when there is no such tutor."""
    values = {"tutor_id": tutor_id, "neighbours": NEIGHBOURS, "limit": MOST_SIMILAR}
    cards = [card for (card,) in read_public_rows(READ_SIMILAR, values)]
    return cards if cards or read_public_rows(READ_CARD, {"tutor_id": tutor_id}) else None
