"""The list everybody sees first, kept ready."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson
from flask import current_app

from marketplace.cache.shared_cache import shared_cache
from marketplace.rendering import PageContent, RenderedResponse, render_page

NAME = "first"


def first_page(
    revision: int, read: Callable[[], PageContent], environ: dict[str, Any]
) -> RenderedResponse:
    """The first page as of `revision`, read with `read` where nobody has it."""
    seconds = current_app.config["LIST_CACHE_SECONDS"]
    entry = shared_cache().get_or_compute(NAME, revision, seconds, lambda: orjson.dumps(read()))
    # The rows may be newer than `revision`, in which case nobody will ask for this entry again.
    content = replace(PageContent(**orjson.loads(entry.value)), revision=revision)
    return replace(render_page(content, environ), expires=entry.expires)
