import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.text import other_layout


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("fyuksqcmrf", "англійська"),
        ("fyukbqcmrf", "англійська"),
        ("Vfntvfnbrf", "математика"),
        ("[bvsz", "хімія"),
        (",sjkjusz", "біологія"),
        ("gjkmcmrf vjdf", "польська мова"),
        ("утпдшір", "english"),
        ("ьферы", "maths"),
        ("лщкузуенсоу", "korepetycje"),
    ],
)
def test_the_same_keys_type_a_word_in_the_other_layout(typed: str, meant: str) -> None:
    assert other_layout(typed) == meant


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=1))
def test_switching_to_ukrainian_and_back_is_the_same_word(word: str) -> None:
    back = other_layout(other_layout(word))
    # и and і stand on neighbouring keys of two layouts, and the dictionary decides which was meant.
    assert back.replace("s", "b") == word.replace("s", "b")


@given(st.text())
def test_any_text_can_be_switched(text: str) -> None:
    other_layout(text)
