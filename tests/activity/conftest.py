"""Somebody whose log is looked at, and their client."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy import event as listen

import activity.log.reading
from common.database.replicas import position
from common.database.session import read_rows
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


@pytest.fixture
def statements(app, monkeypatch):
    """Every statement sent to the database from here on."""
    sent = []

    def note(connection, cursor, statement, *rest):
        sent.append(statement)

    def read_and_note(sql, parameters):
        sent.append(sql)
        return read_rows(sql, parameters)

    for module in (activity.log.reading, position):
        monkeypatch.setattr(module, "read_rows", read_and_note)
    listen.listen(Engine, "before_cursor_execute", note)
    yield sent
    listen.remove(Engine, "before_cursor_execute", note)
