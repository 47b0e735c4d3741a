"""Refresh tokens never run out of ids, and the upgrade that saw to it lets log-ins go on."""

import secrets
import threading

import flask_migrate
import pytest
from sqlalchemy import create_engine, make_url, text

from common.database.session import db
from tests.database import create_database, drop_database

# Each says what bounds it.
BOUNDED = {
    "users.id": "one per registered person; the API promises 32-bit ids",
    "public_subjects.id": "one per new subject; saving profiles is limited per person and day",
}
INSERT = text("""
    insert into refresh_tokens (user_id, family_id, token_hash, issued_at, expires_at)
    values (:user_id, gen_random_uuid(), decode(md5(random()::text), 'hex'), now(), now())
    returning id
""")
SURROGATE_KEYS = text("""
    select table_name || '.' || column_name, data_type from information_schema.columns
    where table_schema = current_schema()
        and (is_identity = 'YES' or column_default like 'nextval%')
""")
USER = text("""
    insert into users (email, email_key, password_hash, role, first_name, last_name, timezone,
        registered_at)
    values ('a@b.co', 'a@b.co', '!', 'student', 'A', 'B', 'UTC', now()) returning id
""")


@pytest.fixture
def older(servers, make_app):
    """An engine on a database of the schema before, and the app that will upgrade it."""
    name = f"marketplace_test_{secrets.token_hex(6)}"
    url = create_database(servers.database_url, name)
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg2"))
    try:
        app = make_app(DATABASE_URL=url)
        with app.app_context():
            flask_migrate.upgrade(revision="0007")
        yield engine, app
    finally:
        engine.dispose()
        drop_database(servers.database_url, name)


def test_every_surrogate_key_that_grows_with_use_is_64_bits_wide(app):
    keys = dict(db.session.execute(SURROGATE_KEYS).all())
    assert "refresh_tokens.id" in keys
    assert {key for key, kind in keys.items() if kind != "bigint"} == set(BOUNDED)


def test_ids_widen_while_the_previous_release_goes_on_inserting(older):
    engine, app = older
    with engine.begin() as connection:
        user_id = connection.scalar(USER)
        # At the end of 32 bits, and with a gap as large as an old table's.
        connection.execute(text("alter sequence refresh_tokens_id_seq restart 2147480000"))
        issued = {connection.scalar(INSERT, {"user_id": user_id}) for _ in range(500)}
        first = "update refresh_tokens set id = 1 where id = 2147480000"
        connection.execute(text(first))
        issued = issued - {2147480000} | {1}
    is_over, failures = threading.Event(), []

    def keep_inserting():
        while not is_over.is_set():
            try:
                with engine.begin() as connection:
                    issued.add(connection.scalar(INSERT, {"user_id": user_id}))
            except Exception as error:
                failures.append(error)
                return

    writer = threading.Thread(target=keep_inserting)
    writer.start()
    try:
        with app.app_context():
            flask_migrate.upgrade()
    finally:
        is_over.set()
        writer.join()
    assert failures == []
    with engine.begin() as connection:
        stored = connection.scalars(text("select id from refresh_tokens")).all()
        assert set(stored) == issued and len(stored) == len(issued) > 500
        connection.execute(text("alter sequence refresh_tokens_id_seq restart 3000000000"))
        assert connection.scalar(INSERT, {"user_id": user_id}) == 3_000_000_000


def test_an_upgrade_that_was_interrupted_is_continued_by_the_next(older):
    engine, app = older
    with engine.begin() as connection:
        user_id = connection.scalar(USER)
        connection.execute(INSERT, {"user_id": user_id})
        connection.execute(text("alter table refresh_tokens add column id_64 bigint"))
        connection.execute(text("create index pk_refresh_tokens_64 on refresh_tokens (id_64)"))
    with app.app_context():
        flask_migrate.upgrade()
    with engine.begin() as connection:
        assert connection.scalar(INSERT, {"user_id": user_id}) == 2


def test_the_models_say_what_the_migrated_schema_is(app):
    flask_migrate.check()
