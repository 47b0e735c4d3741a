"""A search that would look into too many rows stops at a budget, takes the best profiles first,
and says that it was cut short."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketplace.facets.search_statement import FACET_BUDGET
from marketplace.listing.statements.candidates import PHRASE_BUDGET
from tests.marketplace.facets.test_counts import get_facets
from tests.marketplace.generated_tutors import expected_ids, generate_tutors, store_tutors
from tests.marketplace.list_requests import all_ids, get_page, ids_of, walk

LESSONS = {"headline": "Calm lessons"}


def store_lessons(number: int, **values: object) -> list[dict[str, object]]:
    tutors = [each | LESSONS | values for each in generate_tutors(number)]
    store_tutors(tutors)
    return tutors


def test_a_phrase_within_the_budget_is_counted_exactly(app: Flask, client: FlaskClient) -> None:
    tutors = store_lessons(30)
    page = get_page(client, search='"calm lessons"')
    assert (page["count"], page["count_capped"]) == (30, False)
    assert all_ids(walk(client, page)) == expected_ids(tutors)


@pytest.mark.parametrize("ordering", ["hourly_rate", "-rating", "newest"])
def test_a_phrase_can_be_walked_through_in_any_ordering(
    app: Flask, client: FlaskClient, ordering: str
) -> None:
    tutors = store_lessons(30)
    first = get_page(client, search='"calm lessons"', ordering=ordering, page_size=7)
    pages = walk(client, first)
    assert all_ids(pages) == expected_ids(tutors, ordering=ordering)
    back = walk(client, pages[-1], "previous")
    assert [ids_of(page) for page in reversed(back)] == [ids_of(page) for page in pages]


def test_a_phrase_is_looked_for_among_the_best_and_the_answer_says_so(
    app: Flask, client: FlaskClient
) -> None:
    tutors = store_lessons(PHRASE_BUDGET)
    page = get_page(client, search='"lessons calm"')
    assert (page["count"], page["count_capped"]) == (0, False)
    one_more = [each | LESSONS for each in generate_tutors(1, first_id=9_000_000)]
    store_tutors(one_more)
    page = get_page(client, search='"lessons calm"')
    assert (page["results"], page["count"], page["count_capped"]) == ([], 0, True)
    assert page["did_you_mean"] is None
    found = get_page(client, search='"calm lessons"', page_size=5)
    assert found["count_capped"] is True
    assert ids_of(found) == expected_ids([*tutors, *one_more])[:5]


def test_facets_of_a_common_search_count_the_best_and_say_so(
    app: Flask, client: FlaskClient
) -> None:
    store_lessons(FACET_BUDGET + 1)
    facets = get_facets(client, search="lessons ")
    assert facets["count_capped"] is True
    assert sum(facets["has_certifications"].values()) == FACET_BUDGET + 1
    narrow = get_facets(client, search="lessons ", subject=["хімія"], language=["de"])
    assert narrow["count_capped"] is False
    assert narrow["has_certifications"]["true"] == (
        get_page(client, search="lessons ", subject=["хімія"], language=["de"])["count"]
        - narrow["has_certifications"]["false"]
    )
