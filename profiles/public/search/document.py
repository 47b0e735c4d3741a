"""The search document of a card: every lexeme that searches and filters may find it by. Pure."""

from common.text import TsvectorBuilder
from profiles.public.privacy import ORIGINS, Card
from profiles.public.search.filter_lexemes import filter_lexeme_groups
from profiles.public.search.models import NAME
from profiles.public.search.vocabulary import vocabulary_of
from profiles.subjects import search_words

# The fields that can be searched, by the weight of their lexemes. The longest is the last: of a lexeme,
# PostgreSQL stores the first 255 positions.
WEIGHTS = {"full_name": "A", "headline": "B", "subjects": "C", "bio": "D"}
# The prefixes of their lexemes.
SEARCHED = {name: ORIGINS[name].marks or "" for name in WEIGHTS}


def search_document(card: Card, codes: tuple[str, ...]) -> tuple[TsvectorBuilder, frozenset[str]]:
    """The words of everything that can be searched, and the filters' lexemes; and the words for the
    vocabulary."""
    document = TsvectorBuilder()
    for name, marks in SEARCHED.items():
        for text in _texts(card[name]):
            document.add(text, marks, NAME in marks, WEIGHTS[name])
        if name == "subjects":
            # The catalogue's names, so that a subject is found in the other languages too.
            for code in codes:
                document.add_all(search_words(code), marks, WEIGHTS[name])
    words, markers = vocabulary_of(document.word_groups)
    for lexemes in filter_lexeme_groups(card, codes):
        document.add_lexemes(lexemes)
    for marker in markers:
        document.add_lexeme(marker)
    return document, words


def _texts(value: str | list[str] | None) -> list[str]:
    if isinstance(value, list):
        return value
    return [value] if value else []
