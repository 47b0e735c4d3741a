"""A tutor's appearances in lists, and the positions there."""

import pytest
from flask.testing import FlaskClient

from common.database.session import db
from marketplace.analytics.roll_up import roll_up_all
from tests.factories import PASSWORD, as_user, make_student, make_tutor
from tests.marketplace.analytics.visitors import count_of, rows, search
from tests.marketplace.generated_tutors import generate_tutors, store_tutors
from tests.marketplace.list_requests import ADDRESS, get_page, ids_of, walk


@pytest.mark.parametrize(
    "query", [{}, {"page_size": 7}, {"language": "uk"}, {"ordering": "newest"}]
)
def test_each_request_counts_everybody_on_the_page_at_their_position(
    client: FlaskClient, query: dict[str, object]
) -> None:
    store_tutors(generate_tutors(12))
    ids = ids_of([get_page(client, **query) for _ in range(3)][0])
    assert ids
    for position, tutor_id in enumerate(ids, start=1):
        counted = count_of(tutor_id)
        assert counted == {
            "views": 0,
            "appearances": 3,
            "placed": 3,
            "position_sum": 3 * position,
        }
    assert rows("select count(*) from tutor_daily_counts") == [(len(ids),)]
    assert rows("select * from insight_pages") == []


def test_a_search_a_304_and_a_cached_answer_count_alike(client: FlaskClient) -> None:
    store_tutors(generate_tutors(5))
    url = f"{ADDRESS}?search=lessons"
    answer = client.get(url)
    first, *_ = ids_of(answer.json)
    again = client.get(url, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    as_user(client, make_student()).get(url)
    assert count_of(first)["appearances"] == 3


def test_a_further_page_counts_as_an_appearance_without_a_position(client: FlaskClient) -> None:
    store_tutors(generate_tutors(5))
    pages = walk(client, get_page(client, page_size=2))
    assert [len(ids_of(page)) for page in pages] == [2, 2, 1]
    last = count_of(ids_of(pages[2])[0])
    assert (last["appearances"], last["placed"], last["position_sum"]) == (1, 0, 0)


def test_the_older_list_counts_too(client: FlaskClient) -> None:
    store_tutors(generate_tutors(3))
    ids = [tutor["id"] for tutor in client.get("/api/tutors/public-list/").json]
    assert count_of(ids[2])["position_sum"] == 3


def test_whoever_is_erased_meanwhile_is_left_out_of_the_page(client: FlaskClient) -> None:
    tutors = [make_tutor(headline="Математика", subjects=["Математика"]) for _ in range(2)]
    search(client, "математика")
    erased, left = tutors
    answer = as_user(client, erased).delete("/api/me/", json={"password": PASSWORD})
    assert answer.status_code == 204
    assert count_of(left.id)["appearances"] == 1
    assert rows("select tutor_id from tutor_daily_counts") == [(left.id,)]


def test_a_page_is_counted_once_however_often_pages_are_rolled_up(client: FlaskClient) -> None:
    store_tutors(generate_tutors(2))
    for _ in range(4):
        get_page(client)
    roll_up_all(db.engine)
    first, _ = ids_of(get_page(client))
    assert count_of(first)["appearances"] == 5
    roll_up_all(db.engine)
    assert count_of(first)["appearances"] == 5
