"""The blueprint that every route of the marketplace is registered on."""

from common.http.api import Blueprint

blueprint = Blueprint(
    "Marketplace",
    __name__,
    url_prefix="/api/marketplace",
    description=(
        "What visitors see: active tutors whose profile is public, and of each what its owner"
        " shows. No token is needed."
    ),
)

NOT_MODIFIED = "The copy that `If-None-Match` names still holds."
