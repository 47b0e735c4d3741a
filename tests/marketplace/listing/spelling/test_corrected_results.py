"""Where a word among several finds nobody, the results are those of the corrected query."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from common.http.pagination import LONGEST_CURSOR, Position, make_cursor
from common.http.schemas.fields import LARGEST_INTEGER
from marketplace.listing.found_page import LONGEST_CORRECTION_BYTES, is_corrected_inside
from marketplace.listing.query import TutorQuery
from profiles.accounts.models import User
from tests.factories import make_tutor
from tests.marketplace.list_requests import ADDRESS, all_ids, get_page, ids_of, walk
from tests.profiles.public.public_rows import change

FACETS = "/api/marketplace/facets/"
TYPED = "репетитор матиматики"
MEANT = "репетитор математики"


@pytest.fixture
def mathematicians(app: Flask) -> list[User]:
    return [
        make_tutor(headline="Репетитор математики", hourly_rate=rate) for rate in (300, 100, 200)
    ]


def ids(people: list[User]) -> list[int]:
    return [person.id for person in people]


def test_a_typo_among_several_words_finds_what_was_meant_and_says_so(
    client: FlaskClient, mathematicians: list[User]
) -> None:
    make_tutor(headline="Репетитор хімії")
    page = get_page(client, search=TYPED)
    assert page["did_you_mean"] == MEANT
    assert ids_of(page) == ids(mathematicians)
    meant = get_page(client, search=MEANT)
    assert page["results"] == meant["results"] and page["count"] == meant["count"] == 3
    assert page["query_id"] != meant["query_id"], "it is another question"


def test_who_has_the_words_as_typed_comes_first_and_alone(
    client: FlaskClient, mathematicians: list[User]
) -> None:
    misspelt = make_tutor(headline="Репетитор матиматики")
    page = get_page(client, search=TYPED)
    assert (ids_of(page), page["did_you_mean"]) == ([misspelt.id], None)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("матиматики ", "математики"),
        ("матиматики -хімія", "математики -хімія"),
    ],
)
def test_a_single_word_is_offered_only(
    client: FlaskClient, mathematicians: list[User], typed: str, meant: str
) -> None:
    page = get_page(client, search=typed)
    assert (page["results"], page["count"], page["did_you_mean"]) == ([], 0, meant)


def test_words_that_cannot_be_corrected_find_nobody(
    client: FlaskClient, mathematicians: list[User]
) -> None:
    for search in ("репетитор квазиплюх", "репетитор хімії"):
        page = get_page(client, search=search)
        assert (page["results"], page["count"], page["did_you_mean"]) == ([], 0, None)


@pytest.mark.parametrize("query", [{}, {"ordering": "hourly_rate"}, {"ordering": "-hourly_rate"}])
def test_the_corrected_list_is_walked_like_any_other(
    client: FlaskClient, mathematicians: list[User], query: dict[str, str]
) -> None:
    first = get_page(client, search=TYPED, page_size=1, **query)
    pages = walk(client, first)
    assert all_ids(pages) == all_ids(walk(client, get_page(client, search=MEANT, **query)))
    assert {page["did_you_mean"] for page in pages} == {MEANT}
    back = walk(client, pages[-1], "previous")
    assert all_ids(back) == all_ids(pages)[::-1]


def test_a_walk_goes_on_in_its_list_when_the_typed_word_appears(
    client: FlaskClient, mathematicians: list[User]
) -> None:
    first = get_page(client, search=TYPED, page_size=2)
    make_tutor(headline="Репетитор матиматики")
    assert all_ids(walk(client, first)) == ids(mathematicians)


@pytest.mark.parametrize(
    "other", [{"search": MEANT}, {"search": "репетитор матиматіки"}, {"price_min": 1}]
)
def test_a_cursor_of_a_corrected_list_is_for_no_other(
    client: FlaskClient, mathematicians: list[User], other: dict[str, Any]
) -> None:
    cursor = get_page(client, search=TYPED, page_size=1)["next_cursor"]
    query = {"search": TYPED, "cursor": cursor} | other
    answer = client.get(ADDRESS, query_string=query)
    assert (answer.status_code, answer.json["code"]) == (400, "invalid_cursor")


def test_filters_hold_for_what_was_meant(client: FlaskClient, mathematicians: list[User]) -> None:
    page = get_page(client, search=TYPED, price_max=250)
    assert ids_of(page) == ids(mathematicians[1:])
    assert get_page(client, search=TYPED, price_max=50)["results"] == []


def test_the_facets_count_what_the_list_shows(
    client: FlaskClient, mathematicians: list[User]
) -> None:
    typed, meant = (
        client.get(FACETS, query_string={"search": search}).json for search in (TYPED, MEANT)
    )
    assert typed == meant
    assert sum(typed["has_certifications"].values()) == 3
    single = client.get(FACETS, query_string={"search": "матиматика "}).json
    assert sum(single["has_certifications"].values()) == 0


def test_the_rows_of_a_correction_can_be_explained(
    client: FlaskClient, mathematicians: list[User]
) -> None:
    row = get_page(client, search=TYPED, explain="true")["results"][0]
    assert (row["class"], row["matched"]) == ("title", ["headline"])


def test_nobody_is_found_by_a_word_that_is_hidden(client: FlaskClient, app: Flask) -> None:
    make_tutor(headline="Репетитор")
    tutor = make_tutor(headline="Репетитор", bio="квадрокоптер")
    assert ids_of(get_page(client, search="репетитор квадракоптер")) == [tutor.id]
    change(tutor, show_bio_publicly=False)
    page = get_page(client, search="репетитор квадракоптер")
    assert (page["results"], page["did_you_mean"]) == ([], None)


def test_a_copy_holds_until_somebody_has_the_word_itself(
    client: FlaskClient, mathematicians: list[User]
) -> None:
    query = {"search": TYPED}
    etag = client.get(ADDRESS, query_string=query).headers["ETag"]
    condition = {"If-None-Match": etag}
    assert client.get(ADDRESS, query_string=query, headers=condition).status_code == 304
    make_tutor(headline="Репетитор матиматики")
    changed = client.get(ADDRESS, query_string=query, headers=condition)
    assert (changed.status_code, changed.json["count"]) == (200, 1)


def test_a_correction_that_a_cursor_cannot_carry_is_offered_only(app: Flask) -> None:
    query = TutorQuery(search=TYPED)
    longest = "я" * (LONGEST_CORRECTION_BYTES // 2)
    assert is_corrected_inside(query, longest)
    assert not is_corrected_inside(query, longest + "я")
    largest = Position((longest, 9, -LARGEST_INTEGER, LARGEST_INTEGER), backward=True)
    assert len(make_cursor(largest, query.scope)) <= LONGEST_CURSOR
