import itertools
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.text import document_terms, filter_lexeme, lexemes, query_terms, tokens
from common.text.lexemes import ENGLISH, POLISH, UKRAINIAN
from common.text.stemming.irregular_forms import base_forms

DATA = json.loads((Path(__file__).parents[2] / "data" / "inflections.json").read_text("utf-8"))
LANGUAGES = ("uk", "en", "pl")
LEAST_RECALL = {"uk": 0.97, "en": 0.97, "pl": 0.97}


def meet(one: str, other: str) -> bool:
    return not set(lexemes(one)).isdisjoint(query_terms(other))


def pairs_within(groups: list[list[str]]) -> Iterator[tuple[str, str]]:
    return itertools.chain.from_iterable(itertools.combinations(group, 2) for group in groups)


def pairs_across(language: str) -> Iterator[tuple[str, str]]:
    """Pairs of forms of different words, but for those listed as related: викладач and викладачка."""
    related = {frozenset(pair) for pair in DATA["related"]}
    for one, other in itertools.combinations(DATA[language], 2):
        if frozenset((one[0], other[0])) not in related:
            yield from itertools.product(one, other)


def test_there_are_enough_words_to_judge_by() -> None:
    assert len(DATA["uk"]) >= 30
    assert len(DATA["look_alikes"]) >= 150


@pytest.mark.parametrize("language", LANGUAGES)
def test_forms_of_one_word_meet(language: str, capsys: pytest.CaptureFixture[str]) -> None:
    pairs = list(pairs_within(DATA[language]))
    missed = [pair for pair in pairs if not meet(*pair)]
    recall = 1 - len(missed) / len(pairs)
    with capsys.disabled():
        print(f"\n{language}: recall {recall:.3f} of {len(pairs)} pairs of forms")
    assert recall >= LEAST_RECALL[language], missed


def test_forms_with_another_vowel_meet_all_through_the_paradigm() -> None:
    pairs = list(pairs_within(DATA["vowel_alternations"]))
    missed = [pair for pair in pairs if not meet(*pair)]
    assert len(pairs) >= 2400
    assert missed == []


def test_different_words_stay_apart(capsys: pytest.CaptureFixture[str]) -> None:
    """Of all the pairs that meet, how many should: look-alikes counted among those that should not."""
    right = sum(meet(*pair) for language in LANGUAGES for pair in pairs_within(DATA[language]))
    strangers = itertools.chain(DATA["look_alikes"], *map(pairs_across, LANGUAGES))
    wrong = [(one, other) for one, other in strangers if meet(one, other)]
    precision = right / (right + len(wrong))
    with capsys.disabled():
        print(f"\nprecision {precision:.3f}, {len(wrong)} pairs met by mistake")
    assert precision >= 0.98, wrong


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("математику", "математики"),
        ("діти", "дитина"),
        ("дітей", "дітям"),
        ("репетиторок", "репетиторка"),
        ("комп'ютера", "компютер"),
        ("ґрунтовного", "грунтовний"),
        ("рік", "року"),
        ("szkole", "szkoły"),
        ("uczeń", "ucznia"),
        ("języka", "jezykiem"),
        ("teaching", "teaches"),
        ("tutor's", "tutors"),
    ],
)
def test_forms_that_are_easily_missed_meet(one: str, other: str) -> None:
    assert meet(one, other)


@pytest.mark.parametrize(("one", "other"), [("право", "прав"), ("C", "C++"), ("b2", "b1")])
def test_near_words_do_not_meet(one: str, other: str) -> None:
    assert other.lower() not in lexemes(one.lower())


@pytest.mark.parametrize("token", ["c++", "d2", "2026", ".net"])
def test_a_word_with_signs_or_digits_has_no_stems(token: str) -> None:
    assert lexemes(token) == (token,)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *itertools.combinations(["teach", "teaches", "taught", "teaching"], 2),
        *itertools.combinations(["write", "wrote", "written", "writing"], 2),
        *itertools.combinations(["speak", "spoke", "spoken"], 2),
        *itertools.combinations(["woman", "women"], 2),
        *itertools.combinations(["analysis", "analyses"], 2),
        *itertools.combinations(["thesis", "theses"], 2),
        *itertools.combinations(["child", "children"], 2),
        *itertools.combinations(["ręka", "ręce", "ręką", "rękami", "rąk"], 2),
        *itertools.combinations(["dzień", "dnia", "dni", "dniem"], 2),
        *itertools.combinations(["tydzień", "tygodnie", "tygodni"], 2),
        *itertools.combinations(["pies", "psa", "psy"], 2),
        *itertools.combinations(["oko", "oczy"], 2),
        *itertools.combinations(["pisać", "piszę", "pisze"], 2),
        *itertools.combinations(["błąd", "błędy", "błędów"], 2),
        *itertools.combinations(["день", "дні", "дня", "днів", "днями"], 2),
        *itertools.combinations(["стіл", "стола"], 2),
        *itertools.combinations(["вечір", "вечора", "вечорами"], 2),
        *itertools.combinations(["кривоніс", "кривоноса"], 2),
        *itertools.combinations(["гість", "гостя"], 2),
    ],
)
def test_irregular_forms_of_one_word_meet(one: str, other: str) -> None:
    assert meet(one, other) and meet(other, one)


@pytest.mark.parametrize(("one", "other"), [("rak", "ręka"), ("die", "dice"), ("дно", "день")])
def test_an_irregular_form_is_not_taken_for_another_word(one: str, other: str) -> None:
    assert not meet(one, other)


def test_irregular_forms_are_folded_words_of_letters() -> None:
    for language, least in (("en", 250), ("pl", 6_000)):
        bases = base_forms(language)
        assert len(bases) >= least
        for form, base in bases.items():
            assert form.isalpha() and all(each.isalpha() and each.isascii() for each in base)
            assert form not in base


@pytest.mark.parametrize(
    ("one", "other"),
    [("іт", "it"), ("1с", "1c"), ("в2в", "b2b"), ("тоеіс", "toeic"), ("ікт", "ikt")],
)
def test_words_that_look_the_same_in_both_alphabets_meet(one: str, other: str) -> None:
    assert not one.isascii() and other.isascii()
    assert meet(one, other) and meet(other, one)


@pytest.mark.parametrize("typed", ["5й", "5-й", "5-го", "5", "5-му"])
@pytest.mark.parametrize("shown", ["5й клас", "5-й клас", "5 клас", "5-го класу"])
def test_a_number_is_found_with_and_without_its_ending(typed: str, shown: str) -> None:
    stored = {term for terms in document_terms(shown) for term in terms}
    assert not stored.isdisjoint(query_terms(typed.split("-")[0]))


@pytest.mark.parametrize(
    ("shown", "typed"),
    [
        ("O'Connor", "connor"),
        ("D’Artagnan", "artagnan"),
        ("О'Коннор", "коннор"),
        ("3-D", "3d"),
        ("Covid-19", "covid19"),
        ("Node.js", "nodejs"),
        ("Ліцей №157", "157"),
        ("①Граматика", "граматика"),
        ("Граматика¹ лексика²", "граматика"),
        ("٣ уроки", "3"),
        ("H₂O", "h2o"),
        ("H₂O", "h"),
        ("H₂O", "2"),
        ("H₂O", "o"),
        ("CO₂", "co2"),
        ("C₆H₁₂O₆", "c6h12o6"),
        ("x²", "x2"),
        ("x²", "x"),
        ("м²", "м2"),
        ("м²⁰", "м20"),
        ("Граматика¹", "граматика1"),
        ("Ελληνικά", "ελληνικα"),
    ],
)
def test_a_part_or_another_writing_finds_the_whole(shown: str, typed: str) -> None:
    stored = {term for terms in document_terms(shown) for term in terms}
    assert not stored.isdisjoint(query_terms(tokens(typed)[0]))


@pytest.mark.parametrize(
    ("shown", "typed"), [("п'ять", "ять"), ("10-15", "1015"), ("№", "no"), ("10²", "102")]
)
def test_what_is_no_word_of_its_own_finds_nothing(shown: str, typed: str) -> None:
    stored = {term for terms in document_terms(shown) for term in terms}
    assert stored.isdisjoint(query_terms(typed))


def test_a_hyphenated_word_is_stored_in_parts_and_as_one_word() -> None:
    first, second = document_terms("e-learning")
    assert {"e", "elearning"} <= set(first)
    assert second == lexemes("learning")


def test_a_range_of_numbers_is_no_word() -> None:
    assert document_terms("10-15") == [("10",), ("15",)]


def test_a_word_after_a_dot_is_found_with_and_without_it() -> None:
    assert {"net", ".net"} <= set(document_terms("ASP.NET")[1])
    assert {"net", ".net"} <= set(document_terms(".NET")[0])
    assert query_terms(".net") == (".net",)


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_no_stem_can_be_taken_for_a_word_or_a_filter(text: str) -> None:
    for terms in document_terms(text):
        word, *others = terms
        assert word[0] not in UKRAINIAN + ENGLISH + POLISH
        assert not any(":" in term for term in terms)
        assert all(other.strip() for other in others)


def test_a_filter_can_not_be_typed_as_a_word() -> None:
    assert filter_lexeme("subject", "math") not in tokens("subject:math")


@given(st.text())
def test_any_text_can_be_a_document(text: str) -> None:
    assert all(terms and all(terms) for terms in document_terms(text))


def test_threads_get_the_same_stems_as_one() -> None:
    words = [word for group in DATA["en"] + DATA["pl"] for word in group] * 3
    expected = [lexemes.__wrapped__(word) for word in words]
    answers: list[list[tuple[str, ...]]] = []
    threads = [
        threading.Thread(
            target=lambda: answers.append([lexemes.__wrapped__(word) for word in words])
        )
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [expected] * 8
