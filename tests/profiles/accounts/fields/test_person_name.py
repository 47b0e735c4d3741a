import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError

from profiles.accounts.fields.person_name import PersonName

NO_NAMES = [
    "",
    " ",
    "\u200b",
    "\u00a0",
    "\u2800",
    "\u2800 \u2800",
    "\u0301",
    " \u0489",
    "\u3164\u200d",
    "\ufffc",
    "\U0001d159",
    "\U0001d173 \U0001d17a",
    "A\ufff9B",
    "A\ufffaB\ufffb",
    "A" + "\u0301" * 5,
    "A" + "\u0301\u200c" * 100,
    "é" + "\u0323" * 4,
]
NO_NAMES += ["a\nb", "a\x00", "a\n", "a\x1bb", "a\x85b", "a\u2028b", "x" * 151]
NO_NAMES += [f"a{sign}b" for sign in "\u202a\u202b\u202d\u202e\u2066\u2067\u2068"]


@pytest.mark.parametrize("name", NO_NAMES)
def test_a_name_is_one_line_in_which_there_is_something_to_see(name):
    with pytest.raises(ValidationError):
        PersonName().deserialize(name)


@pytest.mark.parametrize(
    "name", ["Nguyễn", "שָׁ֑לוֹם", "น้ำ", "A" + "\u0301" * 4, "𝄞", "a\u0301b\u0301" * 20]
)
def test_a_name_keeps_the_marks_that_languages_write(name):
    assert PersonName().deserialize(name) == unicodedata.normalize("NFC", name)


def test_a_name_is_stored_without_white_space_around_it():
    assert PersonName().deserialize(" Анна Марія ") == "Анна Марія"


@settings(deadline=None)
@given(st.text(max_size=160))
def test_a_name_that_is_accepted_fits_its_column(name):
    try:
        stored = PersonName().deserialize(name)
    except ValidationError:
        return
    assert 1 <= len(stored) <= 150
    assert PersonName().deserialize(stored) == stored
