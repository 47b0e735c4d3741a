"""What tutors are told of how they are found."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient

from activity import event_queue
from common.clock import now
from profiles.accounts.models import User
from tests.factories import PASSWORD, as_user, make_student, make_tutor, make_user
from tests.marketplace.analytics.visitors import search, settle, view, visitor
from tests.marketplace.list_requests import get_page
from tests.profiles.profile_owner import Owner

INSIGHTS = "/api/me/insights/"
LISTED = {"headline": "Математика", "subjects": ["Математика"]}
NOTHING = {"views": None, "appearances": None, "average_position": None, "saves": None}


def read(client: FlaskClient, tutor: User, period: str = "28d") -> Any:
    assert event_queue().drain()
    answer = as_user(client, tutor).get(f"{INSIGHTS}?period={period}")
    assert answer.status_code == 200
    return answer.json


def today(client: FlaskClient, tutor: User) -> dict[str, Any]:
    *_, last = read(client, tutor)["days"]
    assert last.pop("date") == now().date().isoformat()
    return last


@pytest.mark.parametrize(("period", "number"), [("28d", 28), ("12m", 365)])
def test_every_day_of_the_period_is_there_oldest_first(
    client: FlaskClient, period: str, number: int
) -> None:
    found = read(client, make_tutor(), period)
    days = [now().date() - timedelta(days=ago) for ago in reversed(range(number))]
    assert found["days"] == [{"date": day.isoformat(), **NOTHING} for day in days]
    assert found["queries"] == []


def test_a_number_below_five_is_null(client: FlaskClient) -> None:
    tutor = make_tutor(**LISTED)
    for number in range(1, 5):
        get_page(client)
        view(visitor(client, number), tutor.id)
    assert today(client, tutor) == NOTHING
    get_page(client)
    view(visitor(client, 5), tutor.id)
    assert today(client, tutor) == NOTHING | {
        "views": 5,
        "appearances": 5,
        "average_position": 1.0,
    }


def test_pages_count_before_they_are_rolled_up_and_after(client: FlaskClient) -> None:
    first = make_tutor(**LISTED, rating=5, reviews_count=50)
    tutor = make_tutor(headline="Математика")
    for _ in range(6):
        get_page(client)
    before = today(client, tutor)
    settle()
    assert today(client, tutor) == before
    assert (before["appearances"], before["average_position"]) == (6, 2.0)
    assert today(client, first)["average_position"] == 1.0


def test_a_day_is_told_as_it_was(client: FlaskClient) -> None:
    tutor = make_tutor(**LISTED)
    with time_machine.travel(now() - timedelta(days=3)):
        for number in range(1, 8):
            view(visitor(client, number), tutor.id)
        settle()
    days = read(client, tutor)["days"]
    assert [day["views"] for day in days[-4:]] == [7, None, None, None]


def test_a_search_stands_there_once_five_have_asked_it(client: FlaskClient) -> None:
    tutor = make_tutor(**LISTED)
    for number in range(1, 5):
        query_id = search(visitor(client, number), "Математика")
        view(visitor(client, number), tutor.id, f"?query_id={query_id}&position=1")
    assert read(client, tutor)["queries"] == []
    search(visitor(client, 5), "математика")
    assert read(client, tutor)["queries"] == [{"query": "математика", "views": None}]
    view(visitor(client, 5), tutor.id, f"?query_id={query_id}&position=1")
    assert read(client, tutor)["queries"] == [{"query": "математика", "views": 5}]


def test_each_tutor_reads_their_own_only(client: FlaskClient) -> None:
    tutor, other = make_tutor(**LISTED), make_tutor(**LISTED)
    for number in range(1, 7):
        view(visitor(client, number), tutor.id)
    assert today(client, tutor)["views"] == 6
    assert today(client, other)["views"] is None


def test_an_unlisted_tutor_keeps_their_own_and_gains_none(client: FlaskClient) -> None:
    tutor = make_tutor(**LISTED)
    for number in range(1, 7):
        view(visitor(client, number), tutor.id)
    settle()
    Owner(client, tutor).patch({"settings": {"public_profile_enabled": False}})
    get_page(client)
    assert today(client, tutor)["views"] == 6


@pytest.mark.parametrize("role", ["student", "admin", "superadmin"])
def test_only_tutors_have_insights(client: FlaskClient, role: str) -> None:
    answer = as_user(client, make_user(role)).get(INSIGHTS)
    assert answer.status_code == 403
    assert answer.json["code"] == "forbidden"


def test_a_visitor_is_asked_to_log_in(client: FlaskClient) -> None:
    assert client.get(INSIGHTS).status_code == 401


@pytest.mark.parametrize("query", ["period=1d", "period=28D", "days=28", "period=28d&period=12m"])
def test_another_period_is_refused(client: FlaskClient, query: str) -> None:
    answer = as_user(client, make_tutor()).get(f"{INSIGHTS}?{query}")
    assert answer.status_code == 422
    assert set(answer.json["errors"]["query"]) == {query.partition("=")[0]}


def test_no_cache_keeps_the_answer(client: FlaskClient) -> None:
    answer = as_user(client, make_tutor()).get(INSIGHTS)
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_a_signed_in_view_counts_as_any_other(client: FlaskClient) -> None:
    tutor = make_tutor(**LISTED)
    for _ in range(5):
        view(as_user(client, make_student()), tutor.id)
    assert today(client, tutor)["views"] == 5


def save(client: FlaskClient, person: User, tutor: User) -> None:
    assert as_user(client, person).put(f"/api/me/saved-tutors/{tutor.id}/").status_code == 204


def test_saves_count_while_they_last(client: FlaskClient) -> None:
    tutor = make_tutor(**LISTED)
    people = [make_student() for _ in range(6)]
    for person in people:
        save(client, person, tutor)
    save(client, tutor, tutor)
    assert today(client, tutor)["saves"] == 6
    as_user(client, people[0]).delete(f"/api/me/saved-tutors/{tutor.id}/")
    assert today(client, tutor)["saves"] == 5
    gone = as_user(client, people[1]).delete("/api/me/", json={"password": PASSWORD})
    assert gone.status_code == 204
    assert today(client, tutor)["saves"] is None
