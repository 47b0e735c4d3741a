"""Every mail exists in every language, says the same in both forms, and holds nothing foreign."""

import re
from datetime import UTC, datetime
from html import unescape
from string import Formatter

import pytest

from profiles.messages.kinds import WITH_LINK, MessageKind
from profiles.messages.rendering import TEXTS, render

LINK = "https://app.example/reset?a=1&b=2#token=A-b_9"
UNTIL = datetime(2026, 11, 26, 16, 5, tzinfo=UTC)
LANGUAGES = ["uk", "en", "pl"]


def words(text):
    return re.sub(r"\s+", " ", text).strip()


def rendered(kind, language):
    if kind in WITH_LINK:
        return render(kind, language, LINK, UNTIL, "Europe/Kyiv")
    return render(kind, language)


def test_the_languages_are_those_of_the_interface():
    assert sorted(TEXTS) == sorted(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_the_texts_of_every_kind_and_no_other(language):
    texts = TEXTS[language]
    assert set(texts) == {*MessageKind, "footer", "valid_until"}
    for kind in MessageKind:
        expected = {"subject", "before", "after"} | ({"link"} if kind in WITH_LINK else set())
        assert set(texts[kind]) == expected
        assert texts[kind]["before"]
    assert [each[1] for each in Formatter().parse(texts["valid_until"])] == ["until", None]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", MessageKind)
def test_both_forms_say_the_same(kind, language):
    mail = rendered(kind, language)
    shown = words(unescape(re.sub(r"<head>.*</head>|<[^>]+>", " ", mail.html, flags=re.S)))
    plain = mail.text.replace("-- \n", "")
    if kind in WITH_LINK:
        plain = plain.replace(LINK, TEXTS[language][kind]["link"])
    assert shown == words(plain)
    assert f'<html lang="{language}">' in mail.html


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", sorted(WITH_LINK))
def test_the_link_stands_by_itself_in_the_text_and_escaped_in_the_html(kind, language):
    mail = rendered(kind, language)
    assert LINK in mail.text.splitlines()
    assert 'href="https://app.example/reset?a=1&amp;b=2#token=A-b_9"' in mail.html
    assert "2026-11-26 18:05 (Europe/Kyiv)" in mail.text


@pytest.mark.parametrize("kind", MessageKind)
def test_no_two_languages_share_a_paragraph(kind):
    paragraphs = [line for each in LANGUAGES for line in TEXTS[each][kind]["before"]]
    assert len(set(paragraphs)) == len(paragraphs)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", MessageKind)
def test_a_subject_is_one_short_line(kind, language):
    subject = rendered(kind, language).subject
    assert subject.isprintable() and len(subject) <= 60


def test_ukrainian_and_polish_texts_hold_no_letter_of_another_alphabet():
    for language, foreign in (("uk", "ыэёъ"), ("pl", "абвіє")):
        everything = str(TEXTS[language]).casefold()
        assert not set(foreign) & set(everything)
