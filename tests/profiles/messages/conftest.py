"""Somebody to write to."""

import pytest

from tests.factories import make_user


@pytest.fixture
def user(app):
    return make_user()
