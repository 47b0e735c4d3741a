"""People: accounts, profiles, settings, drafts, avatars, and the rows strangers may see.

What visitors ask of those rows lives in `marketplace`, what happened in `activity`.
"""

from flask import Flask

from common.http import auth
from common.http.api import Api
from profiles import models
from profiles.accounts import cli as account_cli
from profiles.accounts import models as account_models
from profiles.accounts import routes as account_routes
from profiles.accounts.status import may_act
from profiles.avatars import cli as avatar_cli
from profiles.avatars import routes as avatar_routes
from profiles.editing import cli as draft_commands
from profiles.editing import routes
from profiles.own_data import routes as own_data_routes
from profiles.public import cli
from profiles.public import models as public
from profiles.public import session_events as watch

__all__ = ["account_models", "init_app", "models", "public", "watch"]


def init_app(app: Flask, api: Api) -> None:
    """Register this domain's commands, account check and blueprints with the application."""
    auth.set_account_check(app, may_act)
    account_cli.init_app(app)
    cli.init_app(app)
    avatar_cli.init_app(app)
    draft_commands.init_app(app)
    api.spec.components.security_scheme("refreshCookie", account_routes.REFRESH_COOKIE)
    for blueprint in (
        account_routes.auth,
        account_routes.users,
        routes.profile,
        avatar_routes.avatar,
        own_data_routes.own_data,
    ):
        api.register_blueprint(blueprint)
