"""The fast path while the database refuses, is slow or falls silent: as the views do."""

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg2
import pytest
from flask import Flask
from flask.testing import FlaskClient

from common.database.connections.connection import watched_connections
from tests.conftest import MakeApp
from tests.marketplace.generated_tutors import generate_tutors, store_tutors
from tests.marketplace.list_requests import ADDRESS
from tests.marketplace.statement_log import StatementLog

LISTS = f"{ADDRESS}?price_min=0&page_size=11"
CARD = f"{ADDRESS}1000000/"


@contextmanager
def locked(database_url: str) -> Iterator[None]:
    """Nobody can read public rows meanwhile."""
    with closing(psycopg2.connect(database_url)) as connection, connection.cursor() as cursor:
        cursor.execute("lock table public_tutors in access exclusive mode")
        yield
        connection.rollback()


@pytest.fixture
def client(make_app: MakeApp, app: Flask) -> FlaskClient:
    """Of an application that soon gives up, and whose fast path knows the requests."""
    store_tutors(generate_tutors(20))
    client = make_app(STATEMENT_TIMEOUT_MS=300, LOCK_TIMEOUT_MS=10_000).test_client()
    for address in (LISTS, CARD):
        assert client.get(address).status_code == 200
    return client


@pytest.mark.parametrize("address", [LISTS, CARD])
def test_a_cancelled_statement_is_a_503_and_is_not_tried_again(
    client: FlaskClient, database_url: str, address: str
) -> None:
    with client.application.app_context():
        log = StatementLog()
        # To prepare a statement waits for the lock, too: now only its execution does.
        assert client.get(address).status_code == 200
        before = len(log.texts)
        with locked(database_url):
            answer = client.get(address)
        statements = log.stop()[before:]
    assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
    assert answer.headers["Retry-After"] and answer.headers["X-Request-ID"]
    assert len([text for text in statements if "from public_tutors" in text]) == 1
    assert client.get(address).status_code == 200


@pytest.mark.parametrize("address", [LISTS, CARD])
def test_a_database_that_is_away_is_a_503(make_app: MakeApp, client: Any, address: str) -> None:
    url = "postgresql://nobody@127.0.0.1:9/nowhere"
    away = make_app(DATABASE_URL=url).test_client()
    for _ in range(2):
        answer = away.get(address)
        assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
        assert answer.headers["Retry-After"]


def test_a_foreign_cursor_is_refused_as_the_view_refuses_it(client: FlaskClient) -> None:
    address = f"{LISTS}&cursor=made-up"
    answers = [client.get(address) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [400, 400]
    assert answers[0].json["errors"] == answers[1].json["errors"]


def test_the_fast_path_starts_the_watchdog_of_silent_connections(
    make_app: MakeApp, app: Flask
) -> None:
    store_tutors(generate_tutors(1))
    client = make_app().test_client()
    # The first request is a card: nothing but the fast path has run in this application.
    assert client.get(CARD).status_code == 200
    assert any(thread.name == "watchdog" for thread in threading.enumerate())
    assert watched_connections()
