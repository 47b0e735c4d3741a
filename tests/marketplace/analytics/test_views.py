"""A tutor's views: whom they count, and whom only once."""

from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient

from common.clock import now
from tests.conftest import MakeApp
from tests.factories import as_user, make_student, make_tutor
from tests.marketplace.analytics.visitors import rows, view, views_of, visitor
from tests.marketplace.list_requests import ADDRESS

LISTED = {"headline": "Математика", "subjects": ["Математика"]}


def test_a_visitor_counts_once_a_day(client: FlaskClient) -> None:
    tutor = make_tutor(**LISTED)
    for _ in range(3):
        view(visitor(client, 1), tutor.id)
    view(visitor(client, 2), tutor.id)
    assert views_of(tutor.id) == 2


def test_a_visitor_counts_again_the_next_day(client: FlaskClient) -> None:
    tutor = make_tutor(**LISTED)
    view(visitor(client, 1), tutor.id)
    assert views_of(tutor.id) == 1
    with time_machine.travel(now() + timedelta(days=1)):
        view(visitor(client, 1), tutor.id)
        assert views_of(tutor.id) == 2


def test_an_account_counts_once_wherever_it_looks_from(client: FlaskClient) -> None:
    tutor, student = make_tutor(**LISTED), make_student()
    for number in (1, 2):
        view(as_user(visitor(client, number), student), tutor.id)
    assert views_of(tutor.id) == 1


def test_a_tutors_own_views_do_not_count(client: FlaskClient) -> None:
    tutor, colleague = make_tutor(**LISTED), make_tutor(**LISTED)
    view(as_user(client, tutor), tutor.id)
    assert views_of(tutor.id) == 0
    view(as_user(client, colleague), tutor.id)
    assert views_of(tutor.id) == 1


def test_browsers_at_one_address_count_up_to_a_bound(client: FlaskClient) -> None:
    tutor = make_tutor(**LISTED)
    for number in range(80):
        view(visitor(client, 1, agent=f"Browser {number}"), tutor.id)
    assert 2 <= views_of(tutor.id) <= 16


def test_a_view_that_is_answered_with_a_304_counts(client: FlaskClient) -> None:
    tutor = make_tutor(**LISTED)
    etag = client.get(f"{ADDRESS}{tutor.id}/").headers["ETag"]
    fresh = visitor(client, 2).get(f"{ADDRESS}{tutor.id}/", headers={"If-None-Match": etag})
    assert fresh.status_code == 304
    assert views_of(tutor.id) == 2


def test_a_head_shows_nothing_and_counts_nothing(client: FlaskClient) -> None:
    tutor = make_tutor(**LISTED)
    assert client.head(f"{ADDRESS}{tutor.id}/").status_code == 200
    assert client.head(ADDRESS).status_code == 200
    assert rows("select views, appearances from tutor_daily_counts") == []


@pytest.mark.parametrize("metadata", [{}, {"query_id": "no hash", "position": -1}])
def test_a_view_that_a_client_sends_in_a_batch_counts_once_beside_the_card(
    client: FlaskClient, metadata: dict[str, object]
) -> None:
    tutor = make_tutor(**LISTED)
    event = {"action": "profile.viewed", "metadata": {"tutor_id": tutor.id, **metadata}}
    for number in (1, 2):
        mine = visitor(client, number)
        answer = mine.post("/api/activity/events/", json={"events": [event, event]})
        assert answer.status_code == 202
        view(mine, tutor.id)
    assert views_of(tutor.id) == 2


@pytest.mark.parametrize("tutor_id", [None, "17", 0, -1, 2**40, 1.5, True, [17], 2_000_000_000])
def test_a_batch_that_names_no_tutor_is_stored_and_counts_nothing(
    client: FlaskClient, tutor_id: object
) -> None:
    event = {"action": "profile.viewed", "metadata": {"tutor_id": tutor_id}}
    answer = client.post("/api/activity/events/", json={"events": [event]})
    assert answer.json["accepted"] == 1
    assert rows("select * from tutor_daily_counts") == []
    assert rows("select * from tutor_visitors") == []


def test_nobody_views_a_tutor_who_is_not_listed(client: FlaskClient) -> None:
    tutor = make_tutor(**LISTED, public_profile_enabled=False)
    event = {"action": "profile.viewed", "metadata": {"tutor_id": tutor.id}}
    client.post("/api/activity/events/", json={"events": [event]})
    assert client.get(f"{ADDRESS}{tutor.id}/").status_code == 404
    assert views_of(tutor.id) == 0


def test_a_caller_beyond_its_budget_is_answered_and_not_counted(make_app: MakeApp) -> None:
    app = make_app(INSIGHTS_CALLER_LIMIT=2)
    with app.app_context():
        tutors = [make_tutor(**LISTED) for _ in range(3)]
        for tutor in tutors:
            view(visitor(app.test_client(), 1), tutor.id)
        assert [views_of(tutor.id) for tutor in tutors] == [1, 1, 0]
        view(visitor(app.test_client(), 2), tutors[2].id)
        assert views_of(tutors[2].id) == 1
