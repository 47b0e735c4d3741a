"""The query string of a saved search, read as the list reads that of a request."""

from flask import Request
from marshmallow import ValidationError

from common.http.parsing.parser import Parser
from common.http.problems.errors import Invalid
from common.translation import lazy_gettext
from marketplace.listing.query import TutorQuery
from marketplace.tutors.schemas import TUTOR_QUERY

_parser = Parser()


def read_saved_query(query: str) -> TutorQuery:
    """The typed query. Raises ValidationError, with messages by parameter, for what the list
    would refuse, and for a position in it."""
    # WSGI (PEP 3333) has the bytes of a query string as latin-1.
    environ = {"REQUEST_METHOD": "GET", "QUERY_STRING": query.encode().decode("latin-1")}
    try:
        typed: TutorQuery = _parser.parse(TUTOR_QUERY, Request(environ), location="query")
    except Invalid as invalid:
        raise ValidationError(invalid.members["errors"]["query"]) from None
    if typed.cursor is not None:
        raise ValidationError(
            {"cursor": [lazy_gettext("Names a page of one moment; leave it out.")]}
        )
    return typed
