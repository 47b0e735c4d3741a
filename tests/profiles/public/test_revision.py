"""The revision of public rows: it changes with the commit that changes one, and never returns."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from common.database.session import db, dispose_engines
from tests.database import database_of, on_server
from tests.factories import as_user, make_tutor
from tests.profiles.profile_owner import PROFILE
from tests.profiles.public.public_rows import change, revision

LISTS = ("/api/marketplace/tutors/", "/api/marketplace/tutors/?search=математика")
SECRET = "таємниця"


def test_no_revision_returns_and_none_follows_from_another(app: Flask) -> None:
    tutor = make_tutor()
    seen = [revision()]
    for number in range(50):
        change(tutor, headline=f"{number}")
        seen.append(revision())
    assert len(set(seen)) == len(seen)
    # Steps are as random as the numbers themselves.
    steps = {after - before for before, after in zip(seen, seen[1:], strict=False)}
    assert len(steps) == 50
    assert max(map(abs, steps)) > 2**50


def test_the_largest_revision_is_a_bigint(app: Flask) -> None:
    tutor = make_tutor()
    db.session.execute(db.text(f"update public_revision set n = {2**59 - 1}"))
    db.session.commit()
    assert revision() == 16 * (2**59 - 1) < 2**63
    change(tutor, headline="new")
    assert 0 <= revision() < 2**63


@pytest.fixture
def cluster(servers: Any, fresh_database_url: str) -> Iterator[Callable[[str], None]]:
    """Copies the database as a replica would, and puts the copy in its place, as a fail-over does."""
    name, copy = database_of(fresh_database_url), f"{database_of(fresh_database_url)}_copy"

    def run(step: str) -> None:
        dispose_engines()
        with on_server(servers.database_url) as admin:
            if step == "copy":
                admin.execute(f"create database {copy} template {name}")
            else:
                admin.execute(f"drop database {name} with (force)")
                admin.execute(f"alter database {copy} rename to {name}")

    yield run
    with on_server(servers.database_url) as admin:
        admin.execute(f"drop database if exists {copy} with (force)")


@pytest.fixture
def site(make_app: Any, fresh_database_url: str) -> Iterator[FlaskClient]:
    app = make_app(DATABASE_URL=fresh_database_url)
    with app.app_context():
        yield app.test_client()


@pytest.mark.parametrize("saves", [1, 3])
def test_after_a_fail_over_that_lost_saves_what_is_hidden_is_in_no_cached_list(
    site: FlaskClient, cluster: Callable[[str], None], saves: int
) -> None:
    tutor = make_tutor(bio=SECRET, headline="математика")
    owner = as_user(site, tutor)
    cluster("copy")
    for number in range(saves):
        body = {"tutor_profile": {"headline": f"математика {number}"}}
        assert owner.patch(PROFILE, json=body).status_code == 200
        for url in LISTS:
            assert SECRET in site.get(url).get_data(as_text=True)
    cluster("fail over")
    # As many changes as were lost: a counter would now stand where it stood.
    hidden = {"settings": {"show_bio_publicly": False}}
    assert owner.patch(PROFILE, json=hidden).status_code == 200
    for number in range(saves):
        for url in LISTS:
            assert SECRET not in site.get(url).get_data(as_text=True)
        body = {"tutor_profile": {"headline": f"математика знову {number}"}}
        assert owner.patch(PROFILE, json=body).status_code == 200
