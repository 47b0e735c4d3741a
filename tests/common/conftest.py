"""An application of the probe domain alone; it needs neither database nor Redis."""

import pytest

from common.app import build_app
from common.http.auth import issue_access_token
from tests.common.http.probe import DOMAIN

SETTINGS = {
    "APP_ENV": "testing",
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nowhere",
    "REDIS_URL": None,
    "SECRET_KEY": "a secret of the tests - long enough",
    "FRONTEND_ORIGINS": ("https://app.example",),
}


@pytest.fixture
def build():
    """Build a probe application with other settings."""

    def build_probe(**overrides):
        return build_app([DOMAIN], {**SETTINGS, **overrides})

    yield build_probe


@pytest.fixture
def probe_app(build):
    return build()


@pytest.fixture
def probe(probe_app):
    return probe_app.test_client()


@pytest.fixture
def bearer(probe_app):
    """Make the header of a signed-in user."""

    def header(user_id=7):
        with probe_app.app_context():
            return {"Authorization": f"Bearer {issue_access_token(user_id)}"}

    return header
