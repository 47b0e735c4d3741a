"""Text analysis: tokens, stems, synonyms, spelling and tsquery text in Ukrainian, English and Polish.

Pure functions over strings: no SQL is run here, and nothing here knows what a tutor is.

A lexeme is one of: a folded word (`lodz`); a stem after one of `~ ^ %`; a filter's `name:value`.
These three sets are disjoint, so a stem is never mistaken for a word.
"""

from common.text.full_text.query import Phrase, Query, Word, parse_query
from common.text.full_text.synonyms import synonyms
from common.text.full_text.tsquery import (
    QueryClauses,
    excluded_clause,
    filter_lexeme,
    query_clauses,
    quote,
    required_clause,
    to_tsquery_text,
)
from common.text.full_text.tsvector import Part, TsvectorBuilder, part_text
from common.text.labels import one_spelling
from common.text.lexemes import LEXICON_VERSION, document_terms, lexemes, query_terms
from common.text.spelling.correction import closest, deletions, distance, is_near_form, max_edits
from common.text.spelling.keyboard_layout import other_layout
from common.text.spelling.transliteration import sought_keys
from common.text.stemming.ukrainian import load_dictionary
from common.text.tokens import fold, look, normalise, tokens

__all__ = [
    "QueryClauses",
    "LEXICON_VERSION",
    "Part",
    "Phrase",
    "Query",
    "TsvectorBuilder",
    "Word",
    "query_clauses",
    "closest",
    "deletions",
    "distance",
    "document_terms",
    "excluded_clause",
    "filter_lexeme",
    "fold",
    "is_near_form",
    "lexemes",
    "load_dictionary",
    "normalise",
    "one_spelling",
    "other_layout",
    "parse_query",
    "part_text",
    "query_terms",
    "quote",
    "required_clause",
    "look",
    "max_edits",
    "sought_keys",
    "synonyms",
    "to_tsquery_text",
    "tokens",
]
