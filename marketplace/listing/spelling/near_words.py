"""Words of the vocabulary that may be meant by a misspelt one."""

from collections.abc import Sequence

from common.text import deletions
from marketplace.listing.statements import Statement
from profiles.public.search.shared_terms import SHOWN
from profiles.public.search.vocabulary import showing


def near_words_statement(word: str) -> Statement:
    """The words that share a spelling with a folded one; their distance is for the caller to measure."""
    return (
        "select distinct word from public_spellings where spelling = any(%(spellings)s)",
        {"spellings": list(deletions(word))},
    )


def shown_words_statement(words: Sequence[str]) -> Statement:
    """Those of the words that some public row shows."""
    return (
        "select sent.word from unnest(%(words)s::text[], %(queries)s::text[]) as sent (word, text),"
        f" lateral (select sent.text::tsquery as query) term where {SHOWN}",
        {"words": list(words), "queries": list(map(showing, words))},
    )
