"""`explain=true`: each row says in which class it matches, which fields match, and its score's parts."""

from itertools import groupby
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketplace.listing.query import ORDERINGS
from marketplace.listing.statements.words import CLASS_NAMES
from profiles.public.score import PART_MAXIMA, score
from tests.marketplace.generated_tutors import generate_tutors, store_tutors
from tests.marketplace.list_requests import ADDRESS, follow, get_page, ids_of, walk
from tests.marketplace.listing.test_relevance import tutors

ADDED = ("class", "matched", "score_parts")


def explained(client: FlaskClient, **query: Any) -> list[tuple[str | None, list[str]]]:
    page = get_page(client, explain="true", **query)
    return [(row["class"], row["matched"]) for row in page["results"]]


def test_every_row_says_where_the_words_are(app: Flask, client: FlaskClient) -> None:
    tutors(
        {"headline": "Уроки алгебри", "bio": "Алгебра для всіх"},
        {"subjects": ["Алгебра"]},
        {"bio": "Люблю алгебру."},
        {"headline": "Без неї"},
    )
    assert explained(client, search="алгебра") == [
        ("title", ["headline", "bio"]),
        ("topics", ["subjects"]),
        ("bio", ["bio"]),
    ]


def test_words_in_several_places_and_names(app: Flask, client: FlaskClient) -> None:
    tutors(
        {"first_name": "Алгебра", "bio": "Онлайн"},
        {"bio": "Алгебра онлайн"},
        {"headline": "Алгебра", "subjects": ["Онлайн"]},
    )
    assert explained(client, search="алгебра онлайн") == [
        ("topics", ["headline", "subjects"]),
        ("topics_and_bio", ["full_name", "bio"]),
        ("bio", ["bio"]),
    ]


def test_a_synonym_or_a_translation_is_a_class_of_its_own(app: Flask, client: FlaskClient) -> None:
    tutors({"headline": "Уроки"}, {"headline": "Lesson"}, {"subjects": ["Lessons"]})
    assert explained(client, search="lessons") == [
        ("title", ["headline"]),
        ("title_by_synonym", ["headline"]),
        ("topics", ["subjects"]),
    ]


def test_the_parts_of_one_word_may_stand_apart(app: Flask, client: FlaskClient) -> None:
    tutors({"headline": "Онлайн", "bio": "Мої уроки"}, {"bio": "Онлайн-уроки", "headline": "Уроки"})
    matched = sorted(fields for _, fields in explained(client, search="онлайн-уроки"))
    # The second has all of the word in one field, so the part in the other tells nothing.
    assert matched == [["bio"], ["headline", "bio"]]


def test_what_decides_a_phrase_is_explained_too(app: Flask, client: FlaskClient) -> None:
    tutors({"bio": "A native speaker"}, {"headline": "Speaker", "bio": "Speaker, native"})
    assert explained(client, search='"native speaker"') == [("bio", ["bio"])]


@pytest.mark.parametrize("query", [{}, {"search": "-слово"}, {"ordering": "relevance"}])
def test_without_words_there_is_no_class_and_no_match(
    app: Flask, client: FlaskClient, query: dict[str, str]
) -> None:
    tutors({"headline": "Алгебра"})
    assert explained(client, **query) == [(None, [])]


@pytest.mark.parametrize("ordering", [None, "relevance", *list(ORDERINGS)[1:]])
@pytest.mark.parametrize("search", ["", "репетитор", '"calm lessons"'])
def test_the_rows_are_the_same_in_every_ordering_and_on_every_page(
    app: Flask, client: FlaskClient, ordering: str | None, search: str
) -> None:
    store_tutors(generate_tutors(23))
    query = {"page_size": 6, "search": search} | ({"ordering": ordering} if ordering else {})
    plain = walk(client, get_page(client, **query))
    with_reasons = walk(client, get_page(client, **query, explain="true"))
    assert len(plain) == len(with_reasons) > 1
    for one, other in zip(plain, with_reasons, strict=True):
        for row in other["results"]:
            parts = row["score_parts"]
            assert [part["name"] for part in parts] == [*PART_MAXIMA]
            assert sum(part["points"] for part in parts) == score(row)
            assert (row["class"] is None) == (not search) == (not row["matched"])
        stripped = [
            {name: value for name, value in row.items() if name not in ADDED}
            for row in other["results"]
        ]
        assert stripped == one["results"]
        assert all(other[name] == one[name] for name in ("next_cursor", "count", "query_id"))


@pytest.mark.parametrize("search", ["репетитор", "calm", "урок фізики", "math lessons", "нмт"])
def test_by_relevance_the_classes_stand_in_their_order_and_scores_within_them(
    app: Flask, client: FlaskClient, search: str
) -> None:
    words = ("Репетитор", "Calm lessons", "Уроки фізики", "Фізика", "Math", "НМТ і ЗНО", "")
    store_tutors(
        [
            values
            | {"headline": words[number % 7], "bio": words[number % 5], "show_bio_publicly": True}
            for number, values in enumerate(generate_tutors(60))
        ]
    )
    rows = get_page(client, search=search, explain="true", page_size=100)["results"]
    assert rows
    ranks = [CLASS_NAMES.index(row["class"]) for row in rows]
    assert ranks == sorted(ranks)
    for _, same_class in groupby(rows, key=lambda row: row["class"]):
        places = [(-score(row), row["id"]) for row in same_class]
        assert places == sorted(places)


def test_a_page_with_reasons_is_another_representation(app: Flask, client: FlaskClient) -> None:
    store_tutors(generate_tutors(3))
    for address in (ADDRESS, f"{ADDRESS}?search=репетитор"):
        sign = "&" if "?" in address else "?"
        # Several times: routed, from the parsed query, and from a cache.
        for _ in range(3):
            plain, other = client.get(address), client.get(f"{address}{sign}explain=true")
            assert "score_parts" not in plain.text and "score_parts" in other.text
            assert plain.headers["ETag"] != other.headers["ETag"]
            for answer, url in ((plain, address), (other, f"{address}{sign}explain=true")):
                condition = {"If-None-Match": answer.headers["ETag"]}
                assert client.get(url, headers=condition).status_code == 304
        crossed = {"If-None-Match": plain.headers["ETag"]}
        assert client.get(f"{address}{sign}explain=true", headers=crossed).status_code == 200
        assert client.get(f"{address}{sign}explain=false").json["results"] == plain.json["results"]


def test_the_links_of_a_page_go_on_explaining(app: Flask, client: FlaskClient) -> None:
    store_tutors(generate_tutors(5))
    page = get_page(client, explain="true", page_size=2)
    assert "explain=true" in page["next"]
    assert all(name in follow(client, page["next"])["results"][0] for name in ADDED)
    # A cursor is bound to the list, which is the same one.
    unexplained = get_page(client, page_size=2, cursor=page["next_cursor"])
    assert ids_of(unexplained) == ids_of(follow(client, page["next"]))


def test_what_is_hidden_matches_nothing_and_earns_nothing(app: Flask, client: FlaskClient) -> None:
    shown = {"headline": "Алгебра", "bio": "Алгебра, алгебра", "subjects": ["Алгебра"]}
    hidden = shown | {"show_bio_publicly": False, "show_subjects_publicly": False}
    tutors(hidden)
    (row,) = get_page(client, search="алгебра", explain="true")["results"]
    assert (row["class"], row["matched"]) == ("title", ["headline"])
    points = {part["name"]: part["points"] for part in row["score_parts"]}
    assert (points["headline"], points["bio"], points["subjects"]) == (15, 0, 0)


def test_a_word_repeated_all_over_a_bio_does_not_displace_the_others(
    app: Flask, client: FlaskClient
) -> None:
    tutors({"headline": "х", "subjects": ["х"], "bio": "х " * 900})
    assert explained(client, search="х") == [("title", ["headline", "subjects", "bio"])]


def test_what_is_neither_true_nor_false_is_refused(client: FlaskClient) -> None:
    answer = client.get(f"{ADDRESS}?explain=perhaps")
    assert answer.status_code == 422
    assert answer.json["errors"]["query"]["explain"] == ["Must be true or false."]
