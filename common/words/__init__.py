"""Text to words, stems and lemmas in Ukrainian, English and Polish, for what is stored and what is asked.

A lexeme is one of: a word as typed, folded (`lodz`); a stem behind one of `~ ^ %`; a filter's `name:value`.
None of them can be mistaken for another.
"""

from common.words.forms import LEXICON_VERSION, document_terms, lexemes, query_terms
from common.words.layout import other_layout
from common.words.query import Phrase, Query, Word, parse_query
from common.words.spelling import closest, deletions, distance, slips
from common.words.synonyms import synonyms
from common.words.tokens import fold, normalise, tokens
from common.words.tsearch import (
    Asked,
    TsvectorBuilder,
    asked,
    filter_lexeme,
    quote,
    to_tsquery_text,
)
from common.words.ukrainian import load_dictionary

__all__ = [
    "Asked",
    "LEXICON_VERSION",
    "Phrase",
    "Query",
    "TsvectorBuilder",
    "Word",
    "asked",
    "closest",
    "deletions",
    "distance",
    "document_terms",
    "filter_lexeme",
    "fold",
    "lexemes",
    "load_dictionary",
    "normalise",
    "other_layout",
    "parse_query",
    "query_terms",
    "quote",
    "slips",
    "synonyms",
    "to_tsquery_text",
    "tokens",
]
