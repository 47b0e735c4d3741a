"""Uncached public reads are limited per caller, expensive ones also in number at once."""

import threading
from contextlib import ExitStack

import pytest
from flask import Flask
from flask.testing import FlaskClient

from common.http.limits.places import QUEUE, Places
from common.http.problems.errors import Unavailable
from marketplace.cache.admission import BUSY, EXTENSION, expensive_read
from tests.conftest import MakeApp
from tests.factories import as_user, make_student
from tests.marketplace.generated_tutors import generate_tutors, store_tutors
from tests.marketplace.list_requests import ADDRESS

FACETS = "/api/marketplace/facets/"
LIMIT = 3


@pytest.fixture
def limited(make_app: MakeApp, app: Flask) -> FlaskClient:
    store_tutors(generate_tutors(5))
    return make_app(PUBLIC_READ_LIMIT=f"{LIMIT}/minute").test_client()


def questions(number: int) -> list[str]:
    """Different ones, of which no cache can answer any."""
    return [f"{address}?price_min={n}" for n in range(number) for address in (ADDRESS, FACETS)]


def test_beyond_the_limit_uncached_reads_are_a_429(limited: FlaskClient) -> None:
    statuses = [limited.get(address).status_code for address in questions(LIMIT)]
    assert statuses == [200] * LIMIT + [429] * LIMIT
    refused = limited.get(f"{ADDRESS}?price_min=77")
    assert refused.mimetype == "application/problem+json"
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.headers["RateLimit"].startswith('"minute";r=0')
    # Also where the fast path would answer.
    assert limited.get(f"{ADDRESS}?price_min=77").status_code == 429


def test_cached_answers_and_cards_are_not_counted(limited: FlaskClient) -> None:
    cached = [ADDRESS, FACETS]
    assert [limited.get(address).status_code for address in cached] == [200, 200]
    etag = limited.get(f"{ADDRESS}?price_min=0").headers["ETag"]
    assert limited.get(f"{ADDRESS}?price_min=1").status_code == 429
    for _ in range(LIMIT):
        assert [limited.get(address).status_code for address in cached] == [200, 200]
        unchanged = limited.get(f"{ADDRESS}?price_min=0", headers={"If-None-Match": etag})
        assert unchanged.status_code == 304
        assert limited.get(f"{ADDRESS}1000000/").status_code == 200


def test_each_caller_has_a_limit_of_their_own(limited: FlaskClient) -> None:
    for address in questions(LIMIT):
        limited.get(address)
    elsewhere = {"REMOTE_ADDR": "203.0.113.9"}
    assert limited.get(f"{ADDRESS}?price_min=5", environ_base=elsewhere).status_code == 200
    assert as_user(limited, make_student()).get(f"{ADDRESS}?price_min=5").status_code == 200


def test_a_disabled_limit_counts_nobody(make_app: MakeApp, app: Flask) -> None:
    client = make_app(PUBLIC_READ_LIMIT="1/minute", RATE_LIMITS_ENABLED="false").test_client()
    assert {client.get(address).status_code for address in questions(3)} == {200}


def test_beyond_its_places_an_expensive_read_is_a_503_at_once_and_others_go_on(
    make_app: MakeApp, app: Flask
) -> None:
    store_tutors(generate_tutors(5))
    client = make_app(EXPENSIVE_READS="1").test_client()
    places: Places = client.application.extensions[EXTENSION]
    with ExitStack() as occupied:
        occupied.enter_context(places.take())
        for address in (f"{FACETS}?search=calm", f'{ADDRESS}?search="calm lessons"'):
            refused = client.get(address)
            assert (refused.status_code, refused.json["code"]) == (503, "busy")
            assert refused.headers["Retry-After"]
        cheap = (
            ADDRESS,
            f"{ADDRESS}1000000/",
            f"{ADDRESS}?search=calm",
            f"{ADDRESS}?price_min=2",
            f"{FACETS}?price_min=1",
        )
        assert {client.get(address).status_code for address in cheap} == {200}
    assert client.get(f"{FACETS}?search=calm").status_code == 200


def test_a_place_is_given_back_whatever_happens_and_the_queue_is_short(app: Flask) -> None:
    places = Places(1, BUSY)
    for _ in range(3):
        with pytest.raises(LookupError), places.take():
            raise LookupError
    entered, refused = threading.Event(), threading.Event()

    def wait() -> None:
        entered.set()
        with places.take():
            pass

    with places.take():
        waiting = [threading.Thread(target=wait) for _ in range(QUEUE)]
        for thread in waiting:
            thread.start()
        assert entered.wait(5)
    for thread in waiting:
        thread.join()
    with places.take(), pytest.raises(Unavailable), places.take():
        refused.set()
    assert not refused.is_set()


def test_the_application_has_places(app: Flask) -> None:
    with app.app_context(), expensive_read():
        assert isinstance(app.extensions[EXTENSION], Places)
