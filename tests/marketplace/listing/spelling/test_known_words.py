"""What public rows say of mistyped words is stored while the rows stay as they are, and not longer."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from common.text import Word
from marketplace.listing.spelling import known_words
from marketplace.listing.spelling.known_words import are_known
from profiles.public.models import read_revision
from tests.factories import make_tutor
from tests.marketplace.list_requests import get_page
from tests.marketplace.statement_log import StatementLog
from tests.profiles.public.public_rows import change

# Each asks for near words, for parts of the word, or for two neighbours as one word.
ABOUT_WORDS = ("public_spellings", "wanted.query")


def statements_about_words(client: FlaskClient, search: str, **filters: object) -> list[str]:
    log = StatementLog()
    get_page(client, search=search, **filters)
    return [text for text in log.stop() if any(each in text for each in ABOUT_WORDS)]


def test_of_a_word_that_nobody_has_nothing_is_asked_twice(app: Flask, client: FlaskClient) -> None:
    make_tutor(headline="Уроки фізики")
    assert len(statements_about_words(client, "уроки зззззззз ")) > 2
    assert statements_about_words(client, "уроки зззззззз ", price_min=1) == []
    # Which of the words nobody has, where no bitmaps say it, and whether the two are one.
    assert len(statements_about_words(client, "фізика зззззззз ")) == 2


def test_what_was_near_is_not_offered_after_it_was_hidden(app: Flask, client: FlaskClient) -> None:
    tutor = make_tutor(headline="Математика")
    make_tutor(headline="Матлематика")
    for price in range(2):
        assert get_page(client, search="мателатика", price_max=price)["did_you_mean"] is None
    change(tutor, hourly_rate=300)
    assert get_page(client, search="математкиа")["did_you_mean"] == "математика"
    change(tutor, public_profile_enabled=False)
    assert get_page(client, search="математкиа")["did_you_mean"] != "математика"


def test_a_word_that_nobody_had_is_found_with_the_commit_that_shows_it(
    app: Flask, client: FlaskClient
) -> None:
    tutor = make_tutor(headline="Уроки")
    assert get_page(client, search="фізиика")["did_you_mean"] is None
    change(tutor, headline="Фізика")
    assert get_page(client, search="фізиика")["did_you_mean"] == "фізика"
    change(tutor, headline="Уроки")
    assert get_page(client, search="фізиика")["did_you_mean"] is None


def test_so_many_words_are_stored_at_most(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    make_tutor(headline="Уроки фізики")
    monkeypatch.setattr(known_words, "MOST_FOUND", 2)
    words = [Word(text) for text in ("уроки", "хімія", "фізика")]
    revision = read_revision()
    for _ in range(2):
        assert are_known(words, revision) == [True, False, True]
    assert len(known_words._found_words._found) == 2
    assert are_known(words[::-1], revision) == [True, False, True]
