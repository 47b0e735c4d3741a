"""Searches are saved, listed, looked at and deleted; their queries are those of the list."""

from uuid import uuid4

import pytest
from sqlalchemy import select, text

from activity.models import ActivityEvent
from common.database.session import db
from profiles.saved.models import LONGEST_SEARCH_QUERY, MOST_SAVED_SEARCHES
from tests.factories import make_tutor, make_user
from tests.marketplace.saved.saver import SEARCHES, Saver

MATH = "subject=math&price_max=500"


def test_a_saved_search_is_answered_and_listed(client):
    saver = Saver(client)
    made = saver.search(MATH, "Математика до 500")
    assert made == {
        "id": made["id"],
        "name": "Математика до 500",
        "query": MATH,
        "new_count": 0,
        "last_looked_at": made["last_looked_at"],
    }
    assert made["last_looked_at"].endswith("Z")
    assert saver.searches() == [made]


def test_the_latest_saved_stands_first_and_names_may_repeat(client):
    saver = Saver(client)
    ids = [saver.search("", "The same")["id"] for _ in range(3)]
    assert [each["id"] for each in saver.searches()] == ids[::-1]


@pytest.mark.parametrize(
    "query",
    [
        "",
        MATH,
        "search=підготовка до НМТ",
        "search=%D0%9D%D0%9C%D0%A2+2026&ordering=-rating",
        "q=%22native speaker%22 -kids&language=uk,en&language=pl",
        "price_min=&page_size=5",
        "ordering=-tutor_profile__rating",
        "has_certifications=true",
    ],
)
def test_what_the_list_answers_may_be_saved(client, query):
    saver = Saver(client)
    assert client.get(f"/api/marketplace/tutors/?{query}").status_code == 200
    assert saver.search(query)["query"] == query
    assert saver.searches()[0]["new_count"] == 0


@pytest.mark.parametrize(
    "query",
    [
        "serch=x",
        "price_min=500&price_max=100",
        "price_max=-1",
        "price_max=1e3",
        "language=xx",
        "ordering=best",
        "search=a&q=b",
        "price_max=1&price_max=2",
        f"search={'x' * 101}",
        "page_size=1000",
        "search=%00",
        "a=1&b=2",
    ],
)
def test_what_the_list_refuses_is_refused_with_its_words(client, query):
    saver = Saver(client)
    refused = saver.search(query, status=422)
    by_the_list = client.get(f"/api/marketplace/tutors/?{query}")
    if by_the_list.status_code == 422:
        assert refused["errors"] == {"json": {"query": by_the_list.json["errors"]["query"]}}
    assert refused["code"] == "invalid_values"
    assert saver.searches() == []


def test_a_position_in_the_list_is_no_part_of_a_search(client):
    refused = Saver(client).search("subject=math&cursor=abc", status=422)
    assert [*refused["errors"]["json"]["query"]] == ["cursor"]


def test_a_question_mark_in_front_is_left_out(client):
    assert Saver(client).search(f"?{MATH}")["query"] == MATH


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "x"},
        {"query": ""},
        {"name": "", "query": ""},
        {"name": " \u200b ", "query": ""},
        {"name": "two\nlines", "query": ""},
        {"name": "x" * 101, "query": ""},
        {"name": "x\x00", "query": ""},
        {"name": "x", "query": None},
        {"name": "x", "query": ["subject=math"]},
        {"name": "x", "query": "search=" + "a" * LONGEST_SEARCH_QUERY},
        {"name": "x", "query": "", "new_count": 3},
        [],
    ],
    ids=str,
)
def test_an_invalid_search_saves_nothing(client, body):
    saver = Saver(client)
    answer = saver.http.post(SEARCHES, json=body)
    assert answer.status_code in {400, 422}
    assert answer.json["detail"].endswith(".")
    assert saver.searches() == []


def test_a_name_of_a_hundred_letters_is_stored_without_white_space_around(client):
    assert Saver(client).search("", f"{'я' * 98}  ")["name"] == "я" * 98


def test_looking_sets_the_time_of_that_search_alone(client):
    saver = Saver(client)
    looked, other = saver.search(MATH), saver.search("")
    saver.look(looked["id"])
    after = {each["id"]: each["last_looked_at"] for each in saver.searches()}
    assert after[looked["id"]] > looked["last_looked_at"]
    assert after[other["id"]] == other["last_looked_at"]


def test_a_deleted_search_is_gone(client):
    saver = Saver(client)
    search_id = saver.search(MATH)["id"]
    saver.delete(search_id)
    assert saver.searches() == []
    saver.delete(search_id, 404)
    saver.look(search_id, 404)


@pytest.mark.parametrize("whose", ["another's", "nobody's"])
def test_a_search_that_is_not_ones_own_is_not_found(client, whose):
    saver, other = Saver(client), Saver(client)
    search = other.search(MATH)
    search_id = search["id"] if whose == "another's" else str(uuid4())
    assert saver.look(search_id, 404)["detail"] == "You have no such saved search."
    saver.delete(search_id, 404)
    assert other.searches() == [search]
    assert client.get(SEARCHES).status_code == 401


@pytest.mark.parametrize("role", ["student", "tutor", "admin", "superadmin"])
def test_any_role_may_save_a_search(client, role):
    Saver(client, make_user(role)).search(MATH)


def test_at_most_so_many_are_saved(client):
    saver = Saver(client)
    ids = [saver.search("")["id"] for _ in range(MOST_SAVED_SEARCHES)]
    refused = saver.search("", status=409)
    assert refused["code"] == "saved_limit_reached"
    assert str(MOST_SAVED_SEARCHES) in refused["detail"]
    saver.delete(ids[0])
    saver.search("")


def test_saving_and_deleting_is_in_the_log_of_the_saver(client):
    saver = Saver(client)
    search_id = saver.search(MATH, "Математика")["id"]
    saver.look(search_id)
    saver.delete(search_id)
    events = db.session.scalars(
        select(ActivityEvent)
        .where(ActivityEvent.action.startswith("search."))
        .order_by(ActivityEvent.timestamp)
    ).all()
    assert [(each.action, each.user_id) for each in events] == [
        ("search.saved", saver.user.id),
        ("search.deleted", saver.user.id),
    ]
    assert {(each.entity_type, each.entity_id) for each in events} == {("saved_search", search_id)}
    assert events[0].details == {"search_id": search_id, "name": "Математика", "query": MATH}


def test_a_query_that_the_list_no_longer_takes_has_no_count(client):
    saver = Saver(client)
    make_tutor()
    saver.search(MATH)
    db.session.execute(text("update saved_searches set query = 'formerly=1'"))
    db.session.commit()
    assert saver.searches()[0]["new_count"] is None


def test_reading_the_counts_is_limited_per_person(client):
    saver = Saver(client)
    answers = [saver.http.get(SEARCHES).status_code for _ in range(21)]
    assert answers == [200] * 20 + [429]
