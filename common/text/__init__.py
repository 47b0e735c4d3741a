"""Text to words, stems and lemmas in Ukrainian, English and Polish, for what is stored and what is asked.

A lexeme is one of: a word as typed, folded (`lodz`); a stem behind one of `~ ^ %`; a filter's `name:value`.
None of them can be mistaken for another.
"""

from common.text.keyboard_layout import other_layout
from common.text.lexemes import LEXICON_VERSION, document_terms, lexemes, query_terms
from common.text.query import Phrase, Query, Word, parse_query
from common.text.spelling import closest, deletions, distance, slips
from common.text.synonyms import synonyms
from common.text.tokens import fold, normalise, tokens
from common.text.tsquery import (
    Asked,
    TsvectorBuilder,
    asked,
    filter_lexeme,
    quote,
    to_tsquery_text,
)
from common.text.ukrainian import load_dictionary

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
