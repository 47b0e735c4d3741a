"""Which of our languages a client asks for (RFC 9110 §12.5.4, by the lookup of RFC 4647 §3.4)."""

from collections.abc import Iterator

from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

DEFAULT_LANGUAGE = "en"
LANGUAGES = (DEFAULT_LANGUAGE, "uk", "pl")
# Browsers send some dozens of characters. What is longer is read up to here.
LONGEST_HEADER = 1000


def negotiate(accept_language: str | None) -> str | None:
    """The best of LANGUAGES for an `Accept-Language`, None when it names none of them.

    `uk-UA` asks for `uk`; a language with `q=0` is not wanted; `*` prefers nothing. Malformed parts
    are passed over: a preference is no reason to refuse a request.
    """
    if not accept_language:
        return None
    # Sorted by quality, equal ones as they were sent.
    ranges = parse_accept_header(accept_language[:LONGEST_HEADER], LanguageAccept)
    unwanted = {tag.lower() for tag, quality in ranges if quality <= 0}
    for tag, quality in ranges:
        for language in _ever_shorter(tag.lower()) if quality > 0 else ():
            if language in LANGUAGES and language not in unwanted:
                return language
    return None


def _ever_shorter(tag: str) -> Iterator[str]:
    """`uk-cyrl-ua`, `uk-cyrl`, `uk`."""
    while tag:
        yield tag
        tag = tag.rpartition("-")[0]
