"""What the facets take and answer."""

from typing import Any

from marshmallow import fields, post_load

from common.http.api import ResponseSchema
from marketplace.facets.groups import EXPERIENCE_STEPS, MOST_BARS
from marketplace.facets.statements import MOST_SUBJECTS
from marketplace.listing.query import TutorQuery
from marketplace.tutors.schemas import TutorFiltersSchema
from profiles.languages import LANGUAGES
from profiles.models import HIGHEST_RATE
from profiles.subjects import LONGEST_CODE


class FacetQuerySchema(TutorFiltersSchema):
    """The list's filters."""

    @post_load
    def _typed(self, data: dict[str, Any], **kwargs: Any) -> TutorQuery:
        search, filters = self.read(data)
        return TutorQuery(filters=filters, search=search)


# The one that reads requests, and remembers what the latest query strings meant.
FACET_QUERY = FacetQuerySchema()


def _number(description: str, highest: int = 2_147_483_647, **options: Any) -> fields.Integer:
    metadata = {"description": description, "format": "int32", "minimum": 0, "maximum": highest}
    return fields.Integer(required=True, metadata=metadata, **options)


def _count() -> fields.Integer:
    return _number("How many tutors it leaves, together with every filter of the other groups.")


def _text(longest: int, description: str) -> fields.String:
    return fields.String(required=True, metadata={"maxLength": longest, "description": description})


class SubjectLabelSchema(ResponseSchema):
    """A subject's name in each language; one outside the catalogue has only its own."""

    uk = _text(LONGEST_CODE, "In Ukrainian.")
    en = _text(LONGEST_CODE, "In English.")
    pl = _text(LONGEST_CODE, "In Polish.")


class SubjectFacetSchema(ResponseSchema):
    """Tutors of one subject."""

    code = _text(
        LONGEST_CODE,
        "The catalogue's code; of a subject outside it, its own normalised text. Each is a value"
        " for `subject`.",
    )
    label = fields.Nested(SubjectLabelSchema, required=True)
    count = _count()


class LanguageFacetSchema(ResponseSchema):
    """Tutors who teach in one language."""

    code = _text(2, "ISO 639-1.")
    count = _count()


class PriceBarSchema(ResponseSchema):
    """Tutors within a range of prices."""

    from_ = _number("The lowest price of the bar.", HIGHEST_RATE, data_key="from")
    to = _number("The highest price of the bar.", 10 * HIGHEST_RATE)
    count = _count()


class PriceFacetSchema(ResponseSchema):
    """The prices of those who name one."""

    min = _number("The lowest price; null when no tutor names one.", HIGHEST_RATE, allow_none=True)
    max = _number("The highest price.", HIGHEST_RATE, allow_none=True)
    histogram = fields.List(
        fields.Nested(PriceBarSchema),
        required=True,
        metadata={"maxItems": MOST_BARS, "description": "Bars of one width, without gaps."},
    )


class ExperienceFacetSchema(ResponseSchema):
    """Tutors with at least so many years."""

    min = _number("A value for `experience_min`.", 80)
    count = _count()


class CertificationFacetSchema(ResponseSchema):
    """Tutors who show certifications, and who do not."""

    true = _count()
    false = _count()


class FacetsSchema(ResponseSchema):
    """What each further choice would leave."""

    subjects = fields.List(
        fields.Nested(SubjectFacetSchema),
        required=True,
        metadata={"maxItems": MOST_SUBJECTS, "description": "The most taught first."},
    )
    languages = fields.List(
        fields.Nested(LanguageFacetSchema), required=True, metadata={"maxItems": len(LANGUAGES)}
    )
    price = fields.Nested(PriceFacetSchema, required=True)
    experience = fields.List(
        fields.Nested(ExperienceFacetSchema),
        required=True,
        metadata={"maxItems": len(EXPERIENCE_STEPS)},
    )
    has_certifications = fields.Nested(CertificationFacetSchema, required=True)
    count_capped = fields.Boolean(
        required=True,
        metadata={
            "description": "Whether a search has so many matches that only the best profiles of"
            " them were counted."
        },
    )
