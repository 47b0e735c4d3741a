"""Base classes of everything a client sends or receives."""

from typing import Any

from marshmallow import INCLUDE, RAISE
from marshmallow import Schema as MarshmallowSchema
from marshmallow import ValidationError, pre_load

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
