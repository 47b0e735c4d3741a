"""What operators are told of searches, over HTTP and on the command line."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from activity import event_queue
from tests.factories import as_user, make_tutor, make_user
from tests.marketplace.analytics.visitors import search, view, visitor
from tests.marketplace.list_requests import get_page

REPORT = "/api/admin/search-report/"
LISTED = {"headline": "Математика", "subjects": ["Математика"], "hourly_rate": 300}
EMPTY = {"queries": [], "without_results": [], "filters": [], "positions": []}


def read(client: FlaskClient, role: str = "admin") -> Any:
    assert event_queue().drain()
    answer = as_user(client, make_user(role)).get(REPORT)
    assert answer.status_code == 200
    return answer.json


def ask(client: FlaskClient, words: str, callers: int, times: int = 1, **query: Any) -> None:
    for number in range(1, callers + 1):
        for _ in range(times):
            search(visitor(client, number), words, **query)


@pytest.mark.parametrize("role", ["admin", "superadmin"])
def test_an_administrator_reads_an_empty_report(client: FlaskClient, role: str) -> None:
    assert read(client, role) == {"period": "28d", **EMPTY}


@pytest.mark.parametrize("role", ["student", "tutor"])
def test_nobody_else_does(client: FlaskClient, role: str) -> None:
    assert as_user(client, make_user(role)).get(REPORT).status_code == 403
    assert client.get(REPORT).status_code == 401


def test_queries_stand_in_the_order_of_how_often_they_are_asked(client: FlaskClient) -> None:
    make_tutor(**LISTED)
    ask(client, "математика", callers=5, times=2)
    ask(client, "Японська", callers=6)
    ask(client, "рідкісне", callers=4, times=9)
    report = read(client)
    assert report["queries"] == [
        {"query": "математика", "searches": 10},
        {"query": "японська", "searches": 6},
    ]
    assert report["without_results"] == [{"query": "японська", "searches": 6}]


def test_filters_are_counted_by_name_on_first_pages(client: FlaskClient) -> None:
    make_tutor(**LISTED)
    for _ in range(5):
        get_page(client, price_max=500, subject="math")
    for _ in range(4):
        get_page(client, language="uk")
    get_page(client, price_max=400)
    assert read(client)["filters"] == [
        {"filter": "price_max", "searches": 6},
        {"filter": "subject", "searches": 5},
    ]


def test_click_through_is_views_per_appearance_at_a_position(client: FlaskClient) -> None:
    tutors = [make_tutor(**LISTED) for _ in range(2)]
    for number in range(1, 11):
        mine = visitor(client, number)
        query_id = search(mine, "математика")
        if number <= 5:
            view(mine, tutors[0].id, f"?query_id={query_id}&position=1")
        if number <= 4:
            view(mine, tutors[1].id, f"?query_id={query_id}&position=2")
    assert read(client)["positions"] == [
        {"position": 1, "appearances": 10, "views": 5, "click_through": 0.5},
        {"position": 2, "appearances": 10, "views": None, "click_through": None},
    ]


def test_more_views_than_appearances_are_no_share(client: FlaskClient) -> None:
    tutor = make_tutor(**LISTED)
    for number in range(1, 7):
        view(visitor(client, number), tutor.id, "?position=1")
    for _ in range(5):
        get_page(client)
    (first,) = read(client)["positions"]
    assert first == {"position": 1, "appearances": 5, "views": 6, "click_through": None}


def test_the_command_shows_the_same_as_tables(app: Flask, client: FlaskClient) -> None:
    make_tutor(**LISTED)
    ask(client, "[bold]\x1b[31mматематика", callers=5, price_max=500)
    assert event_queue().drain()
    result = app.test_cli_runner().invoke(args=["search-report", "--period", "12m"])
    assert result.exit_code == 0, result.output
    assert "[bold]\ufffd[31mматематика" in result.output
    assert "\x1b[31m" not in result.output
    for title in ("Most frequent queries", "Queries without results", "Filters used"):
        assert f"{title}, 12m" in result.output
    assert "price_max" in result.output


def test_the_command_says_where_there_is_nothing(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["search-report"])
    assert result.exit_code == 0
    assert "Click-through by position, 28d: none" in result.output


def test_the_command_explains_itself(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["search-report", "--help"])
    assert "five different callers" in result.output
    assert "flask search-report --period 12m" in result.output
