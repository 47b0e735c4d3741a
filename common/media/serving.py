"""`/media/…`: stored files, with headers that make them inert and cacheable."""

import re

from flask import Blueprint, Flask, Response, request

from common.http.auth import open_to_all
from common.http.conditional import strong_etag
from common.http.problems.errors import NotFound
from common.media.files import current_store, storage_unavailable
from common.media.withdrawal import source_of
from common.translation import lazy_gettext

YEAR_SECONDS = 31_536_000
# Every other path is a 404, traversals included.
SERVED_NAME = re.compile(r"[a-z]{1,32}/[A-Za-z0-9_-]{1,64}\.(webp|jpg|png)")
TYPES = {"webp": "image/webp", "jpg": "image/jpeg", "png": "image/png"}

media = Blueprint("media", __name__)


def init_app(app: Flask) -> None:
    app.register_blueprint(media)


@media.get("/media/<path:name>")
@open_to_all
def serve_file(name: str) -> Response:
    """A stored file whose address has not been withdrawn."""
    content = _read(name) if SERVED_NAME.fullmatch(name) else None
    if content is None:
        raise NotFound(lazy_gettext("There is no such file."))
    response = Response(content, mimetype=TYPES[name.rpartition(".")[2]])
    response.set_etag(strong_etag(name))
    # Browsers only: a shared cache could go on serving what its owner has hidden.
    response.headers["Cache-Control"] = f"private, max-age={YEAR_SECONDS}, immutable"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.make_conditional(request, accept_ranges=True, complete_length=len(content))
    return response


def _read(name: str) -> bytes | None:
    """The content at an address. Raises Unavailable while the store is away."""
    source = source_of(name)
    # The second look: the store may have followed between the question and the first one.
    for candidate in (source, name):
        if candidate is None:
            return None
        try:
            return current_store().get(candidate)
        except FileNotFoundError:
            continue
        except OSError:
            raise storage_unavailable(
                lazy_gettext("The file could not be read; please try again later.")
            ) from None
    return None
