"""What is offered to whoever mistyped a word: only what finds somebody, and nothing hidden."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import make_tutor
from tests.marketplace.list_requests import get_ids, get_page
from tests.profiles.public.public_rows import change


def meant(client: FlaskClient, search: str, **asked: object) -> str | None:
    page = get_page(client, search=search, **asked)
    assert not page["results"] or page["did_you_mean"] is None
    better: str | None = page["did_you_mean"]
    return better


@pytest.mark.parametrize(
    ("typed", "better"),
    [
        ("математкиа ", "математика"),
        ("матиматека ", "математика"),
        ("Геометрія матиматика", "геометрія математика"),
        ("матиматика геаметрія ", "математика геометрія"),
        ("prograning ", "programing"),
        ("lodz dzieic ", "lodz dzieci"),
        ("здорв'я ", "здоров'я"),
        ('"у місті" матиматика', '"у місті" математика'),
        ("матиматика -хімія", "математика -хімія"),
    ],
)
def test_one_or_two_wrong_letters_are_mended(
    app: Flask, client: FlaskClient, typed: str, better: str
) -> None:
    make_tutor(
        headline="Математика, геометрія",
        bio="У місті Łódź, dla dzieci. Programing. Здоров’я.",
    )
    assert meant(client, typed) == better
    assert get_ids(client, search=better) != []


@pytest.mark.parametrize("typed", ["мат ", "зззззззз", "щось зовсім інше", "-математика", "а", '"'])
def test_what_is_not_near_any_word_is_left_alone(
    app: Flask, client: FlaskClient, typed: str
) -> None:
    make_tutor(headline="Математика")
    assert meant(client, typed) is None


def test_nothing_is_offered_where_somebody_is_found(app: Flask, client: FlaskClient) -> None:
    make_tutor(headline="Математика")
    make_tutor(headline="Математики")
    assert meant(client, "математик") is None


def test_of_words_equally_near_the_commoner_is_meant(app: Flask, client: FlaskClient) -> None:
    make_tutor(headline="Малювання карта")
    make_tutor(headline="Шкільна парта")
    make_tutor(headline="Друга парта")
    assert meant(client, "фарта ") == "парта"


def test_the_mended_query_finds_somebody_beside_the_same_filters(
    app: Flask, client: FlaskClient
) -> None:
    make_tutor(headline="Математика", hourly_rate=500)
    assert meant(client, "матиматика", price_max=600) == "математика"
    assert meant(client, "матиматика", price_max=400) is None


def test_known_words_that_nobody_shows_together_are_left_alone(
    app: Flask, client: FlaskClient
) -> None:
    make_tutor(headline="Математика")
    make_tutor(headline="Гармата")
    assert meant(client, "математика гармата") is None


@pytest.mark.parametrize("flag", ["show_bio_publicly", "public_profile_enabled", "is_active"])
def test_a_word_is_not_offered_once_nobody_shows_it(
    app: Flask, client: FlaskClient, flag: str
) -> None:
    make_tutor(headline="Хімія", bio="Заблудовський")
    tutor = make_tutor(last_name="Інша", bio="Квадрокоптер")
    assert meant(client, "квадракоптер") == "квадрокоптер"
    change(tutor, **{flag: False})
    assert meant(client, "квадракоптер") is None
    assert meant(client, "заблудовский") == "заблудовський"
    change(tutor, **{flag: True})
    assert meant(client, "квадракоптер") == "квадрокоптер"


def test_two_worlds_that_differ_in_what_is_hidden_offer_the_same(
    app: Flask, client: FlaskClient
) -> None:
    """Of two near words one was shown for a while, and is hidden now."""
    make_tutor(headline="Шкільна парта")
    never = client.get("/api/marketplace/tutors/?search=фарта")
    shown = make_tutor(bio="карта " * 3, show_bio_publicly=False)
    assert client.get("/api/marketplace/tutors/?search=фарта").data == never.data
    change(shown, show_bio_publicly=True)
    change(shown, show_bio_publicly=False)
    again = client.get("/api/marketplace/tutors/?search=фарта")
    assert (again.data, again.headers["ETag"]) == (never.data, never.headers["ETag"])
