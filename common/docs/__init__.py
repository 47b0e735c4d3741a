"""The OpenAPI document and the page that shows it, without any outside address."""

from pathlib import Path

import orjson
import swagger_ui
from flask import Blueprint, Flask, Response, current_app, send_from_directory

from common.docs.commands import openapi_cli
from common.docs.document import finish
from common.http.api import Api
from common.http.auth import open_to_all
from common.http.conditional import etag_holds, strong_etag, with_etag
from common.http.errors import NotFound

HERE = Path(__file__).parent
# Swagger UI as the installed package carries it; nothing of it is copied into this repository.
ASSETS = Path(swagger_ui.__file__).parent / "static"
SERVED_ASSETS = {"swagger-ui-bundle.js", "swagger-ui.css", "favicon-32x32.png"}
DAY_SECONDS = 86_400
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data:; font-src 'self' data:; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

docs = Blueprint("docs", __name__)


class Document:
    """The finished OpenAPI document, serialised when first asked for: by then all is registered."""

    def __init__(self, api: Api, environment: str) -> None:
        self._api = api
        self._environment = environment
        self._body: bytes | None = None

    @property
    def body(self) -> bytes:
        if self._body is None:
            self._body = orjson.dumps(finish(self._api.spec.to_dict(), self._environment))
        return self._body


def init_app(app: Flask, api: Api) -> None:
    app.extensions["openapi_document"] = Document(api, app.config["APP_ENV"])
    app.register_blueprint(docs)
    app.cli.add_command(openapi_cli)


@docs.get("/api/openapi.json")
@open_to_all
def read_document() -> Response:
    """The OpenAPI document."""
    body = current_app.extensions["openapi_document"].body
    etag = strong_etag(body)
    if etag_holds(etag):
        return with_etag(Response(status=304), etag)
    return with_etag(Response(body, mimetype="application/json"), etag)


@docs.get("/api/docs/")
@open_to_all
def show_page() -> Response:
    """Swagger UI."""
    response = Response((HERE / "page.html").read_bytes(), mimetype="text/html")
    response.headers["Content-Security-Policy"] = PAGE_POLICY
    response.headers["Cache-Control"] = "no-cache"
    return response


@docs.get("/api/docs/start.js")
@open_to_all
def start_script() -> Response:
    response = Response((HERE / "start.js").read_bytes(), mimetype="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    return response


@docs.get("/api/docs/assets/<name>")
@open_to_all
def serve_asset(name: str) -> Response:
    """Swagger UI's own files."""
    if name not in SERVED_ASSETS:
        raise NotFound("There is no such file.")
    return send_from_directory(ASSETS, name, max_age=DAY_SECONDS, conditional=True)
