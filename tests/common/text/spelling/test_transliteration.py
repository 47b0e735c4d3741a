"""Names meet across alphabets, and only there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.text import normalise, sought_keys
from common.text.spelling.transliteration import KEY, stored_keys

NAMES = {
    "Бондаренко": ["Bondarenko"],
    "Кларк": ["Clark"],
    "Гнатюк": ["Hnatiuk", "Gnatyuk", "Hnatyuk"],
    "Яременко": ["Yaremenko", "Iaremenko", "Jaremenko"],
    "Щербак": ["Shcherbak", "Szczerbak"],
    "Згурський": ["Zghurskyi"],
    "Ковальський": ["Kowalski", "Kovalskyi", "Kovalsky"],
    "Ковальчук": ["Kovalchuk", "Kowalczuk"],
    "Юрій": ["Yurii", "Yuriy", "Iurii", "Jurij"],
    "Юлія": ["Yuliia", "Julia", "Yulia"],
    "Євген": ["Yevhen", "Evgen", "Ievgen"],
    "Анастасія": ["Anastasiia", "Anastasia", "Anastasiya"],
    "Харченко": ["Kharchenko", "Harchenko"],
    "Цимбал": ["Tsymbal", "Cymbal"],
    "Жук": ["Zhuk", "Żuk"],
    "Міхал": ["Michał", "Mikhal"],
    "Шмідт": ["Schmidt", "Shmidt"],
    "Сміт": ["Smith"],
    "Гжегож": ["Grzegorz"],
    "Дем'янчук": ["Demianchuk", "Dem’yanchuk"],
    "Войтович": ["Wojtowicz", "Voitovych"],
}
PAIRS = [(normalise(name), normalise(other)) for name, others in NAMES.items() for other in others]


# As Poles write names that others write by letters.
POLISH = [
    ("Левицька", "Lewicka"),
    ("Левицька", "Lewycka"),
    ("Новицький", "Nowicki"),
    ("Дембіцький", "Dębicki"),
    ("Домбровський", "Dąbrowski"),
    ("Зємба", "Zięba"),
]


def meet(shown: str, typed: str) -> bool:
    return not set(stored_keys(shown)).isdisjoint(sought_keys(typed))


@pytest.mark.parametrize(("cyrillic", "latin"), PAIRS)
def test_a_name_is_found_by_its_writing_in_the_other_alphabet(cyrillic: str, latin: str) -> None:
    assert meet(cyrillic, latin) and meet(latin, cyrillic)


@pytest.mark.parametrize(("cyrillic", "latin"), POLISH)
def test_a_polish_name_is_found_by_its_sound(cyrillic: str, latin: str) -> None:
    one, other = normalise(cyrillic), normalise(latin)
    assert meet(one, other) and meet(other, one)


def test_a_polish_vowel_is_found_by_its_sound_where_it_is_typed() -> None:
    """Shown it is not: Врубель finds no Wróbel, whose key has the letter's other sound."""
    assert meet("вуйцік", "wójcik") and not meet("wróbel", "врубель")


@pytest.mark.parametrize("name", [*NAMES, *NAMES["Гнатюк"]])
def test_within_one_alphabet_names_are_not_compared_by_keys(name: str) -> None:
    assert not meet(name.lower(), name.lower())


def test_different_names_stay_apart() -> None:
    for cyrillic in NAMES:
        for other, latin in PAIRS:
            assert meet(normalise(cyrillic), latin) == (normalise(cyrillic) == other)


@pytest.mark.parametrize("text", ["", "a", "ян", "2026", "c++", "ab", "-"])
def test_what_is_too_short_or_no_name_has_no_key(text: str) -> None:
    assert stored_keys(text) == sought_keys(text) == ()


@given(st.text())
def test_any_text_has_few_keys_that_no_word_can_be_taken_for(text: str) -> None:
    keys = (*stored_keys(text), *sought_keys(text))
    assert len(keys) <= 6
    assert all(key.startswith(KEY) for key in keys)
