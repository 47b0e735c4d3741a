"""What happened: the log each user can read, and the ways events get into it."""

from flask import Flask

from activity import models
from common.api import Api

__all__ = ["init_app", "models"]


def init_app(app: Flask, api: Api) -> None:
    """Plug this domain in."""
