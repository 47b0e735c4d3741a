"""The upgrade deletes what older versions left of rows that are gone; a rebuild stores what is shown."""

from collections.abc import Iterator

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import Engine, text

from common.database.session import db
from common.embedded import ServerUrls
from tests.database import create_database, drop_database

DATABASE = "marketplace_test_leftovers"
LEFTOVERS = 4_500
FILL = f"""
insert into users
    (email, email_key, password_hash, role, first_name, last_name, timezone, registered_at)
values ('a@b.co', 'a@b.co', '!', 'tutor', 'A', 'B', 'UTC', now());
insert into public_tutors (tutor_id, card, etag, languages, has_certifications, score, registered_us)
select id, '{{}}', '', '', false, 0, 0 from users;
insert into public_subjects (code) select 'left ' || n from generate_series(1, {LEFTOVERS // 2}) n;
insert into public_subjects (code) values ('taught');
insert into public_subjects (code) select 'more ' || n from generate_series(1, {LEFTOVERS // 2}) n;
insert into public_tutor_subjects
    (tutor_id, subject_id, languages, has_certifications, score, registered_us)
select tutor_id, subject.id, '', false, 0, 0
from public_tutors join public_subjects subject on code = 'taught';
insert into public_words values ('erased');
insert into public_spellings values ('erase', 'erased');
"""


@pytest.fixture
def upgraded(servers: ServerUrls, make_app) -> Iterator[Engine]:
    """A database that an older version filled, and this one upgraded."""
    app: Flask = make_app(DATABASE_URL=create_database(servers.database_url, DATABASE))
    with app.app_context():
        flask_migrate.upgrade(revision="0010")
        with db.engine.begin() as connection:
            connection.execute(text(FILL))
        flask_migrate.upgrade()
        yield db.engine
        db.engine.dispose()
    drop_database(servers.database_url, DATABASE)


def test_the_upgrade_deletes_leftovers_and_nothing_that_is_shown(upgraded: Engine) -> None:
    with upgraded.connect() as connection:
        assert list(connection.scalars(text("select code from public_subjects"))) == ["taught"]
        for table in ("public_words", "public_spellings"):
            assert connection.scalar(text(f"select count(*) from {table}")) == 0
        assert connection.scalar(text("select count(*) from public_tutor_subjects")) == 1
