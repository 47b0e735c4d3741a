"""People: accounts, profiles, settings, drafts, and what the public may see of them."""

from flask import Flask

from common.api import Api
from profiles import models, public
from profiles.accounts import models as account_models

__all__ = ["account_models", "init_app", "models", "public"]


def init_app(app: Flask, api: Api) -> None:
    """Plug this domain in."""
