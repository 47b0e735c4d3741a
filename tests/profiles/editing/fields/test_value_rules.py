"""The values of a profile, and what is asked of them before they are published."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from common.http.schemas.fields import BodyInteger, Text
from profiles.editing.fields.draft_rules import Field, for_draft
from profiles.editing.fields.value_rules import (
    Choice,
    languages,
    phrases,
    same_subject,
    same_word,
    subjects,
)
from profiles.languages import LANGUAGES
from profiles.subjects import subject_code

SUBJECTS = subjects(most=20, longest=50)
CERTIFICATIONS = phrases(most=20, longest=200)
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=60)


def messages(field: Field, value: Any) -> Any:
    with pytest.raises(ValidationError) as refusal:
        field.deserialize(value)
    return refusal.value.messages


def test_white_space_in_a_subject_is_tidied() -> None:
    assert SUBJECTS.deserialize(["  Вища \n математика "]) == ["Вища математика"]


@pytest.mark.parametrize("blank", ["", "   ", "\t\n", "\u00a0"])
def test_a_blank_subject_is_refused_by_its_place(blank: str) -> None:
    assert list(messages(SUBJECTS, ["Фізика", blank])) == [1]


@pytest.mark.parametrize(
    "twins",
    [
        ["Math", "math"],
        ["МАТЕМАТИКА", "математика"],
        ["Straße", "STRASSE"],
        ["Math", " math "],
        ["Вища  математика", "вища математика"],
        ["\u0439oga", "\u0438\u0306oga"],
        ["Ｍath", "math"],
        ["№1 Курс", "№1 курс"],
        ["Ⓐ рівень", "ⓐ рівень"],
    ],
)
def test_a_subject_is_not_listed_twice_whatever_its_case_and_form(twins: list[str]) -> None:
    assert "repeat" in messages(SUBJECTS, twins)[0]


@pytest.mark.parametrize(
    "different",
    [
        ["№1", "no1"],
        ["x²", "x2"],
        ["²", "₂"],
        ["C++", "С++"],
        ["IT", "ІТ"],
        ["a,b", "a b"],
        ["math", "Математика"],
    ],
)
def test_subjects_that_differ_in_more_than_case_and_form_stand_side_by_side(
    different: list[str],
) -> None:
    assert SUBJECTS.deserialize(different) == different


@pytest.mark.parametrize("empty", ["¨", "¯", "˘", "゛", "¯ ¨", ",", " , ¨ ,", "，"])
def test_a_subject_that_nobody_could_filter_by_is_refused_by_its_place(empty: str) -> None:
    assert list(messages(SUBJECTS, ["Фізика", empty])) == [1]


@given(TEXT)
def test_every_published_subject_has_a_code(text: str) -> None:
    try:
        (published,) = SUBJECTS.deserialize([text])
    except ValidationError:
        return
    assert subject_code(published)


@given(TEXT)
def test_a_subject_is_the_same_in_any_case(text: str) -> None:
    assert same_subject(text) == same_subject(text.casefold())


def test_certifications_may_repeat() -> None:
    assert CERTIFICATIONS.deserialize(["CELTA", "celta"]) == ["CELTA", "celta"]


@pytest.mark.parametrize(("field", "longest"), [(SUBJECTS, 50), (CERTIFICATIONS, 200)])
def test_a_list_takes_twenty_phrases_of_the_greatest_length(field: Field, longest: int) -> None:
    phrases_at_the_limit = [f"{number:02}".ljust(longest, "ї") for number in range(20)]
    assert field.deserialize(phrases_at_the_limit) == phrases_at_the_limit
    messages(field, [*phrases_at_the_limit, "one more"])
    messages(field, ["ї" * (longest + 1)])


def test_white_space_counts_towards_the_length_that_is_documented() -> None:
    messages(SUBJECTS, [" " * 50 + "a"])


@given(st.lists(TEXT, max_size=25))
def test_what_is_published_once_is_published_the_same_again(values: list[str]) -> None:
    try:
        published = SUBJECTS.deserialize(values)
    except ValidationError:
        return
    assert SUBJECTS.deserialize(published) == published


@given(TEXT)
def test_a_word_is_the_same_in_any_case(text: str) -> None:
    assert same_word(text) == same_word(same_word(text)) == same_word(f" {text} ")


def test_there_are_the_183_languages_of_iso_639_1() -> None:
    assert len(LANGUAGES) == 183
    assert all(len(code) == 2 and code.isascii() and code.islower() for code in LANGUAGES)
    assert {"uk", "en", "pl", "de"} < LANGUAGES


@pytest.mark.parametrize("value", [["UK"], ["ua"], ["eng"], ["uk", "uk"], ["uk", 1], "uk", [None]])
def test_languages_are_known_codes_without_repeats(value: Any) -> None:
    messages(languages(), value)


def test_languages_keep_their_order() -> None:
    assert languages().deserialize(["uk", "en", "de"]) == ["uk", "en", "de"]


@pytest.mark.parametrize("value", ["5", 5.5, True, 1e300, -(2**53), 2**53])
def test_a_number_in_a_draft_is_still_an_integer_that_json_holds_exactly(value: Any) -> None:
    messages(for_draft(BodyInteger(min=0, max=80)), value)


@pytest.mark.parametrize("value", [-1, 81, 10**9, 2**53 - 1])
def test_a_number_in_a_draft_may_be_out_of_range(value: int) -> None:
    assert for_draft(BodyInteger(min=0, max=80)).deserialize(value) == value


def test_a_list_in_a_draft_keeps_its_largest_sizes_and_nothing_else() -> None:
    lax = for_draft(SUBJECTS)
    assert lax.deserialize(["", "Math", "math"]) == ["", "Math", "math"]
    messages(lax, [None])
    messages(lax, ["a" * 51])
    messages(lax, ["a"] * 21)


def test_a_draft_of_an_unforeseen_kind_of_field_is_a_mistake_of_ours() -> None:
    with pytest.raises(TypeError):
        for_draft(Field())


@pytest.mark.parametrize("word", ["eng", "e", "", "EN", "xx", "england" * 20])
def test_what_is_none_of_the_choices_gets_one_message_whatever_its_length(word: str) -> None:
    assert messages(languages(), ["uk", word]) == {1: ["Not an ISO 639-1 language code."]}
    assert messages(Choice(["uk", "en", "pl"]), word) == ["Must be one of: uk, en, pl."]


@pytest.mark.parametrize("field", [languages().inner, Choice(["uk", "en"]), Text(min=2, max=2)])
def test_a_draft_of_a_short_text_keeps_its_greatest_length(field: Field) -> None:
    lax = for_draft(field)
    assert lax.deserialize("") == ""
    assert lax.deserialize("xx") == "xx"
    messages(lax, "xxx")


def test_too_many_items_are_counted_as_items() -> None:
    assert messages(CERTIFICATIONS, ["a"] * 21) == ["Must have at most 20 items."]
    assert messages(for_draft(CERTIFICATIONS), ["a"] * 21) == ["Must have at most 20 items."]
