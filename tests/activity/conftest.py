"""Somebody whose log is looked at, and their client."""

import pytest

from tests.factories import as_user, make_user


@pytest.fixture
def user(app):
    return make_user()


@pytest.fixture
def me(client, user):
    """A client of `user`, whose registration is the first event of the log."""
    return as_user(client, user)
