"""The HTTP conventions every blueprint shares: strict input, problem answers, stated login rules.

Decorators of a view, from the top: `route`, `login`, `limit`, `arguments`, `response`,
`alt_response`. So a request is recognised first, counted second, and read last.
"""

import http
from collections.abc import Callable
from copy import deepcopy
from functools import wraps
from typing import Any, NoReturn, TypeVar

import flask_smorest
import orjson
from flask import Request
from flask.typing import ResponseReturnValue
from flask_smorest.utils import prepare_response
from marshmallow import INCLUDE, RAISE
from marshmallow import Schema as MarshmallowSchema
from marshmallow import ValidationError, fields, missing, pre_load
from webargs.flaskparser import FlaskParser
from webargs.multidictproxy import MultiDictProxy
from werkzeug.exceptions import HTTPException

from common.http import auth, rate_limit
from common.http.errors import (
    LONGEST_DETAIL,
    BadRequest,
    Invalid,
    UnsupportedMediaType,
    answer_http_exception,
)
from common.http.fields import (
    BodyFlag,
    BodyInteger,
    Flag,
    Integer,
    Separated,
    Timestamp,
    refuse_unstorable,
)

View = TypeVar("View", bound=Callable[..., Any])

DEEPEST_JSON = 64
MAX_CACHED_QUERIES = 1024
LONGEST_CACHED_QUERY = 2048


class Schema(MarshmallowSchema):
    """Base of everything a client sends: unknown fields and unstorable text are refused."""

    class Meta:
        unknown = RAISE

    @pre_load
    def _refuse_unstorable(self, data: Any, **kwargs: Any) -> Any:
        if isinstance(data, dict):
            refuse_unstorable(data)
        return data


class CachedQuerySchema(Schema):
    """A query whose values depend on the query string alone, and never change once read.

    The parser keeps what the latest query strings meant: most of a public list's requests
    repeat, and reading one costs as much as answering it.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cached_values: dict[bytes, Any] = {}

    def cache_values(self, query_string: bytes, values: Any) -> None:
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
        }
    )


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
        """The files of a form, which has no other fields: a misspelt one would go unseen."""
        if req.form:
            raise ValidationError({name: ["Unknown field."] for name in req.form})
        return super().load_files(req, schema)

    def _raw_load_json(self, req: Request) -> Any:
        body = req.get_data(cache=True)
        if not body:
            raise BadRequest("The request needs a JSON body.")
        if req.mimetype != "application/json" and not req.mimetype.endswith("+json"):
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


def read_json(body: bytes) -> Any:
    """Parse JSON without recursion or huge numbers to fear. Raises BadRequest."""
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise BadRequest(
            "The request body is not well-formed JSON.",
            errors={"json": {"_schema": ["Invalid JSON body."]}},
        ) from None
    if _deeper_than(document, DEEPEST_JSON):
        raise BadRequest(
            f"The request body is nested more than {DEEPEST_JSON} levels deep.",
            errors={"json": {"_schema": ["Nested too deep."]}},
        )
    return document


def _deeper_than(value: Any, levels: int) -> bool:
    layer = [value]
    for _ in range(levels):
        layer = [
            child
            for node in layer
            if isinstance(node, dict | list)
            for child in (node.values() if isinstance(node, dict) else node)
        ]
        if not layer:
            return False
    return True


class Api(flask_smorest.Api):
    """flask-smorest's Api answering with problem documents."""

    ERROR_SCHEMA = Problem
    # Every status is stated where it can be answered; there is no "any other".
    DEFAULT_ERROR_RESPONSE_NAME = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in (Integer, BodyInteger):
            self.register_field(field, "integer", "int32")
        for flag in (Flag, BodyFlag):
            self.register_field(flag, "boolean", None)
        self.register_field(Timestamp, "string", "date-time")
        self.register_field(Separated, fields.List)

    def handle_http_exception(self, error: HTTPException) -> ResponseReturnValue:
        return answer_http_exception(error)

    def _register_responses(self) -> None:
        """Name one component per status; errors are problem documents."""
        for status in http.HTTPStatus:
            response: dict[str, Any] = {"description": status.phrase}
            content_type = self.DEFAULT_RESPONSE_CONTENT_TYPE
            if status >= 400:
                response["schema"] = self.ERROR_SCHEMA
                content_type = "application/problem+json"
            prepare_response(response, self.spec, content_type)
            self.spec.components.response(status.name, response, lazy=True)


class Blueprint(flask_smorest.Blueprint):
    """flask-smorest's Blueprint where every view states its login rule and its limit."""

    ARGUMENTS_PARSER = Parser()

    def login(self, rule: auth.LoginRule) -> Callable[[View], View]:
        """State and enforce who may call: "required", "optional" or "ignored"."""

        def decorate(view: View) -> View:
            @wraps(view)
            def checked(*args: Any, **kwargs: Any) -> Any:
                auth.recognise(rule)
                return view(*args, **kwargs)

            token: dict[str, list[str]] = {"bearer": []}
            security = {
                "required": [token],
                "optional": [token, {}],
                "ignored": [],
            }[rule]
            responses = [] if rule == "ignored" else [401]
            return _documented(checked, view, responses, security=security, login_rule=rule)

        return decorate

    def limit(
        self, setting: str, key: Callable[[], str] = rate_limit.caller, **options: Any
    ) -> Callable[[View], View]:
        """Limit calls to the rates of `setting`, counted per `key()` across all workers."""

        def decorate(view: View) -> View:
            limited = rate_limit.limit(setting, key, **options)(view)
            return _documented(limited, view, [429])

        return decorate

    def arguments(self, schema: Any, **kwargs: Any) -> Callable[[View], View]:
        """As flask-smorest's, with the schema built once, not with every request."""
        if isinstance(schema, type):
            schema = schema()
        decorator: Callable[[View], View] = super().arguments(schema, **kwargs)
        statuses = [400, 413, 415] if kwargs.get("location", "json") == "json" else [400]

        def decorate(view: View) -> View:
            decorated = decorator(view)
            return _documented(decorated, decorated, statuses)

        return decorate

    def _store_endpoint_docs(self, endpoint: str, obj: Any, *args: Any, **options: Any) -> None:
        """Give every operation an id made of its view's name."""
        super()._store_endpoint_docs(endpoint, obj, *args, **options)
        operations = {
            name: doc for name, doc in self._docs[endpoint].items() if name != "parameters"
        }
        first, *rest = obj.__name__.split("_")
        name = first + "".join(word.title() for word in rest)
        for position, (method, doc) in enumerate(operations.items()):
            manual = doc.setdefault("manual_doc", {})
            manual.setdefault("operationId", name if position == 0 else name + method.title())
            # What a view documents itself is better than what is known of every view. Of every
            # one it is known that it may be asked under a wrong host name, at too great a length
            # or without a database.
            described = {str(status) for status in doc.get("response", {}).get("responses", {})}
            for status in {*doc.pop("common_statuses", ()), 400, 414, 431, 500, 503}:
                if str(status) not in described:
                    responses = manual.setdefault("responses", {})
                    responses.setdefault(str(status), http.HTTPStatus(status).name)


def _documented(wrapper: Any, view: Any, statuses: list[int], **facts: Any) -> Any:
    """Copy the documentation of `view` onto `wrapper`, adding error statuses and facts."""
    apidoc = deepcopy(getattr(view, "_apidoc", {}))
    manual = apidoc.setdefault("manual_doc", {})
    if "security" in facts:
        manual["security"] = facts["security"]
    if "login_rule" in facts:
        wrapper.login_rule = facts["login_rule"]
    apidoc["common_statuses"] = [*apidoc.get("common_statuses", ()), *statuses]
    wrapper._apidoc = apidoc
    return wrapper


__all__ = [
    "Api",
    "Blueprint",
    "Problem",
    "CachedQuerySchema",
    "ResponseSchema",
    "Schema",
    "missing",
    "read_json",
]
