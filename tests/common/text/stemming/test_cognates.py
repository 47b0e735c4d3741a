"""Words of one language that look like a form of another language's word."""

import json

import pytest

from common.text import lexemes, query_terms, synonyms, tokens
from common.text.stemming.cognates import COGNATES, language_of

pytestmark = pytest.mark.quick


def meet(one: str, other: str) -> bool:
    """Whether who asks for one word finds the other as a form of it."""
    return not set(lexemes(one)).isdisjoint(query_terms(other))


@pytest.mark.parametrize(
    ("english", "polish"),
    [
        ("history", ["historia", "historii", "historię"]),
        ("psychology", ["psychologia", "psychologii", "psycholog", "psychologowie"]),
        ("psychologist", ["psycholog", "psychologa"]),
        ("biology", ["biologia", "biologii", "biolog"]),
        ("geometry", ["geometria", "geometrii", "geometrię"]),
        ("literature", ["literatura", "literatury"]),
        ("pianist", ["pianista", "pianisty"]),
    ],
)
def test_an_english_word_is_no_form_of_its_polish_cognate(english: str, polish: list[str]) -> None:
    for word in polish:
        assert not meet(english, word) and not meet(word, english)


@pytest.mark.parametrize(
    "forms",
    [
        ["historia", "historii", "historię", "historią", "historie"],
        ["literatura", "literatury", "literaturę", "literaturze"],
        ["psycholog", "psychologa", "psychologiem"],
        ["psychologia", "psychologii", "psychologią"],
        ["psychologist", "psychologists"],
        ["pianist", "pianists"],
        # English words that Polish inflects are none of them.
        ["tutor", "tutora", "tutorem"],
        ["developer", "developera", "developerem"],
    ],
)
def test_forms_of_a_cognate_still_meet(forms: list[str]) -> None:
    for form in forms:
        assert meet(forms[0], form) and meet(form, forms[0])


def test_diacritics_tell_a_form_from_an_english_word() -> None:
    assert (language_of("literature"), language_of("literaturę")) == ("en", None)


def test_cognates_are_words_as_they_are_looked_up() -> None:
    for words in json.loads(COGNATES.read_text(encoding="utf-8")).values():
        for word in words:
            assert tokens(word) == [word]


def test_every_english_cognate_is_found_by_its_translation() -> None:
    """A form of one word, as before, it no longer is."""
    english = json.loads(COGNATES.read_text(encoding="utf-8"))["en"]
    assert [word for word in english if not synonyms(word)] == []
