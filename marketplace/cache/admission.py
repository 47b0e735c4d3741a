"""Who is let in to an expensive or uncached read: so many at once, and so many a minute.

Cached responses and cards are not counted here.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, current_app

from common.http.auth import current_user_id
from common.http.limits.places import Places
from common.http.limits.rate_limit import address_of, spend_read_or_refuse
from common.translation import lazy_gettext

EXTENSION = "expensive_reads"
BUSY = lazy_gettext(
    "Too many searches of this kind are being answered at the moment; please try again shortly."
)


def init_app(app: Flask) -> None:
    app.extensions[EXTENSION] = Places(app.config["EXPENSIVE_READS"], BUSY)


@contextmanager
def expensive_read() -> Iterator[None]:
    """One of the process's places for reads that take the database long. Raises Unavailable."""
    places: Places = current_app.extensions[EXTENSION]
    with places.take():
        yield


def count_public_read(environ: dict[str, Any]) -> None:
    """Count an uncached read under its caller. Raises LimitExceeded beyond PUBLIC_READ_LIMIT."""
    user_id = current_user_id()
    key = f"user:{user_id}" if user_id is not None else address_of(environ.get("REMOTE_ADDR"))
    spend_read_or_refuse("PUBLIC_READ_LIMIT", key)
