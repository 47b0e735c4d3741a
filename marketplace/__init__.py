"""What visitors see: the list of tutors and each of them, out of public rows alone."""

from flask import Flask

from common.app import MarketplaceApp
from common.http.api import Api
from marketplace.cache import responses as remembered
from marketplace.cache import shared as kept
from marketplace.fast_path import QuickDoor
from marketplace.suggestions import routes as suggestion_routes

__all__ = ["init_app"]


def init_app(app: Flask, api: Api) -> None:
    """Plug this domain in."""
    kept.init_app(app)
    remembered.init_app(app)
    if isinstance(app, MarketplaceApp):
        app.quick_doors.append(QuickDoor(app))
    api.register_blueprint(suggestion_routes.blueprint)
