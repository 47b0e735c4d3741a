"""The OpenAPI document and the page that shows it, without any outside address.

What an operation takes and answers stands beside its view; here is what holds for all of them.
"""

from flask import Flask

from common.docs.commands import openapi_cli
from common.docs.front_page import Table, add_tables
from common.docs.routes import Document, docs
from common.http.api import Api

__all__ = ["Table", "add_tables", "init_app"]


def init_app(app: Flask, api: Api) -> None:
    app.extensions["openapi_document"] = Document(api, app)
    app.register_blueprint(docs)
    app.cli.add_command(openapi_cli)
