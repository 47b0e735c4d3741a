"""The OpenAPI document and the page that shows it."""

from pathlib import Path

import orjson
import swagger_ui
from flask import Blueprint, Flask, Response, current_app, send_from_directory

from common.docs.document import finish
from common.docs.page_document import page_document
from common.http.api import Api
from common.http.auth import open_to_all
from common.http.conditional import etag_holds, strong_etag, with_etag
from common.http.problems.errors import NotFound
from common.translation import lazy_gettext

OWN_FILES = Path(__file__).parent / "page"
# Swagger UI as the installed package carries it; nothing of it is copied into this repository.
ASSETS = Path(swagger_ui.__file__).parent / "static"
SERVED_ASSETS = {"swagger-ui-bundle.js", "swagger-ui.css", "favicon-32x32.png"}
SERVED_FILES = {
    "find.js": "text/javascript",
    "page.css": "text/css",
    "page.js": "text/javascript",
}
DAY_SECONDS = 86_400
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data:; font-src 'self' data:; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

docs = Blueprint("docs", __name__)


class Document:
    """The finished OpenAPI document, serialised when first asked for: by then all is registered."""

    def __init__(self, api: Api, app: Flask) -> None:
        self._api = api
        self._app = app
        self._bodies: tuple[bytes, bytes] | None = None

    def _serialised(self) -> tuple[bytes, bytes]:
        if self._bodies is None:
            document = finish(self._api.spec.to_dict(), self._app)
            self._bodies = orjson.dumps(document), orjson.dumps(page_document(document))
        return self._bodies

    @property
    def body(self) -> bytes:
        """The whole document, for programs."""
        return self._serialised()[0]

    @property
    def page_body(self) -> bytes:
        """The document as the page shows it."""
        return self._serialised()[1]


def _revalidating(body: bytes) -> Response:
    etag = strong_etag(body)
    if etag_holds(etag):
        return with_etag(Response(status=304), etag)
    return with_etag(Response(body, mimetype="application/json"), etag)


@docs.get("/api/openapi.json")
@open_to_all
def read_document() -> Response:
    """The OpenAPI document."""
    return _revalidating(current_app.extensions["openapi_document"].body)


@docs.get("/api/docs/page.json")
@open_to_all
def read_page_document() -> Response:
    """The document as the page shows it."""
    return _revalidating(current_app.extensions["openapi_document"].page_body)


@docs.get("/api/docs/")
@open_to_all
def show_page() -> Response:
    """Swagger UI."""
    response = Response((OWN_FILES / "page.html").read_bytes(), mimetype="text/html")
    response.headers["Content-Security-Policy"] = PAGE_POLICY
    response.headers["Cache-Control"] = "no-cache"
    return response


@docs.get("/api/docs/<name>")
@open_to_all
def serve_own_file(name: str) -> Response:
    """The page's script and style."""
    if name not in SERVED_FILES:
        raise NotFound(lazy_gettext("There is no such file."))
    response = Response((OWN_FILES / name).read_bytes(), mimetype=SERVED_FILES[name])
    response.headers["Cache-Control"] = "no-cache"
    return response


@docs.get("/api/docs/assets/<name>")
@open_to_all
def serve_asset(name: str) -> Response:
    """Swagger UI's own files."""
    if name not in SERVED_ASSETS:
        raise NotFound(lazy_gettext("There is no such file."))
    return send_from_directory(ASSETS, name, max_age=DAY_SECONDS, conditional=True)
