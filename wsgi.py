"""Table of contents: the domains in the order they may import each other, and the app."""

from collections.abc import Mapping
from typing import Any

from flask import Flask

import activity
import fixtures
import marketplace
import profiles
from common.app import build_app

DOMAINS = (activity, profiles, marketplace, fixtures)


def create_app(overrides: Mapping[str, Any] | None = None) -> Flask:
    """The application, from the environment's settings and `overrides`."""
    return build_app(DOMAINS, overrides)


def __getattr__(name: str) -> Flask:
    """Build `app` when a server asks for it, so that importing this module does nothing."""
    if name in {"app", "application"}:
        globals()["app"] = globals()["application"] = create_app()
        return globals()["app"]
    raise AttributeError(name)
