"""Walking the list: every page, both ways, while others come and go."""

import random
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from common.http.pagination import Position, make_cursor
from marketplace.listing.query import TutorQuery
from tests.conftest import MakeApp
from tests.marketplace.generated_tutors import (
    ORDERINGS,
    delete_public,
    expected_ids,
    generate_tutors,
    store_tutors,
)
from tests.marketplace.list_requests import ADDRESS, all_ids, follow, get_page, ids_of, walk


@pytest.mark.parametrize("ordering", ORDERINGS)
@pytest.mark.parametrize("page_size", [1, 7, 30])
def test_a_walk_sees_everybody_once_in_order_and_the_same_on_the_way_back(
    app: Flask, client: FlaskClient, ordering: str | None, page_size: int
) -> None:
    tutors = generate_tutors(30)
    store_tutors(tutors)
    query: dict[str, Any] = {"ordering": ordering} if ordering else {}
    forward = walk(client, get_page(client, **query, page_size=page_size))
    assert all_ids(forward) == expected_ids(tutors, **query)
    assert forward[0]["previous"] is None
    assert all(page["has_more"] == (page["next"] is not None) for page in forward)
    backward = walk(client, forward[-1], "previous")
    assert [ids_of(page) for page in reversed(backward)] == [ids_of(page) for page in forward]


@pytest.mark.parametrize(
    "query", [{"ordering": "hourly_rate"}, {"subject": ["math", "english", "хімія"]}]
)
def test_beyond_a_thousand_the_count_is_exact_and_the_walk_goes_on(
    app: Flask, client: FlaskClient, query: dict[str, Any]
) -> None:
    tutors = generate_tutors(2700 if "subject" in query else 1100)
    store_tutors(tutors)
    expected = expected_ids(tutors, **query)
    assert len(expected) > 1001
    get_page(client)
    app.extensions["filter_index"].wait_until_loaded()
    forward = walk(client, get_page(client, **query, page_size=100))
    assert all_ids(forward) == expected
    assert {(page["count"], page["count_capped"]) for page in forward} == {(len(expected), False)}
    backward = walk(client, forward[-1], "previous")
    assert [ids_of(page) for page in reversed(backward)] == [ids_of(page) for page in forward]


@pytest.mark.parametrize(("size", "capped"), [(1000, False), (1001, True)])
def test_without_bitmaps_the_count_is_exact_up_to_a_thousand(
    app: Flask, make_app: MakeApp, size: int, capped: bool
) -> None:
    store_tutors(generate_tutors(size))
    client = make_app(FILTER_INDEX=False).test_client()
    first = get_page(client, page_size=1)
    for page in (first, follow(client, first["next"]), get_page(client, page_size=100)):
        assert (page["count"], page["count_capped"]) == (min(size, 1000), capped)


@pytest.mark.parametrize("size", [999, 1000, 1001])
def test_the_count_is_exact(app: Flask, client: FlaskClient, size: int) -> None:
    store_tutors(generate_tutors(size))
    first = get_page(client, page_size=1)
    for page in (first, follow(client, first["next"]), get_page(client, page_size=100)):
        assert (page["count"], page["count_capped"]) == (size, False)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("direction", ["next", "previous"])
def test_a_walk_among_coming_and_going_repeats_nobody_and_skips_nobody_who_stayed(
    app: Flask, client: FlaskClient, seed: int, direction: str
) -> None:
    chance = random.Random(seed)
    present = {values["id"]: values for values in generate_tutors(40, seed)}
    store_tutors(present.values())
    newcomers = generate_tutors(60, seed + 100, first_id=1_000_001)
    query: dict[str, Any] = {"page_size": 5}
    if ordering := chance.choice(ORDERINGS):
        query["ordering"] = ordering
    stayed = set(present)
    page = get_page(client, **query)
    if direction == "previous":
        page = walk(client, page)[-1]
    seen = ids_of(page)
    while page[direction]:
        leaving = chance.sample(sorted(present), 2)
        delete_public(leaving)
        for tutor_id in leaving:
            del present[tutor_id]
        arriving = [newcomers.pop() for _ in range(3)]
        store_tutors(arriving)
        stayed -= set(leaving)
        page = follow(client, page[direction])
        seen += ids_of(page)
    assert len(seen) == len(set(seen))
    assert stayed <= set(seen)


def test_a_page_whose_neighbours_have_all_gone_is_empty_and_last(
    app: Flask, client: FlaskClient
) -> None:
    tutors = generate_tutors(4)
    store_tutors(tutors)
    first = get_page(client, ordering="newest", page_size=2)
    delete_public({values["id"] for values in tutors} - {*ids_of(first)})
    second = follow(client, first["next"])
    assert (second["results"], second["next"], second["has_more"]) == ([], None, False)
    assert second["count"] == 2


def test_next_and_previous_keep_every_other_parameter(app: Flask, client: FlaskClient) -> None:
    store_tutors(generate_tutors(20))
    page = get_page(client, language=["uk", "en"], price_min=0, ordering="newest", page_size=2)
    assert page["next"].startswith("http://localhost/api/marketplace/tutors/?")
    for kept in ("language=uk", "language=en", "price_min=0", "ordering=newest", "page_size=2"):
        assert kept in page["next"]
        assert kept in follow(client, page["next"])["previous"]
    assert page["next_cursor"] in page["next"]


def test_the_link_header_names_the_neighbours(app: Flask, client: FlaskClient) -> None:
    store_tutors(generate_tutors(6))
    middle = client.get(get_page(client, page_size=2)["next"])
    assert middle.headers["Link"] == (
        f'<{middle.json["next"]}>; rel="next", <{middle.json["previous"]}>; rel="prev"'
    )


def test_the_page_size_may_change_on_the_way(app: Flask, client: FlaskClient) -> None:
    tutors = generate_tutors(9)
    store_tutors(tutors)
    first = get_page(client, page_size=2)
    rest = get_page(client, page_size=100, cursor=first["next_cursor"])
    assert ids_of(first) + ids_of(rest) == expected_ids(tutors)


@pytest.mark.parametrize(
    "other",
    [
        {"ordering": "-hourly_rate"},
        {"ordering": "hourly_rate", "language": "uk"},
        {"ordering": "hourly_rate", "search": "репетитор"},
        {},
    ],
)
def test_a_cursor_opens_no_other_list(
    app: Flask, client: FlaskClient, other: dict[str, Any]
) -> None:
    store_tutors(generate_tutors(6))
    cursor = get_page(client, ordering="hourly_rate", page_size=2)["next_cursor"]
    answer = client.get(ADDRESS, query_string=other | {"cursor": cursor})
    assert answer.status_code == 400
    assert "cursor" in answer.json["errors"]["query"]


@pytest.mark.parametrize("cursor", ["x", "AAAA", "eyJpZCI6IDF9", "а" * 20, "A" * 600, "[0]"])
def test_a_handmade_cursor_is_refused(app: Flask, client: FlaskClient, cursor: str) -> None:
    answer = client.get(ADDRESS, query_string={"cursor": cursor})
    assert answer.status_code == 400
    assert "cursor" in answer.json["errors"]["query"]


def test_an_empty_cursor_is_none(app: Flask, client: FlaskClient) -> None:
    store_tutors(generate_tutors(3))
    assert get_page(client, cursor="") == get_page(client)


def test_a_cursor_of_another_endpoint_is_refused(app: Flask, client: FlaskClient) -> None:
    cursor = make_cursor(Position((1, 2)), "another list")
    assert client.get(ADDRESS, query_string={"cursor": cursor}).status_code == 400
    mine = make_cursor(Position((1, 2)), TutorQuery().scope)
    assert client.get(ADDRESS, query_string={"cursor": mine}).status_code == 200
