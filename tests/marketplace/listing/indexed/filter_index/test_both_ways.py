"""Bitmaps and SQL give the same answers, byte for byte, whatever rows, changes and questions."""

import random
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from marketplace.facets.schemas import FacetsSchema
from profiles.public.privacy import dump_card
from tests.conftest import MakeApp
from tests.factories import make_tutor
from tests.marketplace.generated_tutors import (
    ORDERINGS,
    delete_public,
    generate_tutors,
    matches,
    parameters,
    random_query,
    store_tutors,
)
from tests.marketplace.list_requests import ADDRESS, get_page
from tests.marketplace.listing.indexed.filter_index.states import any_filters
from tests.marketplace.listing.indexed.filter_index.test_histories import FILTERED
from tests.marketplace.listing.indexed.histories import edits
from tests.marketplace.statement_log import StatementLog
from tests.profiles.public.public_rows import change
from tests.profiles.public.rebuilding.test_rebuild_laws import against_the_database

FACETS = "/api/marketplace/facets/"

questions = st.tuples(
    any_filters.map(lambda filters: dict(filters.given)),
    st.sampled_from(ORDERINGS),
    st.sampled_from([1, 3, 20]),
).filter(lambda each: each[0].get("price_min", 0) <= each[0].get("price_max", 2**31))
# Between questions: a save, or somebody of the generated goes.
changes = st.one_of(edits(FILTERED), st.just("goes"), st.none())


@pytest.fixture
def by_sql(make_app: MakeApp) -> FlaskClient:
    return make_app(FILTER_INDEX=False).test_client()


@pytest.fixture
def by_bitmaps(make_app: MakeApp) -> Iterator[tuple[FlaskClient, FlaskClient]]:
    """Two processes."""
    yield make_app().test_client(), make_app().test_client()


# Accounts of earlier examples stay.
FIRST_IDS = count(1_000_000, 100)


def same(url: str, query: dict[str, Any], *clients: FlaskClient) -> Any:
    """The answer of all of them."""
    answers = [client.get(url, query_string=parameters(query) or None) for client in clients]
    assert {answer.status_code for answer in answers} == {200}
    bodies = {(answer.data, answer.headers["ETag"]) for answer in answers}
    assert len(bodies) == 1, [answer.json for answer in answers]
    return answers[0].json


@against_the_database
@given(st.integers(0, 9), st.lists(st.tuples(questions, changes), min_size=1, max_size=6))
def test_any_question_has_one_answer(
    app: Flask, by_sql: FlaskClient, by_bitmaps: Any, seed: int, steps: list[Any]
) -> None:
    generated = generate_tutors(12, seed, first_id=next(FIRST_IDS))
    store_tutors(generated)
    remaining = [values["id"] for values in generated]
    saver = make_tutor(subjects=["Математика"], languages=["uk"], hourly_rate=200)
    for number, ((filters, ordering, size), then) in enumerate(steps):
        # One of the processes has missed the last change or more.
        clients = (by_sql, by_bitmaps[number % 2])
        order = {"ordering": ordering} if ordering else {}
        page = same(ADDRESS, filters | order | {"page_size": size}, *clients)
        for direction in ("next", "next", "previous"):
            if page[direction]:
                page = same(page[direction], {}, *clients)
        counted = same(FACETS, filters, *clients)
        assert FacetsSchema().validate(counted) == {}
        if then == "goes":
            delete_public([remaining.pop()])
        elif then is not None:
            change(saver, **dict([then]))
    delete_public(remaining)


@pytest.mark.parametrize("ordering", ORDERINGS)
@pytest.mark.parametrize("filters", [{}, {"language": ["uk"]}, {"price_max": 300}])
def test_a_walk_and_the_way_back_are_the_same_pages(
    app: Flask, by_sql: FlaskClient, by_bitmaps: Any, ordering: str | None, filters: dict[str, Any]
) -> None:
    store_tutors(generate_tutors(40))
    order = {"ordering": ordering} if ordering else {}
    page = same(ADDRESS, filters | order | {"page_size": 6}, by_sql, *by_bitmaps)
    for direction in ("next", "previous"):
        while page[direction]:
            page = same(page[direction], {}, by_sql, *by_bitmaps)


def test_wide_filters_in_an_ordering_without_bitmaps_walk_its_index(
    app: Flask, by_sql: FlaskClient, by_bitmaps: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("marketplace.listing.indexed.filter_pages.MOST_SORTED", 0)
    store_tutors(generate_tutors(40))
    page = same(ADDRESS, {"ordering": "newest", "page_size": 6}, by_sql, *by_bitmaps)
    assert page["count"] == 40
    for direction in ("next", "previous"):
        while page[direction]:
            page = same(page[direction], {}, by_sql, *by_bitmaps)


SEARCHES = (
    "репетитор",
    '"calm lessons"',
    "олена",
    "-репетитор",
    "репетитор нмт",
    "матиматика",
    "xyzzy",
)


@pytest.mark.parametrize("most_named", [0, 3, 50])
@pytest.mark.parametrize("seed", range(3))
def test_a_search_with_any_filters_has_one_answer(
    app: Flask,
    by_sql: FlaskClient,
    by_bitmaps: Any,
    monkeypatch: pytest.MonkeyPatch,
    most_named: int,
    seed: int,
) -> None:
    monkeypatch.setattr("marketplace.listing.pages.MOST_NAMED", most_named)
    tutors = generate_tutors(40, seed)
    store_tutors(tutors)
    chance = random.Random(seed)
    for number in range(25):
        query = random_query(chance) | {"search": chance.choice(SEARCHES), "page_size": 4}
        page = same(ADDRESS, query, by_sql, *by_bitmaps)
        for direction in ("next", "next", "previous"):
            if page[direction]:
                page = same(page[direction], {}, by_sql, *by_bitmaps)
        if number % 5 == 4:
            delete_public([tutors.pop()["id"]])


@pytest.mark.parametrize(
    ("filters", "is_read", "names_them"),
    [
        # Of nobody the words are not even looked at.
        ({"price_min": 9000}, False, False),
        ({"price_max": 100}, True, True),
        ({"price_min": 101}, True, False),
        ({}, True, False),
    ],
)
def test_a_search_looks_into_the_few_who_pass_its_filters_alone(
    app: Flask, client: FlaskClient, filters: dict[str, Any], is_read: bool, names_them: bool
) -> None:
    generated = generate_tutors(60)
    for number, values in enumerate(generated):
        values |= {"hourly_rate": 100 if number < 5 else 500, "headline": "Репетитор"}
    store_tutors(generated)
    get_page(client)
    log = StatementLog()
    page = get_page(client, search="репетитор", **filters)
    searches = [text for text in log.stop() if "public_search_0" in text]
    passing = [each for each in generated if matches(dump_card(each), filters)]
    assert page["count"] == len(passing)
    assert bool(searches) == is_read
    assert any("tutor_id = any(" in text for text in searches) == names_them
