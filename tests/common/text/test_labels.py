"""One spelling of what people name a thing by."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.text import one_spelling


@pytest.mark.parametrize(
    ("written", "spelled"),
    [
        ("№1 Курс", "№1 курс"),
        ("H²O", "h²o"),
        ("Ⓐ", "ⓐ"),
        ("  Мова   жестів ", "мова жестів"),
        ("ІТ", "it"),
        ("IT", "it"),
        ("1С", "1c"),
        ("В2В", "b2b"),
        ("МОВА", "мова"),
        ("Еnglish", "english"),
        ("об’єкт", "об'єкт"),
        ("ＭＡＴＨ", "math"),
        ("\u200b\u2060\u00ad", ""),
        ("кл\u00adас", "клас"),
    ],
)
def test_a_text_is_kept_but_for_what_nobody_sees_or_means(written: str, spelled: str) -> None:
    assert one_spelling(written) == spelled


@given(st.text())
def test_spelling_twice_changes_nothing(text: str) -> None:
    assert one_spelling(one_spelling(text)) == one_spelling(text)


@given(st.text(alphabet="ітITсcаaвB21№² -,"))
def test_lookalikes_and_signs_are_stable_too(text: str) -> None:
    assert one_spelling(one_spelling(text)) == one_spelling(text)
