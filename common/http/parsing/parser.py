"""Reads a request's query, JSON body or form strictly, by the schema of its view."""

from typing import Any, NoReturn

from flask import Request, g, request
from marshmallow import RAISE
from marshmallow import Schema as MarshmallowSchema
from marshmallow import ValidationError, fields
from webargs.flaskparser import FlaskParser
from webargs.multidictproxy import MultiDictProxy
from werkzeug.datastructures import MultiDict

from common.http.parsing.forms import FormParser
from common.http.parsing.json_body import read_json
from common.http.problems.codes import ProblemCode
from common.http.problems.errors import BadRequest, Invalid, UnsupportedMediaType
from common.http.schemas.base import CachedQuerySchema
from common.http.schemas.fields import refuse_unstorable
from common.translation import lazy_gettext

UNKNOWN = lazy_gettext("Unknown field.")
# JSON is UTF-8 (RFC 8259 §8.1), of which ASCII is a part.
CHARSETS = {"utf-8", "utf8", "us-ascii", "ascii"}


class Parser(FlaskParser):
    """Reads requests strictly: unknown or doubled query parameters, bad JSON, wrong media types."""

    DEFAULT_UNKNOWN_BY_LOCATION = {
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "query": RAISE,
        "files": RAISE,
    }

    def parse(self, argmap: Any, req: Request | None = None, **kwargs: Any) -> Any:
        """The values of `argmap`; those of a CachedQuerySchema without webargs, where that can be."""
        if kwargs.get("location") != "query":
            return super().parse(argmap, req, **kwargs)
        g.query_is_read = True
        if not isinstance(argmap, CachedQuerySchema):
            return super().parse(argmap, req, **kwargs)
        query_string = (req or self.get_default_request()).query_string
        values = argmap.values_at_once(query_string)
        if values is None:
            values = super().parse(argmap, req, **kwargs)
            argmap.cache_values(query_string, values)
        return values

    def load_querystring(self, req: Request, schema: MarshmallowSchema) -> MultiDictProxy:
        """The query's parameters. Empty ones are left out: forms send those nobody filled in."""
        arguments = MultiDict(
            (name, value)
            for name, value in req.args.items(multi=True)
            if value or name not in schema.load_fields
        )
        for name in arguments:
            field = schema.load_fields.get(name)
            if len(arguments.getlist(name)) > 1 and not isinstance(field, fields.List):
                raise ValidationError({name: [lazy_gettext("May be given only once.")]})
        for name, value in arguments.items(multi=True):
            try:
                refuse_unstorable(name)
                refuse_unstorable(value)
            except ValidationError as error:
                raise ValidationError({name.replace("\x00", "�"): error.messages}) from None
        return self._makeproxy(arguments, schema)

    def load_files(self, req: Request, schema: MarshmallowSchema) -> MultiDictProxy:
        """The files of a form. Forms here have no other fields, so any other is refused."""
        refuse_encoded_body(req)
        if req.mimetype == "multipart/form-data" and not req.mimetype_params.get("boundary"):
            raise BadRequest(
                lazy_gettext(
                    "The Content-Type of a multipart/form-data body must name its boundary."
                ),
                code=ProblemCode.MALFORMED_FORM,
            )
        req.form_data_parser_class = FormParser
        if req.form:
            raise ValidationError(
                {
                    name: [lazy_gettext("Must be a file.") if name in schema.fields else UNKNOWN]
                    for name in req.form
                }
            )
        return super().load_files(req, schema)

    def load_json(self, req: Request, schema: MarshmallowSchema) -> Any:
        """The body, parsed as JSON, whatever the schema."""
        body = req.get_data(cache=True)
        if not body:
            raise BadRequest(
                lazy_gettext("The request needs a JSON body."),
                code=ProblemCode.MALFORMED_JSON,
            )
        refuse_encoded_body(req)
        # A view may take JSON under further media types, as browsers' beacons send it.
        is_json = req.mimetype == "application/json" or req.mimetype.endswith("+json")
        if not is_json and req.mimetype not in g.get("json_media_types", ()):
            raise UnsupportedMediaType(lazy_gettext("The request body must be application/json."))
        if req.mimetype_params.get("charset", "utf-8").strip("'").lower() not in CHARSETS:
            raise UnsupportedMediaType(lazy_gettext("The request body must be encoded in UTF-8."))
        return read_json(body, g.get("separate_items"))

    def handle_error(self, error: ValidationError, *args: Any, **kwargs: Any) -> NoReturn:
        """Raise Invalid, whose errors are nested as the input is."""
        messages: dict[str, Any] = error.messages_dict
        (location, errors), *_ = messages.items()
        raise Invalid(_text_keys(errors), location)


def refuse_encoded_body(req: Request) -> None:
    """Refuse a compressed body, saying as RFC 9110 §15.5.16 asks what would be accepted."""
    if req.headers.get("Content-Encoding", "identity").strip().lower() not in {
        "identity",
        "",
    }:
        raise UnsupportedMediaType(
            lazy_gettext("The request body must not be compressed."),
            code=ProblemCode.UNSUPPORTED_ENCODING,
            headers={"Accept-Encoding": "identity"},
        )


def refuse_unread_query() -> None:
    """Refuse the parameters of a request whose view reads none. Raises Invalid."""
    if request.query_string and not g.get("query_is_read") and request.args:
        raise Invalid({name: [UNKNOWN] for name in request.args}, "query")


def _text_keys(errors: Any) -> Any:
    """Messages about list items are keyed by index; JSON keys are strings."""
    if isinstance(errors, dict):
        return {str(key): _text_keys(value) for key, value in errors.items()}
    return errors
