"""People: accounts, profiles, settings, drafts, avatars, and the rows strangers may see.

What visitors ask of those rows lives in `marketplace`, what happened in `activity`.
"""

from flask import Flask

from common.docs import add_tables
from common.http.acting_accounts import Conditions, set_account_check
from common.http.api import Api
from common.translation.reader import set_language_lookup
from profiles import documentation, models
from profiles.accounts import models as account_models
from profiles.accounts import routes as account_routes
from profiles.accounts.administration import cli as account_cli
from profiles.accounts.administration import upkeep as account_upkeep
from profiles.accounts.one_time_tokens import models as token_models
from profiles.accounts.password_reset import models as password_models
from profiles.accounts.password_reset import reset_worker
from profiles.accounts.sessions.account_check import HAS_OPEN_SESSION, IS_ACTIVE, is_open, may_act
from profiles.accounts.two_factor import cli as two_factor_cli
from profiles.accounts.two_factor import models as two_factor_models
from profiles.avatars import cli as avatar_cli
from profiles.avatars import routes as avatar_routes
from profiles.editing import routes as profile_routes
from profiles.editing.blueprint import profile
from profiles.editing.drafts import cli as draft_commands
from profiles.editing.drafts import routes as draft_routes
from profiles.editing.snapshots import routes as snapshot_routes
from profiles.own_data import cli as own_data_cli
from profiles.own_data import routes as own_data_routes
from profiles.own_data import unverified_accounts
from profiles.preview import routes as preview_routes
from profiles.public import models as public
from profiles.public.rebuilding import cli, session_events
from profiles.saved import models as saved_models
from profiles.ui_language import ui_language

# In the order in which the OpenAPI document lists their operations.
# isort: off
from profiles.accounts.registration import routes as registration_routes
from profiles.accounts.login import routes as login_routes
from profiles.accounts.passwords import routes as password_routes
from profiles.accounts.sessions import routes as session_routes
from profiles.accounts.address import routes as address_routes
from profiles.accounts.password_reset import routes as password_reset_routes
from profiles.accounts.two_factor import routes as two_factor_routes

# isort: on

# Imported for their effect: tables, operations on the blueprint, listeners of the session.
__all__ = [
    "account_models",
    "address_routes",
    "draft_routes",
    "init_app",
    "login_routes",
    "models",
    "password_models",
    "password_reset_routes",
    "password_routes",
    "preview_routes",
    "profile_routes",
    "public",
    "registration_routes",
    "saved_models",
    "session_events",
    "snapshot_routes",
    "token_models",
    "two_factor_models",
]


def init_app(app: Flask, api: Api) -> None:
    """Register this domain's commands, account check and blueprints with the application."""
    conditions = Conditions(IS_ACTIVE, HAS_OPEN_SESSION)
    set_account_check(app, may_act, is_open, conditions)
    set_language_lookup(app, ui_language)
    account_cli.init_app(app)
    account_upkeep.init_app(app)
    two_factor_cli.init_app(app)
    reset_worker.init_app(app)
    cli.init_app(app)
    avatar_cli.init_app(app)
    draft_commands.init_app(app)
    unverified_accounts.init_app(app)
    own_data_routes.init_app(app)
    own_data_cli.init_app(app)
    api.spec.components.security_scheme("refreshCookie", session_routes.REFRESH_COOKIE)
    for blueprint in (
        account_routes.auth,
        account_routes.users,
        account_routes.account,
        two_factor_routes.two_factor,
        profile,
        avatar_routes.avatar,
        own_data_routes.own_data,
    ):
        api.register_blueprint(blueprint)
    add_tables(app, documentation.tables())
