"""Path parameters with one spelling per value, so that a resource has one address."""

from flask import Flask
from werkzeug.routing import IntegerConverter

MOST_DIGITS = 99


class PlainInteger(IntegerConverter):
    """ASCII digits without leading zeros; Werkzeug's own accepts any script's.

    Of a longer number the first 99 digits are read: it is beyond every id, and so are they. Python
    refuses to convert some thousands of digits.
    """

    regex = "0|[1-9][0-9]*"

    def to_python(self, value: str) -> int:
        """The number, or one that is as far beyond every id."""
        return int(value[:MOST_DIGITS])


def init_app(app: Flask) -> None:
    app.url_map.converters |= {"int": PlainInteger}
