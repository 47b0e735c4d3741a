"""What visitors see: the list of tutors and each of them, out of public rows alone."""

from flask import Flask

from common.app import MarketplaceApp
from common.http.api import Api
from marketplace.cache import response_cache, shared_cache
from marketplace.fast_path import FastPath
from marketplace.suggestions import routes as suggestion_routes

__all__ = ["init_app"]


def init_app(app: Flask, api: Api) -> None:
    """Plug this domain in."""
    shared_cache.init_app(app)
    response_cache.init_app(app)
    if isinstance(app, MarketplaceApp):
        app.fast_paths.append(FastPath(app))
    api.register_blueprint(suggestion_routes.blueprint)
