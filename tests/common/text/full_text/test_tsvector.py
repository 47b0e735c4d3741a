"""Documents: in parts as whole, and with many texts at once as with one by one."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg2.extensions import cursor as Cursor

from common.text import TsvectorBuilder, part_text
from common.text.full_text.tsvector import MAX_LEXEME_BYTES, MAX_POSITION

TEXTS = st.lists(st.text(alphabet="абвї'’-. c+#%1łżę\u0301\u00adАТ") | st.text(), max_size=6)
WEIGHTS = st.sampled_from(["", "A", "C"])


# The first example waits for the dictionary.
@settings(deadline=None)
@given(texts=TEXTS, weight=WEIGHTS, lexemes=st.lists(st.sampled_from(["l:uk", "s:it"])))
def test_the_parts_of_a_document_joined_are_the_document(
    postgres: Cursor, texts: list[str], weight: str, lexemes: list[str]
) -> None:
    document = TsvectorBuilder()
    for text in texts:
        document.add(text, "@$").add(text, weight=weight)
    for lexeme in lexemes:
        document.add_lexeme(lexeme)
    parts = [*map(part_text, document.parts()), document.lexemes()]
    joined = " || ".join(["%s::tsvector"] * len(parts))
    postgres.execute(f"select ({joined})::text, %s::tsvector::text", [*parts, document.text()])
    [(one, other)] = postgres.fetchall()
    assert one == other


def parts_of(*texts: tuple[str, str]) -> list[str]:
    """The parts of a document of texts, each given with its marks."""
    document = TsvectorBuilder()
    for text, marks in texts:
        document.add(text, marks)
    return list(map(part_text, document.parts()))


def test_what_many_documents_say_is_the_same_part_of_each() -> None:
    said = "Перше заняття безкоштовне. Пишіть"
    one = parts_of(("Олена", "@"), ("Алгебра", "#"), ("Історія", "#"), (f"Учителька. {said}", ""))
    other = parts_of(("Іван Франко", "@"), ("Алгебра", "#"), ("Історія", "#"), (f"Я. {said}", ""))
    # The name, the topics, the first sentence, and the two that follow it.
    assert len(one) == len(other) == 4
    assert [each in other for each in one] == [False, True, False, True]


def test_the_same_words_after_another_gap_are_another_part() -> None:
    one = parts_of(("Олена", ""), ("…", "#"), ("Алгебра", ""), ("Історія", ""))
    other = parts_of(("Олена", ""), ("Алгебра", ""), ("Історія", ""))
    assert one[0] == other[0]
    assert one[1] != other[1]


@settings(deadline=None)
@given(texts=TEXTS, weight=WEIGHTS)
def test_texts_added_at_once_are_texts_added_one_by_one(texts: list[str], weight: str) -> None:
    at_once = TsvectorBuilder().add("Олена").add_all(tuple(texts), "#", weight).add("алгебра")
    one_by_one = TsvectorBuilder().add("Олена")
    for text in texts:
        one_by_one.add(text, "#", weight=weight)
    one_by_one.add("алгебра")
    assert at_once.text() == one_by_one.text()
    assert at_once.words == one_by_one.words


def test_of_texts_added_at_once_those_are_in_the_document_that_fit() -> None:
    document = TsvectorBuilder()
    for _ in range(3):
        document.add("слово " * 5_000)
    # With the gap before it, each takes 21 positions.
    document.add_all(("алгебра " * 20,) * 100)
    fitting = (MAX_POSITION - 3 * 5_001) // 21
    assert 0 < fitting < 100
    assert document.text().count("'алгебра'") == 20 * fitting


def test_a_document_without_words_has_no_parts() -> None:
    assert list(TsvectorBuilder().add("…").add_all(("!", "?")).parts()) == []


@pytest.mark.parametrize("room", range(0, 80, 3))
def test_lexemes_added_together_are_those_added_one_by_one(room, monkeypatch):
    lexemes = ("l:uk", "s:math", "long:" + "a" * MAX_LEXEME_BYTES, "e:1", "it's", "back\\slash")
    monkeypatch.setattr("common.text.full_text.tsvector.MAX_BYTES", room)
    together, singly = TsvectorBuilder().add_lexemes(lexemes), TsvectorBuilder()
    for lexeme in lexemes:
        singly.add_lexeme(lexeme)
    assert together.lexemes() == singly.lexemes()
    assert together.add_lexemes(()) == singly
