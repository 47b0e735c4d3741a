"""What a visitor's reading leaves in the log."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from activity import Action, event_queue
from activity.models import ActivityEvent
from common.database.session import db
from profiles.accounts.models import User
from tests.activity.events import visits
from tests.factories import as_user, make_student
from tests.marketplace.generated_tutors import generate_tutors, store_tutors
from tests.marketplace.list_requests import ADDRESS, get_page

FILTERS = {"subject": ["math", "english"], "price_min": 0, "language": ["uk"]}
FILTERED = "subject=english,maths&price_min=0&language=UK"


def events() -> list[ActivityEvent]:
    event_queue().drain()
    db.session.rollback()
    implicit = ActivityEvent.action != Action.AUTH_REGISTERED
    return list(
        db.session.scalars(select(ActivityEvent).where(implicit).order_by(ActivityEvent.id))
    )


def recorded() -> list[tuple[str, dict[str, Any]]]:
    return [(event.action, event.details) for event in events()]


@pytest.fixture
def student(app: Flask) -> User:
    return make_student()


@pytest.fixture
def client(client: FlaskClient, student: User) -> FlaskClient:
    """A signed-in student: of others only daily counts grow."""
    return as_user(client, student)


def test_one_request_records_each_event_it_has_a_parameter_for(
    app: Flask, client: FlaskClient
) -> None:
    store_tutors(generate_tutors(20))
    client.get(f"{ADDRESS}?{FILTERED}&q= репетитор&ordering=-settings__hourly_rate")
    count = get_page(client, q="репетитор", **FILTERS)["count"]
    filters = {"subject": ["english", "math"], "price_min": 0, "language": ["uk"]}
    assert recorded()[:3] == [
        (
            "marketplace.search",
            {"query": "репетитор", "filters": filters, "result_count": count},
        ),
        ("marketplace.filter.applied", {"filters": filters, "result_count": count}),
        ("marketplace.sort.changed", {"ordering": "-hourly_rate"}),
    ]


@pytest.mark.parametrize(
    ("query", "actions"),
    [
        ("", []),
        ("page_size=5", []),
        ("search=%20", []),
        ("subject=,", []),
        ("search=x", ["marketplace.search"]),
        ("price_max=5", ["marketplace.filter.applied"]),
        ("has_certifications=false", ["marketplace.filter.applied"]),
        ("ordering=newest", ["marketplace.sort.changed"]),
        ("ordering=newest&price_min=0", ["marketplace.filter.applied", "marketplace.sort.changed"]),
        ("search=x&price_min=0", ["marketplace.search", "marketplace.filter.applied"]),
        ("price_min=x", []),
        ("search=x&cursor=x", []),
    ],
)
def test_what_is_not_asked_is_not_recorded(
    app: Flask, client: FlaskClient, query: str, actions: list[str]
) -> None:
    client.get(f"{ADDRESS}?{query}")
    assert [action for action, _ in recorded()] == actions


def test_further_pages_record_nothing(app: Flask, client: FlaskClient) -> None:
    store_tutors(generate_tutors(9))
    page = get_page(client, ordering="newest", price_min=0, page_size=1)
    before = len(events())
    assert client.get(page["next"]).status_code == 200
    assert len(events()) == before == 2


def test_an_event_knows_who_asked_how_long_it_took_and_how_it_was_answered(
    client: FlaskClient, student: User
) -> None:
    client.get(f"{ADDRESS}?search=x", headers={"User-Agent": "A browser"})
    (event,) = events()
    assert event.user_id == student.id
    assert (event.status_code, event.source, event.user_agent) == (200, "server", "A browser")
    assert event.duration_ms is not None and event.duration_ms >= 0


def test_an_event_names_what_it_is_about(client: FlaskClient) -> None:
    store_tutors(generate_tutors(1))
    client.get(f"{ADDRESS}?search=x&price_min=0&ordering=newest")
    client.get(f"{ADDRESS}1000000/")
    entities = [(event.entity_type, event.entity_id) for event in events()]
    assert entities == [("marketplace", None)] * 3 + [("profile", "1000000")]


def test_of_a_visitor_without_an_account_only_daily_counts_grow(app: Flask) -> None:
    visitor = app.test_client()
    store_tutors(generate_tutors(2))
    for _ in range(2):
        visitor.get(f"{ADDRESS}?search=x&price_min=0", headers={"User-Agent": "A browser"})
        visitor.get(f"{ADDRESS}1000000/", headers={"Referer": "https://secret.example/"})
    assert events() == []
    assert visits() == {
        ("marketplace.search", ""): 2,
        ("marketplace.filter.applied", ""): 2,
        ("profile.viewed", "1000000"): 2,
    }


def test_an_answer_of_304_is_recorded_like_any_other(app: Flask, client: FlaskClient) -> None:
    store_tutors(generate_tutors(5))
    for address in (f"{ADDRESS}?price_min=0", f"{ADDRESS}1000000/"):
        etag = client.get(address).headers["ETag"]
        assert client.get(address, headers={"If-None-Match": etag}).status_code == 304
    listed, listed_again, viewed, viewed_again = events()
    assert (listed.status_code, listed_again.status_code) == (200, 304)
    assert listed.details == listed_again.details
    assert (viewed.status_code, viewed_again.status_code) == (200, 304)
    assert viewed.details == viewed_again.details == {"tutor_id": 1000000}
    assert viewed.action == "profile.viewed"


def test_looking_for_somebody_who_is_not_there_records_nothing(
    app: Flask, client: FlaskClient
) -> None:
    client.get(f"{ADDRESS}1000000/")
    assert events() == []


def test_a_head_request_records_nothing(app: Flask, client: FlaskClient) -> None:
    store_tutors(generate_tutors(1))
    assert client.head(f"{ADDRESS}?search=x").status_code == 200
    assert client.head(f"{ADDRESS}1000000/").status_code == 200
    assert events() == []


def test_an_event_counts_no_more_than_the_answer_does(app: Flask, client: FlaskClient) -> None:
    store_tutors(generate_tutors(1001))
    client.get(f"{ADDRESS}?experience_min=0&ordering=newest")
    client.get(f"{ADDRESS}?search=-небувале")
    counts = [details["result_count"] for _, details in recorded() if "result_count" in details]
    assert counts[-1] == 1000
