"""Searching by words: who is found, in which order, and how it goes together with the rest."""

import random
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.marketplace.generated_tutors import (
    TutorValues,
    expected_ids,
    generate_tutors,
    generate_values,
    random_query,
    store_tutors,
)
from tests.marketplace.list_requests import all_ids, get_ids, get_page, ids_of, walk

BLANK: TutorValues = generate_values(random.Random(1), 1) | {
    "first_name": "Без",
    "last_name": "Імені",
    "headline": "",
    "bio": "",
    "subjects": [],
    "certifications": [],
    "languages": [],
    "hourly_rate": None,
    "experience_years": None,
    "rating": None,
    "reviews_count": 0,
    "show_bio_publicly": True,
    "show_subjects_publicly": True,
    "show_certifications_publicly": True,
    "show_email_publicly": False,
}


def tutors(*described: dict[str, Any]) -> list[int]:
    """Store tutors that are blank but for these values; their ids in order."""
    generated = [
        BLANK | {"id": number, "email": f"{number}@example.org"} | values
        for number, values in enumerate(described, start=1)
    ]
    store_tutors(generated)
    return [values["id"] for values in generated]


@pytest.mark.parametrize(
    ("text", "found_by"),
    [
        ("Вчу математики", ["математика", "математику", "МАТЕМАТИКОЮ", "мат", "матем"]),
        ("Репетиторка з англійської", ["англійська", "репетиторки"]),
        ("П'ять років досвіду", ["п’ять", "пʼять", "пять років"]),
        ("Lessons in physics", ["lesson", "physic", "LESSONS physics"]),
        ("Korepetycje z matematyki", ["matematyka", "korepetycja", "matematykę"]),
        ("Програмування на C++ та C#", ["c++", "C#", "програмуванню c++"]),
        ("Рівень B2, C1", ["b2", "B2 рівень"]),
        ("онлайн-уроки", ["онлайн", "уроки", "урок", "онлайн-уроки"]),
        ("calm native speaker", ['"native speaker"', "speaker native", "calm -loud"]),
    ],
)
def test_words_are_found_in_any_form_and_order(
    app: Flask, client: FlaskClient, text: str, found_by: list[str]
) -> None:
    expected, _ = tutors({"bio": text}, {"bio": "Садівництво, gardening, ogrodnictwo"})
    found = {search: get_ids(client, search=search) for search in found_by}
    assert found == {search: [expected] for search in found_by}


@pytest.mark.parametrize(
    "search",
    ['"speaker native"', "native -calm", 'calm -"native speaker"', "natives7", "native gardening"],
)
def test_what_is_excluded_or_not_there_is_not_found(
    app: Flask, client: FlaskClient, search: str
) -> None:
    tutors({"bio": "calm native speaker"})
    assert get_ids(client, search=search) == []


def test_a_name_is_excluded_in_either_alphabet(app: Flask, client: FlaskClient) -> None:
    tutors({"last_name": "Бондаренко"}, {"last_name": "Clark"}, {"last_name": "Шевчук"})
    assert sorted(get_ids(client, search="-bondarenko -кларк")) == [3]


def test_only_the_last_word_may_be_unfinished(app: Flask, client: FlaskClient) -> None:
    tutors({"bio": "підготовка до іспитів"})
    assert get_ids(client, search="іспит підготов") == [1]
    assert get_ids(client, search="підготов іспит") == []


def test_name_and_headline_come_before_subjects_and_subjects_before_bio(
    app: Flask, client: FlaskClient
) -> None:
    bio, subject, name, headline = tutors(
        {"bio": "Хімія, хімія й ще раз хімія. " * 20, "rating": 5, "reviews_count": 99},
        {"subjects": ["Хімія"], "hourly_rate": 100},
        {"last_name": "Хімія"},
        {"headline": "Хімія"},
    )
    assert get_ids(client, search="хімія") == [headline, name, subject, bio]


@pytest.mark.parametrize(
    ("search", "own", "synonyms"),
    [
        ("lesson", ["Lessons"], ["Уроки", "Lekcje"]),
        ("урок", ["Уроки"], ["Lekcje", "Lessons"]),
        ("НМТ", ["НМТ"], ["ЗНО"]),
        ("ЗНО", ["ЗНО"], ["НМТ"]),
        ("педагога", ["Педагог"], ["Вчителька", "Репетитор", "Tutor"]),
        ("nauczyciel", ["Nauczyciel"], ["Вчителька", "Tutor"]),
        ("lesson ЗНО", ["Lesson ЗНО"], ["Lesson НМТ", "Урок ЗНО"]),
        ("гітара", ["Гітара"], ["Gitara", "Guitar"]),
    ],
)
def test_own_words_come_before_synonyms_in_each_place(
    app: Flask, client: FlaskClient, search: str, own: list[str], synonyms: list[str]
) -> None:
    """However well rated whoever has but a synonym."""
    rated = {"rating": 5, "reviews_count": 99, "hourly_rate": 300}
    places = ("headline", "bio")
    described = [
        {place: text, **(rated if text in synonyms else {})}
        for place in places
        for text in synonyms + own
    ]
    found = dict(zip(tutors(*described), described, strict=True))
    texts = [
        (place, found[number][place])
        for number in get_ids(client, search=search, page_size=100)
        for place in places
        if place in found[number]
    ]
    for place in places:
        in_place = [text for of, text in texts if of == place]
        assert in_place[: len(own)] == own
        assert sorted(in_place[len(own) :]) == sorted(synonyms)
    assert [place for place, _ in texts] == sorted((place for place, _ in texts), reverse=True)
    one_by_one = all_ids(walk(client, get_page(client, search=search, page_size=1)))
    assert one_by_one == get_ids(client, search=search, page_size=100)


def test_of_several_words_more_in_a_better_place_come_first(
    app: Flask, client: FlaskClient
) -> None:
    rated = {"rating": 5, "reviews_count": 99}
    none, bio, some, subject, title = tutors(
        {"headline": "Хімія", **rated},
        {"bio": "Хімія у Львові", **rated},
        {"headline": "Хімія", "bio": "Живу у Львові"},
        {"headline": "Зі Львова", "subjects": ["Хімія"]},
        {"headline": "Хімія у Львові"},
    )
    assert get_ids(client, search="хімія львів") == [title, subject, some, bio]


def test_of_equals_the_better_profile_comes_first_and_then_the_older_account(
    app: Flask, client: FlaskClient
) -> None:
    plain, rated, plain_too = tutors(
        {"headline": "Хімія"},
        {"headline": "Хімія", "rating": 5, "reviews_count": 99},
        {"headline": "Хімія"},
    )
    assert get_ids(client, search="хімія") == [rated, plain, plain_too]


@pytest.mark.parametrize("search", ["англійська", "english", "angielski", "angielskiego"])
def test_a_subject_is_found_by_its_name_in_any_language(
    app: Flask, client: FlaskClient, search: str
) -> None:
    tutors({"subjects": ["English"]}, {"subjects": ["Хімія"]})
    assert get_ids(client, search=search) == [1]


def test_the_names_of_the_parameter_mean_the_same(app: Flask, client: FlaskClient) -> None:
    tutors({"bio": "хімія"}, {})
    assert [get_ids(client, **{name: "хімія"}) for name in ("search", "query", "q")] == [[1]] * 3


@pytest.mark.parametrize("nothing", ["", "  ", "!?", '""', "-", "- -", "...", "🎓"])
def test_a_search_without_words_is_no_search(app: Flask, client: FlaskClient, nothing: str) -> None:
    generated = generate_tutors(6)
    store_tutors(generated)
    assert get_ids(client, search=nothing) == expected_ids(generated)


def test_excluding_alone_leaves_the_rest_in_the_default_order(
    app: Flask, client: FlaskClient
) -> None:
    generated = generate_tutors(20)
    store_tutors(generated)
    remaining = [values for values in generated if values["first_name"] != "Jan"]
    assert get_ids(client, search="-jan") == expected_ids(remaining)


@pytest.mark.parametrize("seed", range(8))
def test_words_go_together_with_every_filter_and_ordering(
    app: Flask, client: FlaskClient, seed: int
) -> None:
    generated = generate_tutors(80, seed)
    store_tutors(generated)
    named = [values for values in generated if values["first_name"] == "Mary"]
    chance = random.Random(seed)
    for _ in range(10):
        parameters = random_query(chance)
        expected = expected_ids(named, **parameters)
        page = get_page(client, **parameters, search="mary", page_size=100)
        found = ids_of(page) if "ordering" in parameters else sorted(ids_of(page))
        assert (parameters, found) == (
            parameters,
            expected if "ordering" in parameters else sorted(expected),
        )
        assert page["count"] == len(expected)


@pytest.mark.parametrize("price_min", [0, 1, 3, 99, 100, 101, 4096, 99_999, 100_000, 100_001])
def test_prices_found_by_steps_are_compared_exactly(
    app: Flask, client: FlaskClient, price_min: int
) -> None:
    prices = (0, 1, 2, 3, 4, 98, 99, 100, 101, 127, 128, 4095, 4096, 99_999, 100_000)
    tutors(*({"bio": "хімія", "hourly_rate": price} for price in prices), {"bio": "хімія"})
    for price_max in (None, *prices):
        parameters = {"price_min": price_min, "price_max": price_max, "search": "хімія"}
        parameters = {name: value for name, value in parameters.items() if value is not None}
        if price_max is not None and price_max < price_min:
            continue
        expected = [
            number
            for number, price in enumerate(prices, start=1)
            if price >= price_min and (price_max is None or price <= price_max)
        ]
        assert sorted(get_ids(client, **parameters)) == expected


@pytest.mark.parametrize("years", [0, 1, 4, 6, 10, 33, 69, 70, 79, 80, 81])
def test_experience_found_by_steps_is_compared_exactly(
    app: Flask, client: FlaskClient, years: int
) -> None:
    known = (0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 32, 33, 34, 69, 70, 71, 80)
    tutors(*({"bio": "хімія", "experience_years": each} for each in known), {"bio": "хімія"})
    expected = [number for number, each in enumerate(known, start=1) if each >= years]
    assert sorted(get_ids(client, search="хімія", experience_min=years)) == expected


@pytest.mark.parametrize("ordering", [None, "hourly_rate", "-rating", "newest"])
@pytest.mark.parametrize("page_size", [1, 4])
def test_a_walk_through_what_was_found_sees_each_once_both_ways(
    app: Flask, client: FlaskClient, ordering: str | None, page_size: int
) -> None:
    store_tutors(generate_tutors(40))
    parameters: dict[str, Any] = {"ordering": ordering} if ordering else {}
    whole = get_ids(client, search="репетитор", **parameters, page_size=100)
    assert len(whole) > 8
    forward = walk(client, get_page(client, search="репетитор", **parameters, page_size=page_size))
    assert all_ids(forward) == whole
    backward = walk(client, forward[-1], "previous")
    assert [ids_of(page) for page in reversed(backward)] == [ids_of(page) for page in forward]


def test_beyond_a_thousand_found_the_walk_goes_on(app: Flask, client: FlaskClient) -> None:
    generated = generate_tutors(1150)
    for values in generated:
        values["last_name"] = "Спільна"
    store_tutors(generated)
    forward = walk(client, get_page(client, search="спільна", page_size=100))
    assert sorted(all_ids(forward)) == sorted(values["id"] for values in generated)
    assert {(page["count"], page["count_capped"]) for page in forward} == {(1000, True)}
    backward = walk(client, forward[-1], "previous")
    assert [ids_of(page) for page in reversed(backward)] == [ids_of(page) for page in forward]


@pytest.mark.parametrize(
    "search", ["'", "\\", "a & b | !c", "x:*", "(((", "<->", "a:ABCD", "'); drop table users; --"]
)
def test_the_database_s_own_operators_are_words_or_nothing(
    app: Flask, client: FlaskClient, search: str
) -> None:
    tutors({"bio": "a b x drop table users"})
    assert get_page(client, search=search)["count"] in {0, 1}


def test_a_filter_s_lexeme_cannot_be_searched_for(app: Flask, client: FlaskClient) -> None:
    tutors({"subjects": ["English"], "languages": ["uk"], "certifications": ["x"]})
    for search in ("s:english", "l:uk", "c:1", "l:", '"l:uk"', "p:0", "e:0"):
        assert get_ids(client, search=f"{search} zzz") == []
    for search in ("l:uk", "c:1", '"l:uk"'):
        assert get_ids(client, search=search) == []
