from flask import Flask

from common.api import Api


def init_app(app: Flask, api: Api) -> None:
    """Plug this domain in."""
