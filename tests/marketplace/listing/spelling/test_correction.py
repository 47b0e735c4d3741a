"""What is offered to whoever mistyped a word: only what finds somebody, and nothing hidden."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from common.database.session import db
from common.text import parse_query
from marketplace.listing.spelling import correction
from marketplace.listing.spelling.known_words import MAX_CANDIDATES
from profiles.accounts.models import User
from profiles.public.search.vocabulary import add_words
from tests.factories import make_tutor
from tests.marketplace.list_requests import get_ids, get_page
from tests.profiles.public.public_rows import change


def meant(client: FlaskClient, search: str, **parameters: object) -> str | None:
    page = get_page(client, search=search, **parameters)
    words = parse_query(search)
    # Of several words, the results of the correction stand in place of none.
    is_corrected = len(words.words) + len(words.phrases) > 1
    assert page["did_you_mean"] is None or bool(page["results"]) == is_corrected
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


@pytest.mark.parametrize("typed", ["пидручник", "автор пидручник", "пидручникі"])
def test_a_misspelt_word_is_mended_by_another_form_of_it(
    app: Flask, client: FlaskClient, typed: str
) -> None:
    make_tutor(headline="Автор підручників")
    assert meant(client, typed) == re.sub("пидручник.?", "підручників", typed)


def test_a_word_near_with_its_ending_is_meant_before_one_near_without(
    app: Flask, client: FlaskClient
) -> None:
    for headline in ("Автор підручників", "Авторка підручників", "Підручник"):
        make_tutor(headline=headline)
    assert meant(client, "пидручник") == "підручник"


@pytest.mark.parametrize("typed", ["пидриччник", "падрубник", "школамі"])
def test_a_stem_further_away_is_not_meant(app: Flask, client: FlaskClient, typed: str) -> None:
    make_tutor(headline="Автор підручників", bio="У шкалах")
    assert meant(client, typed) is None


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


def neighbours(word: str, number: int) -> list[str]:
    """Words one letter from `word`, and before it in the alphabet."""
    letters = "абвгґдеєжз"
    made = (word[:n] + letter + word[n + 1 :] for n in range(len(word)) for letter in letters)
    return sorted(each for each in dict.fromkeys(made) if each < word)[:number]


@pytest.mark.parametrize("past", ["never shown", "hidden", "replaced", "erased"])
@pytest.mark.parametrize("guess", ["шмідтченко", "заблудовська"])
def test_two_accounts_can_not_find_out_which_words_were_public_once(
    app: Flask, client: FlaskClient, past: str, guess: str
) -> None:
    """All places for candidates are taken but one: a word that took it would show in the answer."""
    probe, own = (guess[:3] + letter + guess[4:] for letter in "щя")
    nearer = [word for word in neighbours(probe, MAX_CANDIDATES) if word != guess]
    nearer = nearer[: MAX_CANDIDATES - 1]
    make_tutor(bio=" ".join(nearer), hourly_rate=900)
    make_tutor(bio=own, hourly_rate=100)
    if past != "never shown":
        victim = make_tutor(last_name=guess, bio=guess)
        assert meant(client, f"{probe} ", price_max=200) is None
        change(
            victim,
            **{
                "hidden": {"public_profile_enabled": False},
                "replaced": {"last_name": "Інша", "bio": ""},
                "erased": {"bio": ""},
            }[past],
        )
        if past == "erased":
            db.session.delete(db.session.get_one(User, victim.id))
            db.session.commit()
    assert meant(client, f"{probe} ", price_max=200) == own


def test_leftovers_of_an_older_version_take_no_places(app: Flask, client: FlaskClient) -> None:
    """Stored words that no row shows are neither offered nor counted among the candidates."""
    make_tutor(bio="квадрокоптер")
    leftovers = neighbours("квадракоптер", 3 * MAX_CANDIDATES)
    assert len(leftovers) > MAX_CANDIDATES
    add_words(db.session.connection(), leftovers)
    db.session.commit()
    assert meant(client, "квадракоптер") == "квадрокоптер"
    assert meant(client, leftovers[0]) is None or leftovers[0] not in str(
        meant(client, leftovers[0])
    )


def test_a_correction_is_written_as_the_best_tutor_writes_it(
    app: Flask, client: FlaskClient
) -> None:
    make_tutor(headline="Zdrowie: Łódzka szkoła")
    assert meant(client, "lodzca ") == "łódzka"


def test_a_name_from_the_catalogue_corrects_too(app: Flask, client: FlaskClient) -> None:
    make_tutor(subjects=["Математика"])
    assert meant(client, "mathemtics ") == "mathematics"


@pytest.mark.parametrize(
    ("typed", "better"),
    [
        ("redbull ", "red bull"),
        ("команда redbull ", "команда red bull"),
        ("грапіано ", "гра піано"),
        ("speed boat ", "speedboat"),
    ],
)
def test_a_missing_or_extra_space_is_corrected(
    app: Flask, client: FlaskClient, typed: str, better: str
) -> None:
    make_tutor(headline="Команда Red Bull", bio="Гра: піано. Speedboat.")
    assert meant(client, typed) == better
    assert get_ids(client, search=better) != []


@pytest.mark.parametrize("typed", ["bullred ", "redcommand ", "re dbull x "])
def test_words_that_nobody_shows_together_are_not_parted(
    app: Flask, client: FlaskClient, typed: str
) -> None:
    make_tutor(headline="Команда Red Bull")
    assert meant(client, typed) is None


@pytest.mark.parametrize(("most", "better"), [(1, None), (2, "математика геометрія")])
def test_so_many_words_of_a_question_are_mended_at_most(
    app: Flask,
    client: FlaskClient,
    monkeypatch: pytest.MonkeyPatch,
    most: int,
    better: str | None,
) -> None:
    monkeypatch.setattr(correction, "MOST_CORRECTED", most)
    make_tutor(headline="Математика, геометрія")
    assert meant(client, "матиматика геаметрія") == better
