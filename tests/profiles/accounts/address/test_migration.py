"""Accounts of releases that verified no address: unverified, off the cards, and never erased for it."""

from collections.abc import Iterator
from datetime import timedelta

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import text

from common.clock import now
from common.database.session import db
from common.embedded import ServerUrls
from profiles.accounts.models import User
from profiles.own_data.unverified_accounts import erase_unused
from profiles.public.rebuilding.rebuild import rebuild
from tests.database import create_database, drop_database

DATABASE = "marketplace_test_unverified"
OLDER = """
insert into users
    (email, email_key, password_hash, role, first_name, last_name, timezone, registered_at)
values (:email, :email, '!', 'tutor', 'A', 'B', 'UTC', now() - interval '3 years')
"""
SETTINGS = """
insert into tutor_profiles (user_id) select id from users;
insert into user_settings (user_id, show_email_publicly) select id, true from users;
"""


@pytest.fixture
def upgraded(servers: ServerUrls, make_app) -> Iterator[Flask]:
    """A database with an account of before, and one that the earlier release made meanwhile."""
    app: Flask = make_app(DATABASE_URL=create_database(servers.database_url, DATABASE))
    with app.app_context():
        flask_migrate.upgrade(revision="0013")
        db.session.execute(text(OLDER), {"email": "before@example.org"})
        db.session.commit()
        flask_migrate.upgrade()
        db.session.execute(text(OLDER), {"email": "meanwhile@example.org"})
        db.session.execute(text(SETTINGS))
        db.session.commit()
        yield app
        db.session.remove()
        db.engine.dispose()
    drop_database(servers.database_url, DATABASE)


def test_earlier_accounts_are_unverified_shown_without_email_and_stay(upgraded: Flask) -> None:
    users = db.session.query(User).order_by(User.id).all()
    assert [user.email_verified for user in users] == [False, False]
    ids = [user.id for user in users]
    rebuild(db.session.connection(), ids)
    db.session.commit()
    browser = upgraded.test_client()
    cards = [browser.get(f"/api/marketplace/tutors/{user_id}/").json for user_id in ids]
    assert [card["email"] for card in cards] == [None, None]
    assert [*erase_unused(now() + timedelta(days=1))] == []
