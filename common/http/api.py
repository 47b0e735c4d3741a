"""The OpenAPI side of the application, and the base classes a domain builds its endpoints from."""

import http
from typing import Any

import flask_smorest
from flask.typing import ResponseReturnValue
from flask_smorest.utils import prepare_response
from marshmallow import fields
from werkzeug.exceptions import HTTPException

from common.http.blueprint import Blueprint
from common.http.problems.error_handlers import answer_http_exception
from common.http.problems.schema import Problem
from common.http.schemas.base import CachedQuerySchema, ResponseSchema, Schema
from common.http.schemas.fields import (
    BodyFlag,
    BodyInteger,
    Flag,
    Integer,
    Separated,
    Timestamp,
)


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


__all__ = [
    "Api",
    "Blueprint",
    "CachedQuerySchema",
    "Problem",
    "ResponseSchema",
    "Schema",
]
