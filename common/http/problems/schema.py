"""The schema of a problem document, for the OpenAPI document."""

from marshmallow import fields, validate

from common.http.problems.codes import MEANINGS, ProblemCode
from common.http.problems.document import LONGEST_DETAIL
from common.http.problems.members import MAX_ERRORS
from common.http.schemas.base import ResponseSchema


class Problem(ResponseSchema):
    """RFC 9457 problem details, the body of every error."""

    type = fields.String(required=True, metadata={"format": "uri-reference", "maxLength": 200})
    title = fields.String(required=True, metadata={"maxLength": 100})
    status = fields.Integer(
        required=True, metadata={"format": "int32", "minimum": 400, "maximum": 599}
    )
    code = fields.String(
        required=True,
        validate=validate.OneOf([code.value for code in ProblemCode]),
        metadata={
            "description": "What is wrong, for programs: it never changes its meaning.\n\n"
            + "\n".join(f"- `{code}`: {meaning}" for code, meaning in MEANINGS.items()),
            "examples": [ProblemCode.NOT_FOUND.value],
        },
    )
    detail = fields.String(
        required=True,
        metadata={"description": "One readable sentence.", "maxLength": LONGEST_DETAIL},
    )
    instance = fields.String(
        required=True,
        metadata={
            "description": "The request's id as a URI.",
            "format": "uri",
            "pattern": "^urn:(uuid|request):[A-Za-z0-9._-]{1,128}$",
            "maxLength": 140,
        },
    )
    errors = fields.Dict(
        metadata={
            "description": "For invalid input: {location: {field: [messages]}}, nested as the input is."
            f" The first {MAX_ERRORS} of them; of a long name its beginning."
        }
    )
