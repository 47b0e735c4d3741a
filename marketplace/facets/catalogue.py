"""The catalogue of subjects, for clients that offer them to choose from."""

import orjson
from flask import Response
from marshmallow import fields

from common.http.conditional import not_modified, strong_etag, with_etag
from common.http.schemas.base import ResponseSchema
from marketplace.blueprint import NOT_MODIFIED, blueprint
from marketplace.examples import IF_NONE_MATCH, VALIDATORS
from marketplace.facets.schemas import SubjectLabelSchema
from profiles.subjects import LONGEST_CODE, SUBJECTS

MOST_ALIASES = max(len(subject.aliases) for subject in SUBJECTS.values())
CATALOGUE = {
    "results": [
        {
            "code": subject.code,
            "label": dict(subject.names),
            "aliases": list(subject.aliases),
        }
        for subject in SUBJECTS.values()
    ]
}
BODY = orjson.dumps(CATALOGUE)
ETAG = strong_etag(BODY)


class SubjectSchema(ResponseSchema):
    """A subject of the catalogue."""

    code = fields.String(
        required=True,
        metadata={"maxLength": LONGEST_CODE, "description": "A value for the filter `subject`."},
    )
    label = fields.Nested(SubjectLabelSchema, required=True)
    aliases = fields.List(
        fields.String(metadata={"maxLength": LONGEST_CODE}),
        required=True,
        metadata={
            "maxItems": MOST_ALIASES,
            "description": "Other names, which search and filter know, too.",
        },
    )


class SubjectsSchema(ResponseSchema):
    results = fields.List(
        fields.Nested(SubjectSchema), required=True, metadata={"maxItems": len(SUBJECTS)}
    )


@blueprint.route("/subjects/", parameters=[IF_NONE_MATCH])
@blueprint.login("optional")
@blueprint.response(
    200,
    SubjectsSchema,
    examples={
        "first": {
            "summary": "The first of them",
            "value": {"results": CATALOGUE["results"][:1]},
        }
    },
    headers=VALIDATORS,
)
@blueprint.alt_response(304, description=NOT_MODIFIED, headers=VALIDATORS)
def list_subjects() -> Response:
    """List the catalogue's subjects

    In its own order. Tutors may name others, which `facets` lists by their own text.
    """
    return not_modified(ETAG) or with_etag(Response(BODY, mimetype="application/json"), ETAG)
