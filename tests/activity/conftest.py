"""Somebody whose log is looked at, and their client."""

from datetime import timedelta

import pytest

from tests.activity.events import NOON, event, put
from tests.factories import as_user, make_user


@pytest.fixture
def user(app):
    return make_user()


@pytest.fixture
def me(client, user):
    """A client of `user`, whose registration is the first event of the log."""
    return as_user(client, user)


@pytest.fixture
def five(user):
    """Five events of consecutive days; their ids, newest first."""
    return list(reversed(put(*[event(user.id, NOON + timedelta(days=n)) for n in range(5)])))
