"""Searches are counted by what was sought, and their text is stored once enough have asked."""

from datetime import timedelta

import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from common.clock import now
from common.database.session import db
from marketplace.analytics.upkeep import expire
from tests.factories import as_user, make_student, make_tutor
from tests.marketplace.analytics.visitors import BROWSER, rows, search, settle, view, visitor
from tests.marketplace.list_requests import ADDRESS

LISTED = {"headline": "Математика", "subjects": ["Математика"]}
COUNTS = "select query, requests, without_results, callers from search_daily_counts"


def everything_stored() -> str:
    """All rows of all tables that analytics write, as text."""
    settle()
    names = ("insight_pages", "search_daily_counts", "search_callers", "search_questions")
    names += ("tutor_search_views", "tutor_visitors", "listing_daily_counts", "insight_salts")
    statement = " union all ".join(f"select t::text from {name} as t" for name in names)
    found = " ".join(db.session.scalars(text(statement)))
    db.session.rollback()
    return found


def test_the_text_is_stored_once_five_callers_have_asked(client: FlaskClient) -> None:
    for number in range(1, 5):
        for _ in range(3):
            search(visitor(client, number), "Математика")
    assert rows(COUNTS) == [(None, 12, 12, 4)]
    search(visitor(client, 5), "Математика")
    assert rows(COUNTS) == [("математика", 13, 13, 5)]


def test_one_address_is_one_caller_whatever_its_browsers_say(client: FlaskClient) -> None:
    """Else one person could have any text stored, and find out who else asked for it."""
    tutor = make_tutor(**LISTED)
    for number in range(40):
        mine = visitor(client, 1, agent=f"Browser {number}")
        search(mine, "математика")
        view(mine, tutor.id)
    assert rows(COUNTS) == [(None, 40, 0, 1)]
    # Viewers are told apart by classes of browsers: many share an address.
    ((viewers,),) = rows("select views from tutor_daily_counts where views > 0")
    assert 5 < viewers <= 16


def test_a_network_of_ipv6_is_one_caller(client: FlaskClient) -> None:
    for number in range(1, 9):
        mine = visitor(client, 1)
        mine.environ_base["REMOTE_ADDR"] = f"2001:db8:0:1::{number}"
        search(mine, "x")
    mine.environ_base["REMOTE_ADDR"] = "2001:db8:0:2::1"
    search(mine, "x")
    assert rows(COUNTS) == [(None, 9, 9, 2)]


def test_until_then_neither_the_words_nor_the_callers_can_be_read(client: FlaskClient) -> None:
    search(visitor(client, 77), "Потаємне")
    stored = everything_stored().casefold()
    for private in ("потаємне", "198.51.100.77", BROWSER):
        assert private.casefold() not in stored
        assert private.encode().hex() not in stored


def test_case_spacing_filters_and_ordering_make_no_other_search(client: FlaskClient) -> None:
    tutor = make_tutor(**LISTED, hourly_rate=300)
    for number, words in enumerate(("математика", "МАТЕМАТИКА ", " Математика"), start=1):
        search(visitor(client, number), words)
    search(visitor(client, 4), "математика", price_max=500)
    search(visitor(client, 5), "математика", ordering="newest")
    assert rows(COUNTS) == [("математика", 5, 0, 5)]
    assert tutor.id


def test_accounts_and_addresses_are_callers_and_their_requests_are_not(client: FlaskClient) -> None:
    student = make_student()
    for number in (1, 2, 3):
        search(as_user(visitor(client, number), student), "x")
        search(visitor(client, 9), "x")
    assert rows(COUNTS) == [(None, 6, 6, 2)]


def test_four_of_one_day_and_four_of_the_next_are_not_five(client: FlaskClient) -> None:
    for day in (0, 1):
        with time_machine.travel(now() + timedelta(days=day)):
            for number in range(4):
                search(visitor(client, 10 * day + number), "x")
    assert rows(COUNTS) == [(None, 4, 4, 4)] * 2


def test_further_pages_and_invalid_requests_are_no_searches(client: FlaskClient) -> None:
    for _ in range(2):
        make_tutor(**LISTED)
    page = client.get(f"{ADDRESS}?search=математика&page_size=1").json
    client.get(page["next"])
    client.get(f"{ADDRESS}?search=математика&page_size=0")
    client.head(f"{ADDRESS}?search=математика")
    client.get(ADDRESS)
    assert rows(COUNTS) == [(None, 1, 0, 1)]


def test_a_view_names_the_search_that_led_to_it(client: FlaskClient) -> None:
    tutor, other = make_tutor(**LISTED), make_tutor(**LISTED)
    for number in range(1, 4):
        query_id = search(visitor(client, number), "математика")
        view(visitor(client, number), tutor.id, f"?query_id={query_id}&position=2")
        view(visitor(client, number), tutor.id, f"?position=2&query_id={query_id}")
        view(visitor(client, number), other.id)
    assert rows("select tutor_id, views from tutor_search_views") == [(tutor.id, 3)]
    positions = "select views from listing_daily_counts where kind = 'position' and value = '2'"
    assert rows(positions) == [(3,)]


def test_a_query_id_that_nobody_was_given_leads_to_no_search(client: FlaskClient) -> None:
    tutor = make_tutor(**LISTED)
    view(client, tutor.id, "?query_id=0123456789abcdef&position=1")
    assert rows("select * from tutor_search_views") == []
    assert rows("select views from tutor_daily_counts") == [(1,)]


def test_a_batch_may_name_the_search_too(client: FlaskClient) -> None:
    tutor = make_tutor(**LISTED)
    query_id = search(visitor(client, 1), "математика")
    metadata = {"tutor_id": tutor.id, "query_id": query_id, "position": 1}
    events = [{"action": "profile.viewed", "metadata": metadata}]
    visitor(client, 1).post("/api/activity/events/", json={"events": events})
    assert rows("select tutor_id, views from tutor_search_views") == [(tutor.id, 1)]


def test_the_key_of_the_callers_and_all_of_too_few_go_with_the_day(
    app: Flask, client: FlaskClient
) -> None:
    tutor = make_tutor(**LISTED)
    for number in range(1, 6):
        known = search(visitor(client, number), "математика")
    rare = search(visitor(client, 1), "рідкісне")
    view(visitor(client, 1), tutor.id, f"?query_id={known}")
    view(visitor(client, 2), tutor.id, f"?query_id={rare}")
    assert len(rows("select * from tutor_search_views")) == 2
    today = now().date()
    assert not expire(db.engine, today, 400)
    assert len(rows("select * from tutor_search_views")) == 2
    expire(db.engine, today + timedelta(days=1), 400)
    for table in ("insight_salts", "tutor_visitors", "search_callers"):
        assert rows(f"select * from {table}") == []
    assert [query for query, *_ in rows(COUNTS)] == ["математика"]
    assert len(rows("select * from tutor_search_views")) == 1
    expire(db.engine, today + timedelta(days=401), 400)
    kept = ("tutor_daily_counts", "tutor_search_views", "search_daily_counts", "search_questions")
    for table in (*kept, "listing_daily_counts"):
        assert rows(f"select * from {table}") == []


def test_without_a_retention_counts_stay(app: Flask, client: FlaskClient) -> None:
    view(client, make_tutor(**LISTED).id)
    settle()
    expire(db.engine, now().date() + timedelta(days=5000), 0)
    assert len(rows("select * from tutor_daily_counts")) == 1


def test_callers_are_told_apart_by_the_key_that_the_database_holds(client: FlaskClient) -> None:
    """A restored database holds another than processes have used before."""
    callers = "select caller from search_callers"
    for _ in range(2):
        search(visitor(client, 1), "x")
        settle()
    (before,) = rows(callers)
    db.session.execute(text("delete from search_callers"))
    db.session.execute(text("update insight_salts set salt = sha256(salt)"))
    db.session.commit()
    search(visitor(client, 1), "x")
    (after,) = rows(callers)
    assert before != after
