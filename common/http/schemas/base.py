"""Base classes of everything a client sends or receives, and the schema of an error."""

from typing import Any

from marshmallow import INCLUDE, RAISE
from marshmallow import Schema as MarshmallowSchema
from marshmallow import ValidationError, fields, pre_load, validate

from common.http.problems.codes import MEANINGS, ProblemCode
from common.http.problems.document import LONGEST_DETAIL
from common.http.problems.members import MAX_ERRORS
from common.http.schemas.fields import OpaqueToken, unstorable_values
from common.http.schemas.plain_queries import PlainQueryReader

MAX_CACHED_QUERIES = 1024
LONGEST_CACHED_QUERY = 2048


class Schema(MarshmallowSchema):
    """Base of everything a client sends: unknown fields and unstorable values are refused."""

    class Meta:
        unknown = RAISE

    @pre_load
    def _refuse_unstorable(self, data: Any, **kwargs: Any) -> Any:
        if not isinstance(data, dict):
            return data
        # Tokens are looked for and never stored.
        tokens = {name for name, field in self.fields.items() if isinstance(field, OpaqueToken)}
        errors = unstorable_values({name: data[name] for name in data if name not in tokens})
        if errors:
            raise ValidationError(errors)
        return data


class CachedQuerySchema(Schema):
    """A query whose values depend on the query string alone and are immutable once read.

    The values of the latest query strings are cached: most requests for a public list repeat.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cached_values: dict[bytes, Any] = {}
        # What it refuses in JSON, the reader refuses in the query string.
        self._reader = PlainQueryReader(self, frozenset({Schema._refuse_unstorable.__name__}))

    def values_at_once(self, query_string: bytes) -> Any | None:
        """The values of a query string, cached or read without webargs; None where that is to read
        it, and to name what is wrong with it."""
        values = self.cached_values.get(query_string)
        if values is None:
            values = self._reader.read(query_string.decode("latin-1"))
            if values is not None:
                self.cache_values(query_string, values)
        return values

    def cache_values(self, query_string: bytes, values: Any) -> None:
        """Store the values of a query string; the whole cache is cleared when it is full."""
        if len(self.cached_values) >= MAX_CACHED_QUERIES:
            self.cached_values.clear()
        if len(query_string) <= LONGEST_CACHED_QUERY:
            self.cached_values[query_string] = values


class ResponseSchema(MarshmallowSchema):
    """Base of everything a client receives; clients must accept fields added later."""

    class Meta:
        unknown = INCLUDE


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
