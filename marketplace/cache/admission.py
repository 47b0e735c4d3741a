"""Who is let in to an expensive or uncached read: so many at once, and so many a minute.

Cached responses and cards are not counted here.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import Any

from flask import Flask, current_app

from common.http.auth import current_user_id
from common.http.errors import Unavailable
from common.http.rate_limit import address_of, spend_or_refuse
from common.translation import lazy_gettext

EXTENSION = "expensive_reads"
# How many may wait for a place, and how long: short, so that threads are left for other requests.
QUEUE = 1
WAIT_SECONDS = 0.5


class Places:
    """At most `number` at once, beside QUEUE who wait."""

    def __init__(self, number: int) -> None:
        self._places = BoundedSemaphore(number)
        self._admitted = BoundedSemaphore(number + QUEUE)

    @contextmanager
    def take(self) -> Iterator[None]:
        """A place for the time of the block. Raises Unavailable where there is none."""
        if not self._admitted.acquire(blocking=False):
            raise _busy()
        try:
            if not self._places.acquire(timeout=WAIT_SECONDS):
                raise _busy()
            try:
                yield
            finally:
                self._places.release()
        finally:
            self._admitted.release()


def _busy() -> Unavailable:
    return Unavailable(
        lazy_gettext(
            "Too many searches of this kind are being answered at the moment; please try again shortly."
        )
    )


def init_app(app: Flask) -> None:
    app.extensions[EXTENSION] = Places(app.config["EXPENSIVE_READS"])


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
    spend_or_refuse("PUBLIC_READ_LIMIT", key)
