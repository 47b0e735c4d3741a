"""The list everybody sees first, kept ready."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson
from flask import current_app

from marketplace.cache.shared import kept
from marketplace.rendering import Answer, Content, make_answer

NAME = "first"


def first_page(revision: int, read: Callable[[], Content], environ: dict[str, Any]) -> Answer:
    """The first page as of `revision`, read with `read` where nobody has a copy."""
    seconds = current_app.config["LIST_CACHE_SECONDS"]
    copy = kept().get(NAME, revision, seconds, lambda: orjson.dumps(read()))
    # The rows may be newer than `revision`, in which case nobody will ask for this copy again.
    content = replace(Content(**orjson.loads(copy.value)), revision=revision)
    return replace(make_answer(content, environ), expires=copy.expires)
