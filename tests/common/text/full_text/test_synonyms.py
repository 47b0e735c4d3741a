import json

import pytest

from common.text import lexemes, synonyms
from common.text.full_text.synonyms import GROUPS

SAME = [
    ("зно", "нмт"),
    ("math", "maths"),
    ("maths", "mathematics"),
    ("mathematics", "математика"),
    ("англійську", "english"),
    ("english", "angielskiego"),
    ("репетитора", "вчителем"),
    ("репетиторка", "репетитор"),
    ("вчителька", "tutor"),
    ("korepetytorki", "викладачка"),
    ("програмування", "programming"),
    ("уроки", "lessons"),
]


def replaces(word: str, other: str) -> bool:
    own = set(lexemes(other))
    return not own.isdisjoint(lexemes(word)) or any(
        len(name) == 1 and not own.isdisjoint(name[0]) for name in synonyms(word)
    )


@pytest.mark.parametrize(("one", "other"), SAME)
def test_one_word_stands_for_the_other_in_any_form(one: str, other: str) -> None:
    assert replaces(one, other) and replaces(other, one)


@pytest.mark.parametrize("word", ["шевченко", "київ", "it", "для", "c++", "мова"])
def test_most_words_have_none(word: str) -> None:
    assert synonyms(word) == ()


def test_different_subjects_are_not_the_same() -> None:
    assert not replaces("математика", "фізика")
    assert not replaces("english", "german")


def test_a_name_of_several_words_is_one_in_a_row() -> None:
    assert [len(name) for name in synonyms("informatyka") if len(name) > 1] == [2]


def test_every_group_joins_at_least_two_names() -> None:
    for group in json.loads(GROUPS.read_text("utf-8")):
        assert set(group) <= {"uk", "en", "pl"}
        assert sum(map(len, group.values())) >= 2
