import random

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.marketplace.generated_tutors import (
    expected_ids,
    generate_tutors,
    generate_values,
    random_query,
    store_tutors,
)
from tests.marketplace.list_requests import get_ids, get_page, ids_of

OLDER_NAMES = {
    "settings__hourly_rate": "hourly_rate",
    "-settings__hourly_rate": "-hourly_rate",
    "settings__experience_years": "experience_years",
    "-settings__experience_years": "-experience_years",
    "tutor_profile__rating": "rating",
    "-tutor_profile__rating": "-rating",
}


@pytest.mark.parametrize("seed", range(12))
def test_any_filters_in_any_order_give_what_plain_python_gives(
    app: Flask, client: FlaskClient, seed: int
) -> None:
    tutors = generate_tutors(60, seed)
    store_tutors(tutors)
    chance = random.Random(seed)
    for _ in range(12):
        query = random_query(chance)
        page = get_page(client, **query, page_size=100)
        expected = expected_ids(tutors, **query)
        assert (query, ids_of(page)) == (query, expected)
        assert (page["count"], page["count_capped"]) == (len(expected), False)


@pytest.mark.parametrize("ordering", ["rating", "-rating", "hourly_rate", "-experience_years"])
def test_empty_values_come_last_and_ties_go_by_ascending_id(
    app: Flask, client: FlaskClient, ordering: str
) -> None:
    column = ordering.removeprefix("-")
    tutors = generate_tutors(4)
    for values, value in zip(tutors, (None, 3, None, 3), strict=True):
        values[column] = value
    store_tutors(tutors)
    first, second, third, fourth = (values["id"] for values in tutors)
    assert get_ids(client, ordering=ordering) == [second, fourth, first, third]


@pytest.mark.parametrize(("older", "newer"), OLDER_NAMES.items())
def test_orderings_keep_their_older_names(
    app: Flask, client: FlaskClient, older: str, newer: str
) -> None:
    tutors = generate_tutors(12)
    store_tutors(tutors)
    assert get_ids(client, ordering=older) == expected_ids(tutors, ordering=newer)


def test_a_cursor_of_an_older_name_continues_under_the_newer(
    app: Flask, client: FlaskClient
) -> None:
    tutors = generate_tutors(6)
    store_tutors(tutors)
    first = get_page(client, ordering="-settings__hourly_rate", page_size=4)
    rest = get_ids(client, ordering="-hourly_rate", page_size=4, cursor=first["next_cursor"])
    assert ids_of(first) + rest == expected_ids(tutors, ordering="-hourly_rate")


def test_relevance_without_a_search_is_the_default_order(app: Flask, client: FlaskClient) -> None:
    tutors = generate_tutors(12)
    store_tutors(tutors)
    assert get_ids(client, ordering="relevance") == get_ids(client) == expected_ids(tutors)


@pytest.mark.parametrize("name", ["math", "MATH", "Математика", "matematyka", "maths", " матеша "])
def test_a_subject_goes_by_any_of_its_names(app: Flask, client: FlaskClient, name: str) -> None:
    chance = random.Random(1)
    teaching = generate_values(chance, 11) | {
        "subjects": ["Математика"],
        "show_subjects_publicly": True,
    }
    store_tutors([teaching, generate_values(chance, 12) | {"subjects": ["English"]}])
    assert get_ids(client, subject=name) == [11]


def test_a_subject_outside_the_catalogue_goes_by_its_own_text(
    app: Flask, client: FlaskClient
) -> None:
    chance = random.Random(1)
    store_tutors(
        [
            generate_values(chance, 11)
            | {"subjects": ["Плетіння  з Лози"], "show_subjects_publicly": True}
        ]
    )
    assert get_ids(client, subject="плетіння з лози") == [11]
    assert get_ids(client, subject="плетіння") == []


def test_several_subjects_mean_any_of_them_and_list_nobody_twice(
    app: Flask, client: FlaskClient
) -> None:
    chance = random.Random(1)
    shown = {"show_subjects_publicly": True, "hourly_rate": 100}
    store_tutors(
        [
            generate_values(chance, 11) | shown | {"subjects": ["Математика", "English"]},
            generate_values(chance, 12) | shown | {"subjects": ["English"]},
            generate_values(chance, 13) | shown | {"subjects": ["Хімія"]},
        ]
    )
    for query in ("math,english", ["math", "english"], ["math,english", "math"]):
        page = get_page(client, subject=query, ordering="hourly_rate")
        assert (ids_of(page), page["count"]) == ([11, 12], 2)


def test_languages_in_any_case_mean_any_of_them(app: Flask, client: FlaskClient) -> None:
    chance = random.Random(1)
    store_tutors(
        generate_values(chance, tutor_id) | {"languages": spoken}
        for tutor_id, spoken in ((11, ["uk", "de"]), (12, ["de"]), (13, ["pl"]), (14, []))
    )
    assert sorted(get_ids(client, language="UK")) == [11]
    assert sorted(get_ids(client, language=["de", "Pl"])) == [11, 12, 13]
    assert sorted(get_ids(client, language="uk,pl")) == [11, 13]


def test_the_largest_price_limit_does_not_let_unset_prices_in(
    app: Flask, client: FlaskClient
) -> None:
    chance = random.Random(1)
    store_tutors(
        [
            generate_values(chance, 11) | {"hourly_rate": None},
            generate_values(chance, 12) | {"hourly_rate": 0},
        ]
    )
    for ordering in ("hourly_rate", "-hourly_rate", "newest"):
        assert get_ids(client, ordering=ordering, price_max=2_147_483_647) == [12]
        assert get_ids(client, ordering=ordering, price_min=0) == [12]
        assert get_ids(client, ordering=ordering, price_min=2_147_483_647) == []
