"""Reads a request's query, JSON body or form strictly, by the schema of its view."""

from typing import Any, NoReturn

from flask import Request, g
from marshmallow import RAISE
from marshmallow import Schema as MarshmallowSchema
from marshmallow import ValidationError, fields
from webargs.flaskparser import FlaskParser
from webargs.multidictproxy import MultiDictProxy

from common.http.errors import BadRequest, Invalid, UnsupportedMediaType
from common.http.fields import refuse_unstorable
from common.http.json_body import read_json
from common.http.schemas import CachedQuerySchema


class Parser(FlaskParser):
    """Reads requests strictly: unknown or doubled query parameters, bad JSON, wrong media types."""

    DEFAULT_UNKNOWN_BY_LOCATION = {
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "query": RAISE,
        "files": RAISE,
    }

    def parse(self, argmap: Any, req: Request | None = None, **kwargs: Any) -> Any:
        if not (isinstance(argmap, CachedQuerySchema) and kwargs.get("location") == "query"):
            return super().parse(argmap, req, **kwargs)
        query_string = (req or self.get_default_request()).query_string
        values = argmap.cached_values.get(query_string)
        if values is None:
            values = super().parse(argmap, req, **kwargs)
            argmap.cache_values(query_string, values)
        return values

    def load_querystring(self, req: Request, schema: MarshmallowSchema) -> MultiDictProxy:
        arguments = req.args
        for name in arguments:
            field = schema.load_fields.get(name)
            if len(arguments.getlist(name)) > 1 and not isinstance(field, fields.List):
                raise ValidationError({name: ["May be given only once."]})
        for name, value in arguments.items(multi=True):
            try:
                refuse_unstorable(name)
                refuse_unstorable(value)
            except ValidationError as error:
                raise ValidationError({name.replace("\x00", "�"): error.messages}) from None
        return self._makeproxy(arguments, schema)

    def load_files(self, req: Request, schema: MarshmallowSchema) -> MultiDictProxy:
        """The files of a form. Forms here have no other fields, so any other is refused."""
        if req.form:
            raise ValidationError({name: ["Unknown field."] for name in req.form})
        return super().load_files(req, schema)

    def _raw_load_json(self, req: Request) -> Any:
        body = req.get_data(cache=True)
        if not body:
            raise BadRequest("The request needs a JSON body.")
        # A view may take JSON under further media types, as browsers' beacons send it.
        is_json = req.mimetype == "application/json" or req.mimetype.endswith("+json")
        if not is_json and req.mimetype not in g.get("json_media_types", ()):
            raise UnsupportedMediaType("The request body must be application/json.")
        return read_json(body)

    def handle_error(self, error: ValidationError, *args: Any, **kwargs: Any) -> NoReturn:
        messages: dict[str, Any] = error.messages_dict
        (location, errors), *_ = messages.items()
        raise Invalid(_text_keys(errors), location)


def _text_keys(errors: Any) -> Any:
    """Messages about list items are keyed by index; JSON keys are strings."""
    if isinstance(errors, dict):
        return {str(key): _text_keys(value) for key, value in errors.items()}
    return errors
