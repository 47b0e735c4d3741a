"""Path parameters with one spelling per value, so that a resource has one address."""

from flask import Flask
from werkzeug.routing import IntegerConverter


class PlainInteger(IntegerConverter):
    """ASCII digits without leading zeros, of at most 99; Werkzeug's own accepts any script's."""

    regex = "0|[1-9][0-9]{0,98}"


def init_app(app: Flask) -> None:
    app.url_map.converters |= {"int": PlainInteger}
