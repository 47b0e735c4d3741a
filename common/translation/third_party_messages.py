"""The sentences of libraries, which know nothing of our marks.

A test compares them with the installed libraries'.
"""

import re
from collections.abc import Iterator

from common.translation.messages import Message, lazy_gettext

PLACEHOLDER = re.compile(r"\{(\w+)\}")
SENTENCES = (
    lazy_gettext("Missing data for required field."),
    lazy_gettext("Field may not be null."),
    lazy_gettext("Unknown field."),
    lazy_gettext("Invalid value."),
    lazy_gettext("Invalid input."),
    lazy_gettext("Invalid input type."),
    lazy_gettext("Invalid type."),
    lazy_gettext("Not a valid string."),
    lazy_gettext("Not a valid utf-8 string."),
    lazy_gettext("Not a valid list."),
    lazy_gettext("Not a valid mapping type."),
    lazy_gettext("Not a valid boolean."),
    lazy_gettext("Not a valid integer."),
    lazy_gettext("Not a valid number."),
    lazy_gettext("Number too large."),
    lazy_gettext("Special numeric values (nan or infinity) are not permitted."),
    lazy_gettext("Not a valid UUID."),
    lazy_gettext("Not a valid date."),
    lazy_gettext("Not a valid email address."),
    lazy_gettext("Not a valid URL."),
    lazy_gettext("String does not match expected pattern."),
    lazy_gettext("Shorter than minimum length {min}."),
    lazy_gettext("Longer than maximum length {max}."),
    lazy_gettext("Length must be between {min} and {max}."),
    lazy_gettext("Length must be {equal}."),
    lazy_gettext("Must be greater than or equal to {min} and less than or equal to {max}."),
    lazy_gettext("Must be greater than or equal to {min}."),
    lazy_gettext("Must be less than or equal to {max}."),
    lazy_gettext("Must be one of: {choices}."),
    lazy_gettext("One or more of the choices you made was not in: {choices}."),
    # Werkzeug's names of statuses, the titles of problems
    lazy_gettext("Bad Request"),
    lazy_gettext("Unauthorized"),
    lazy_gettext("Forbidden"),
    lazy_gettext("Not Found"),
    lazy_gettext("Method Not Allowed"),
    lazy_gettext("Request Timeout"),
    lazy_gettext("Conflict"),
    lazy_gettext("Precondition Failed"),
    lazy_gettext("Request Entity Too Large"),
    lazy_gettext("Request URI Too Long"),
    lazy_gettext("Unsupported Media Type"),
    lazy_gettext("Requested Range Not Satisfiable"),
    lazy_gettext("Expectation Failed"),
    lazy_gettext("Unprocessable Entity"),
    lazy_gettext("Precondition Required"),
    lazy_gettext("Too Many Requests"),
    lazy_gettext("Request Header Fields Too Large"),
    lazy_gettext("Internal Server Error"),
    lazy_gettext("Not Implemented"),
    lazy_gettext("Service Unavailable"),
)


def recognize(sentence: str) -> Message:
    """The sentence as a Message, with the values that a library has put into it."""
    for message, pattern in _PATTERNS:
        match = pattern.fullmatch(sentence)
        if match:
            return message.format(**match.groupdict())
    return Message(sentence)


def _patterns() -> Iterator[tuple[Message, re.Pattern[str]]]:
    for message in SENTENCES:
        if not PLACEHOLDER.search(message):
            continue
        # Odd parts are the placeholders' names.
        parts = PLACEHOLDER.split(message)
        groups = (
            f"(?P<{part}>.*)" if index % 2 else re.escape(part) for index, part in enumerate(parts)
        )
        yield message, re.compile("".join(groups), re.DOTALL)


_PATTERNS = tuple(_patterns())
