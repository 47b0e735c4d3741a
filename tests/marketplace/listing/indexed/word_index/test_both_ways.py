"""Bitmaps of words and SQL give the same answers, byte for byte: order, count, cursors, corrections."""

import random
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from common.text import parse_query
from marketplace.listing import pages
from marketplace.listing.indexed.search_pages import find_words
from marketplace.listing.indexed.word_index import usage
from marketplace.listing.statements import relevance_page
from marketplace.listing.statements.relevance_page import FEW
from profiles.public.models import read_revision
from tests.conftest import MakeApp
from tests.factories import make_tutor
from tests.marketplace.generated_tutors import (
    announce,
    delete_public,
    generate_tutors,
    parameters,
    random_query,
    store_tutors,
)
from tests.marketplace.list_requests import ADDRESS
from tests.profiles.public.public_rows import change

HEADLINES = (
    "",
    "Уроки математики",
    "Математик, вчитель",
    "Calm lessons in English",
    "Online lessons, math teacher",
    "Репетитор: НМТ і ЗНО",
)
BIOS = (
    "",
    "Готую до НМТ з математики.",
    "I teach English and mathematics online.",
    "Lekcje matematyki i angielskiego",
    "Вчителька англійської, уроки для дітей",
)
SEARCHES = (
    "математика",
    "математика ",
    "уроки математика",
    "вчитель англ",
    "math lessons ",
    "english lessons -нмт",
    "-репетитор",
    "-репетитор -math",
    "online-lessons",
    "репетитор нмт ",
    "нмт уроки вчитель",
    '"calm lessons"',
    "м",
    "матиматика уроки",
    "матиматика",
    "олена math",
    "xyzzy",
)


@pytest.fixture(autouse=True)
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bitmaps answer among a few tutors too, from the second time on that a word is asked for."""
    monkeypatch.setattr("marketplace.listing.indexed.search_pages.FEWEST_LISTED", 1)
    monkeypatch.setattr(usage, "FEWEST_USES", 1)
    monkeypatch.setattr("marketplace.listing.indexed.word_index.index.PAUSE_FACTOR", 0)


@pytest.fixture(params=[0, FEW], ids=["class by class", "each match read"])
def both_plans(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """SQL has a plan for many matches, and one for few."""
    monkeypatch.setattr(relevance_page, "FEW", request.param)
    pages._cached_statement.cache_clear()
    yield
    pages._cached_statement.cache_clear()


@pytest.fixture
def by_sql(make_app: MakeApp) -> FlaskClient:
    return make_app(FILTER_INDEX=False).test_client()


@pytest.fixture
def by_words(make_app: MakeApp) -> FlaskClient:
    return make_app().test_client()


def stored(size: int, seed: int) -> list[dict[str, Any]]:
    chance = random.Random(seed)
    tutors = generate_tutors(size, seed)
    for values in tutors:
        values |= {"headline": chance.choice(HEADLINES), "bio": chance.choice(BIOS)}
    store_tutors(tutors)
    return tutors


def same(url: str, query: dict[str, Any], *clients: FlaskClient) -> Any:
    answers = [client.get(url, query_string=parameters(query) or None) for client in clients]
    bodies = {(answer.status_code, answer.data, answer.headers["ETag"]) for answer in answers}
    assert len(bodies) == 1, [answer.json for answer in answers]
    return answers[0].json


def loaded(client: FlaskClient, query: dict[str, Any]) -> None:
    """Have the words of a question in the client's process."""
    client.get(ADDRESS, query_string=parameters(query))
    client.application.extensions["word_index"].wait_until_loaded()


def read_by_bitmaps(client: FlaskClient) -> float:
    """How many searches bitmaps have answered in this process so far."""
    text = client.get("/metrics").text
    (line,) = [
        each for each in text.splitlines() if each.startswith('search_reads_total{source="bitm')
    ]
    return float(line.split()[-1])


@pytest.mark.usefixtures("both_plans")
@pytest.mark.parametrize(
    ("search", "ordering"),
    [
        *((search, None) for search in SEARCHES),
        *((search, "-hourly_rate") for search in SEARCHES[:3]),
        *((search, "newest") for search in SEARCHES[:3]),
    ],
)
def test_a_walk_through_a_search_and_back_is_the_same_pages(
    app: Flask, by_sql: FlaskClient, by_words: FlaskClient, search: str, ordering: str | None
) -> None:
    stored(60, 1)
    query = {"search": search, "page_size": 12} | ({"ordering": ordering} if ordering else {})
    loaded(by_words, query)
    page = same(ADDRESS, query, by_sql, by_words)
    for direction in ("next", "previous"):
        while page[direction]:
            page = same(page[direction], {}, by_sql, by_words)


@pytest.mark.usefixtures("both_plans")
@pytest.mark.parametrize("seed", range(3))
def test_any_search_with_any_filters_has_one_answer_while_people_go(
    app: Flask, by_sql: FlaskClient, by_words: FlaskClient, seed: int
) -> None:
    chance, tutors = random.Random(seed), stored(60, seed)
    for number in range(10):
        query = random_query(chance) | {"search": chance.choice(SEARCHES), "page_size": 4}
        loaded(by_words, query)
        page = same(ADDRESS, query, by_sql, by_words)
        for direction in ("next", "next", "previous"):
            if page[direction]:
                page = same(page[direction], {}, by_sql, by_words)
        if number % 3 == 2:
            delete_public([tutors.pop()["id"]])


def test_bitmaps_answer_what_was_asked_before_and_sql_the_rest(
    app: Flask, by_words: FlaskClient
) -> None:
    stored(60, 1)
    query = {"search": "математика "}
    before = read_by_bitmaps(by_words)
    loaded(by_words, query)
    assert read_by_bitmaps(by_words) == before
    same(ADDRESS, query | {"page_size": 3}, by_words)
    same(ADDRESS, query | {"price_max": 300, "ordering": "rating"}, by_words)
    assert read_by_bitmaps(by_words) == before + 2
    # Nobody's documents are read for these.
    for search in ('"calm lessons"', "програмування "):
        loaded(by_words, {"search": search})
        same(ADDRESS, {"search": search, "page_size": 3}, by_words)
    assert read_by_bitmaps(by_words) == before + 2


def test_a_count_stops_at_a_thousand_either_way(
    app: Flask, by_sql: FlaskClient, by_words: FlaskClient
) -> None:
    tutors = generate_tutors(1_002)
    for values in tutors:
        values["headline"] = "Уроки математики"
    store_tutors(tutors)
    query = {"search": "математика "}
    loaded(by_words, query)
    page = same(ADDRESS, query, by_sql, by_words)
    assert (page["count"], page["count_capped"]) == (1_000, True)
    delete_public(each["id"] for each in tutors[:2])
    page = same(ADDRESS, query, by_sql, by_words)
    assert (page["count"], page["count_capped"]) == (1_000, False)


def test_without_bitmaps_of_filters_there_are_none_of_words(
    app: Flask, by_sql: FlaskClient
) -> None:
    stored(10, 1)
    announce([])
    loaded(by_sql, {"search": "математика "})
    assert by_sql.application.extensions["word_index"]._state is None


def test_without_memory_for_words_sql_answers_all_searches(
    app: Flask, make_app: MakeApp, by_words: FlaskClient
) -> None:
    stored(60, 1)
    by_none = make_app(WORD_INDEX_MB=0).test_client()
    before = read_by_bitmaps(by_none)
    for size in (3, 4, 5):
        loaded(by_none, {"search": "математика "})
        page = same(ADDRESS, {"search": "математика ", "page_size": size}, by_none)
        assert page["count"] > 0
    assert read_by_bitmaps(by_none) == before
    assert by_none.application.extensions["word_index"]._state is None
    loaded(by_words, {"search": "математика "})
    same(ADDRESS, {"search": "математика "}, by_none, by_words)


@pytest.mark.parametrize(
    ("search", "meant"),
    [("матиматика уроки", "математика уроки"), ("матиматика", "математика"), ("xyzzy", None)],
)
def test_a_word_nobody_has_is_known_by_its_bitmap(
    app: Flask, by_sql: FlaskClient, by_words: FlaskClient, search: str, meant: str | None
) -> None:
    for headline in ("Математика, уроки", *HEADLINES):
        make_tutor(headline=headline)
    loaded(by_words, {"search": search})
    for size in (3, 4):
        page = same(ADDRESS, {"search": search, "page_size": size}, by_sql, by_words)
        assert page["did_you_mean"] == meant
    with by_words.application.app_context():
        words = parse_query(search).words
        assert find_words(words, read_revision()) == [word.text == "уроки" for word in words]


def test_what_a_word_is_corrected_to_is_hidden_with_the_commit(
    app: Flask, by_sql: FlaskClient, by_words: FlaskClient
) -> None:
    tutor = make_tutor(headline="Ксилофон для початківців")
    searches = ("ксилафон", "ксилофон", "ксилафон для")
    for search in searches:
        loaded(by_words, {"search": search})
    page = same(ADDRESS, {"search": "ксилафон"}, by_sql, by_words)
    assert page["did_you_mean"] == "ксилофон"
    change(tutor, headline="")
    for search in searches:
        page = same(ADDRESS, {"search": search}, by_sql, by_words)
        assert (page["did_you_mean"], page["count"]) == (None, 0)
