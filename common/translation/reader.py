"""The language of the one who reads the answer to the present request."""

from collections.abc import Callable

import psycopg2
from flask import Flask, current_app, g, has_request_context, request

from common.translation.catalogues import load_all
from common.translation.negotiation import DEFAULT_LANGUAGE, LANGUAGES, negotiate

# What the language of an answer is chosen by.
DEPENDS_ON = "Accept-Language, Authorization"
LanguageLookup = Callable[[int], str | None]
EXTENSION = "language_lookup"


def init_app(app: Flask) -> None:
    """Read the translations. Raises ValueError when a catalogue is malformed."""
    load_all()
    app.extensions[EXTENSION] = None


def set_language_lookup(app: Flask, lookup: LanguageLookup) -> None:
    """Register the profiles' answer to "which language has this user id chosen?"."""
    app.extensions[EXTENSION] = lookup


def reader_language(*, may_look_up: bool = True) -> str:
    """Of LANGUAGES the one that `Accept-Language` asks for, else that of the signed-in person, else
    English. Called when there is prose to send: the lookup is a query."""
    if not has_request_context():
        return DEFAULT_LANGUAGE
    asked_for = negotiate(request.environ.get("HTTP_ACCEPT_LANGUAGE"))
    if asked_for is not None:
        return asked_for
    user_id: int | None = getattr(g, "user_id", None)
    chosen = _chosen_by(user_id) if may_look_up and user_id is not None else None
    return chosen if chosen in LANGUAGES else DEFAULT_LANGUAGE


def language_headers(language: str) -> dict[str, str]:
    """The headers of an answer that has prose in `language`."""
    return {"Content-Language": language, "Vary": DEPENDS_ON}


def _chosen_by(user_id: int) -> str | None:
    lookup: LanguageLookup | None = current_app.extensions.get(EXTENSION)
    try:
        return lookup(user_id) if lookup is not None else None
    except psycopg2.Error:
        # The answer is about something else, and English is understood too.
        return None
