"""What this process has lately answered, by address, each with the revision of the public rows
it was made from.

While PostgreSQL still names that revision, the answer would come out byte for byte the same: a
client that has it gets a 304 without the page being read, and the default list is sent again as
it stands. The revision is always asked of PostgreSQL: a Redis that was away when somebody hid a
profile would still name the old one.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from threading import Lock
from typing import Any

from flask import Flask, current_app, request

from common.http.conditional import etag_holds
from marketplace.rendering import Answer
from profiles.public.models import read_revision

EXTENSION = "remembered_answers"
MOST_ANSWERS = 4096
MOST_BYTES = 8_000_000
LONGEST_QUERY = 1024
# Where a request's environment tells the revision, if it was asked already.
REVISION_KEY = "marketplace.revision"


class Remembered:
    """The latest answers, least lately used first."""

    def __init__(self) -> None:
        self._answers: OrderedDict[Hashable, Answer] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def find(self, address: Hashable) -> Answer | None:
        with self._lock:
            answer = self._answers.get(address)
            if answer is not None:
                self._answers.move_to_end(address)
            return answer

    def forget(self) -> None:
        """Drop all of them."""
        with self._lock:
            self._answers.clear()
            self._bytes = 0

    def keep(self, address: Hashable, answer: Answer) -> None:
        with self._lock:
            self._bytes += _size(answer) - _size(self._answers.pop(address, None))
            self._answers[address] = answer
            while len(self._answers) > MOST_ANSWERS or self._bytes > MOST_BYTES:
                self._bytes -= _size(self._answers.popitem(last=False)[1])


def _size(answer: Answer | None) -> int:
    return len(answer.body) if answer is not None and answer.body is not None else 0


def init_app(app: Flask) -> None:
    app.extensions[EXTENSION] = Remembered()


def remembered() -> Remembered:
    """The application's answers."""
    kept: Any = current_app.extensions[EXTENSION]
    assert isinstance(kept, Remembered)
    return kept


def answer_again(
    environ: dict[str, Any],
    rule: str,
    read: Callable[[int | None], Answer],
    keep_body: bool = False,
) -> Answer:
    """The remembered answer to a request to the route `rule` where it still holds and is all that
    is needed, else that of `read`, which is given the revision when that was asked already.

    Bodies are only kept of what everybody asks for (`keep_body`).
    """
    if len(environ["QUERY_STRING"]) > LONGEST_QUERY:
        return read(None)
    address = address_of(environ)
    answers = remembered()
    known = answers.find(address)
    revision = None
    if known is not None and (etag_holds(known.etag, environ) or is_whole(known)):
        revision = environ.get(REVISION_KEY) or read_revision()
        if revision == known.revision:
            return known
    answer = read(revision)
    answer.rule = rule
    answers.keep(address, answer if keep_body else answer.without_body())
    return answer


def asked() -> tuple[dict[str, Any], str]:
    """The present request's environment and the route it came by."""
    return request.environ, request.url_rule.rule if request.url_rule else ""


def address_of(environ: Mapping[str, Any]) -> Hashable:
    """Everything the bytes of an answer depend on beside the public rows."""
    host = environ.get("HTTP_HOST") or (environ["SERVER_NAME"], environ["SERVER_PORT"])
    return environ["PATH_INFO"], environ["QUERY_STRING"], environ["wsgi.url_scheme"], host


def is_whole(answer: Answer) -> bool:
    """Whether the answer can be sent again to a client that has no copy."""
    return answer.body is not None and time.monotonic() < answer.expires
