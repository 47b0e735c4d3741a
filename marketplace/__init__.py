"""What visitors see: the list of tutors and each of them, out of public rows alone.

How these rows come about, and what is hidden from them, is profiles/public's.
"""

from flask import Flask

from common.app import MarketplaceApp
from common.http.api import Api
from marketplace.analytics import client_views, counting, models
from marketplace.blueprint import blueprint
from marketplace.cache import admission, response_cache, shared_cache
from marketplace.facets import catalogue
from marketplace.facets import routes as facet_routes
from marketplace.fast_path import FastPath
from marketplace.insights.export import exported_insights
from marketplace.insights.routes import insights
from marketplace.listing.indexed import filter_index, word_index
from marketplace.saved import search_routes, tutor_routes
from marketplace.saved.blueprint import saved
from marketplace.search_report import cli
from marketplace.search_report.routes import admin
from marketplace.similar import routes as similar_routes
from marketplace.suggestions import routes as suggestion_routes
from marketplace.tutors import public_list, routes
from profiles.own_data.sections import add_export_section

# Importing these registers their routes, in this order, on their blueprints.
ROUTES = (
    routes,
    facet_routes,
    similar_routes,
    suggestion_routes,
    catalogue,
    tutor_routes,
    search_routes,
)

__all__ = ["ROUTES", "init_app", "models"]


def init_app(app: Flask, api: Api) -> None:
    """Plug this domain in."""
    admission.init_app(app)
    shared_cache.init_app(app)
    response_cache.init_app(app)
    # What SQL had answered meanwhile may count less exactly.
    filter_index.init_app(app, app.extensions[response_cache.EXTENSION].clear)
    word_index.init_app(app)
    counting.init_app(app)
    client_views.init_app(app)
    if isinstance(app, MarketplaceApp):
        app.fast_paths.append(FastPath(app))
    api.register_blueprint(blueprint)
    api.register_blueprint(public_list.blueprint)
    api.register_blueprint(saved)
    api.register_blueprint(insights)
    add_export_section(app, "insights", exported_insights)
    api.register_blueprint(admin)
    cli.init_app(app)
