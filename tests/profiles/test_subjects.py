import re
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.text import TsvectorBuilder, lexemes
from profiles.subjects import (
    LANGUAGES,
    SUBJECTS,
    find_code,
    label,
    search_words,
    spelling,
    subject_code,
)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("math", "math"),
        ("Математика", "math"),
        ("MATHS", "math"),
        ("matematyka", "math"),
        ("матиматика", "math"),
        ("Англійська мова", "english"),
        ("  англійська   МОВА ", "english"),
        ("англ.", "english"),
        ("English", "english"),
        ("język angielski", "english"),
        ("Jezyk Angielski", "english"),
        ("английский", "english"),
        ("Українська", "ukrainian"),
        ("укр. мова", "ukrainian"),
        ("ukraiński", "ukrainian"),
        ("C++", "cpp"),
        ("С++", "cpp"),
        ("c#", "csharp"),
        (".NET", "dotnet"),
        ("ЗНО", "nmt"),
        ("НМТ/ЗНО", "nmt"),
        ("веб-розробка", "web"),
        ("Веброзробка", "web"),
        ("комп’ютерні науки", "informatics"),
        ("компютерні науки", "informatics"),
        ("business-english", "business-english"),
        ("Історія України", "history-of-ukraine"),
    ],
)
def test_a_subject_is_known_by_whatever_people_call_it(text: str, code: str) -> None:
    assert find_code(text) == code == subject_code(text)


@pytest.mark.parametrize("text", ["", "  ", "!!!", "щось інше", "math physics", "c"])
def test_what_the_catalogue_does_not_know_has_no_code(text: str) -> None:
    assert find_code(text) is None


def test_a_subject_outside_the_catalogue_is_its_own_normalised_text() -> None:
    assert subject_code("  Плетіння   З Лози’ ") == "плетіння з лози'"
    assert label("плетіння з лози'") == dict.fromkeys(LANGUAGES, "плетіння з лози'")


def test_a_label_has_every_language() -> None:
    assert label("english") == {"uk": "Англійська мова", "en": "English", "pl": "Język angielski"}


def test_the_catalogue_is_complete() -> None:
    assert len(SUBJECTS) >= 40
    assert {"math", "ukrainian", "english"} <= set(SUBJECTS)
    for code, subject in SUBJECTS.items():
        assert code == subject.code and re.fullmatch(r"[a-z]+(-[a-z]+)*", code)
        assert set(subject.names) == set(LANGUAGES) and all(subject.names.values())


def test_no_name_leads_to_two_subjects() -> None:
    codes = defaultdict(set)
    for subject in SUBJECTS.values():
        for name in subject.all_names:
            codes[spelling(name)].add(subject.code)
    assert {name: found for name, found in codes.items() if len(found) > 1} == {}
    assert "" not in codes


@pytest.mark.parametrize("code", SUBJECTS)
def test_everything_a_subject_is_called_finds_it(code: str) -> None:
    for name in SUBJECTS[code].all_names:
        assert find_code(name) == find_code(name.upper()) == code


def test_a_tutor_is_found_in_the_other_languages_too() -> None:
    words = search_words("english")
    assert {"Англійська мова", "English", "Język angielski"} <= set(words)


def test_nobody_is_found_by_a_narrower_subject_or_a_misspelling() -> None:
    document = TsvectorBuilder()
    for name in search_words("biology"):
        document.add(name)
    assert "'анатомія'" not in document.text()
    assert find_code("Анатомія") == "biology"


@pytest.mark.parametrize("code", SUBJECTS)
def test_a_subject_adds_few_lexemes_to_a_document(code: str) -> None:
    found = {
        lexeme for name in search_words(code) for word in name.split() for lexeme in lexemes(word)
    }
    assert len(found) <= 60


def test_a_subject_outside_the_catalogue_adds_no_words() -> None:
    assert search_words("плетіння") == ()


@given(st.text())
def test_any_text_has_a_code_that_stays_the_same(text: str) -> None:
    code = subject_code(text)
    assert subject_code(code) == code
