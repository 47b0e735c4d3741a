"""The cached first page: served while nothing changed, gone with the commit that changes it."""

from collections.abc import Iterator
from typing import Any

import pytest
import redis
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from common.database.session import db
from marketplace.cache import response_cache, shared_cache
from tests.conftest import MakeApp
from tests.factories import as_user, make_tutor
from tests.marketplace.generated_tutors import generate_tutors, store_tutors
from tests.marketplace.list_requests import ADDRESS, get_ids, get_page, ids_of
from tests.marketplace.statement_log import StatementLog


def clear_own_caches(app: Flask) -> None:
    """As another process would come to it."""
    app.extensions[shared_cache.EXTENSION].clear()
    app.extensions[response_cache.EXTENSION].clear()


@pytest.fixture
def store(redis_url: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(redis_url) as client:
        yield client


def statements_of(client: FlaskClient) -> int:
    counted = StatementLog()
    get_page(client)
    return len(counted.stop())


def test_the_cached_page_is_the_page(app: Flask, client: FlaskClient) -> None:
    store_tutors(generate_tutors(30))
    read, cached = client.get(ADDRESS), client.get(ADDRESS)
    assert (read.data, read.headers["ETag"]) == (cached.data, cached.headers["ETag"])
    assert get_page(client, page_size=20)["results"] == cached.json["results"]


def test_a_cached_page_costs_the_revision_alone(app: Flask, client: FlaskClient) -> None:
    store_tutors(generate_tutors(3))
    get_page(client, page_size=5)
    assert [statements_of(client) for _ in range(3)] == [2, 1, 1]


def test_processes_share_the_page_through_redis(
    app: Flask, client: FlaskClient, store: redis.Redis
) -> None:
    store_tutors(generate_tutors(3))
    before = get_page(client)
    (key,) = store.keys("marketplace:*:first:*")
    assert 0 < store.ttl(key) <= app.config["LIST_CACHE_SECONDS"]
    clear_own_caches(app)
    assert statements_of(client) == 1
    assert get_page(client) == before


def test_the_cached_page_names_the_address_it_is_asked_at(app: Flask, client: FlaskClient) -> None:
    store_tutors(generate_tutors(30))
    get_page(client)
    elsewhere = client.get(ADDRESS, base_url="https://tutors.example.org")
    assert elsewhere.json["next"].startswith("https://tutors.example.org/api/marketplace/tutors/?")
    assert elsewhere.headers["ETag"] != client.get(ADDRESS).headers["ETag"]


@pytest.mark.parametrize(
    "change",
    [
        {"settings": {"public_profile_enabled": False}},
        {"settings": {"show_bio_publicly": False}},
        {"tutor_profile": {"headline": "Another"}},
        {"user": {"first_name": "Another"}},
    ],
)
@pytest.mark.parametrize("is_cached_here", [True, False])
def test_a_change_holds_for_the_next_request(
    app: Flask, client: FlaskClient, change: dict[str, Any], is_cached_here: bool
) -> None:
    tutor = make_tutor(headline="Headline", bio="Bio")
    before = get_page(client)
    assert as_user(client, tutor).patch("/api/me/profile/", json=change).status_code == 200
    if not is_cached_here:
        clear_own_caches(app)
    after = get_page(client)
    assert after != before
    alone = client.get(f"{ADDRESS}{tutor.id}/")
    assert after["results"] == ([alone.json] if alone.status_code == 200 else [])


def test_a_change_nobody_can_see_leaves_the_cached_page(app: Flask, client: FlaskClient) -> None:
    tutor = make_tutor(bio="One", show_bio_publicly=False)
    get_page(client)
    mine = as_user(client, tutor)
    assert mine.patch("/api/me/profile/", json={"tutor_profile": {"bio": "Two"}}).status_code == 200
    assert statements_of(client) == 1


def test_nothing_is_served_from_a_redis_that_was_away_when_somebody_hid(
    make_app: MakeApp, app: Flask, client: FlaskClient, store: redis.Redis
) -> None:
    tutor = make_tutor()
    get_page(client)
    before = {key: store.get(key) for key in store.keys("marketplace:*:first:*")}
    alone = make_app(REDIS_URL=None).test_client()
    hide = {"settings": {"public_profile_enabled": False}}
    assert as_user(alone, tutor).patch("/api/me/profile/", json=hide).status_code == 200
    assert {key: store.get(key) for key in store.keys("marketplace:*:first:*")} == before
    clear_own_caches(app)
    assert get_ids(client) == []


def test_without_redis_each_process_keeps_its_own(make_app: MakeApp, app: Flask) -> None:
    store_tutors(generate_tutors(3))
    client = make_app(REDIS_URL="redis://127.0.0.1:9/0").test_client()
    first = get_page(client)
    with client.application.app_context():
        counted = StatementLog()
    assert get_page(client) == first
    assert len(counted.texts) == 1


def test_a_cache_of_no_seconds_is_none(make_app: MakeApp, app: Flask, store: redis.Redis) -> None:
    store_tutors(generate_tutors(3))
    client = make_app(LIST_CACHE_SECONDS=0).test_client()
    assert len(ids_of(get_page(client))) == 3
    db.session.execute(text("delete from public_tutors where tutor_id = 1000000"))
    db.session.commit()
    assert len(ids_of(get_page(client))) == 2
    assert store.keys("marketplace:*:first:*") == []


def test_any_parameter_asks_the_database(app: Flask, client: FlaskClient) -> None:
    store_tutors(generate_tutors(3))
    get_page(client)
    db.session.execute(text("delete from public_tutors where tutor_id = 1000000"))
    db.session.commit()
    for query in ({"page_size": 5}, {"ordering": "newest"}, {"language": ["uk", "en", "pl", "de"]}):
        assert 1000000 not in get_ids(client, **query)
