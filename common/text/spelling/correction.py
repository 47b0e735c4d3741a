"""Spelling correction: deletion keys that near words share (as in SymSpell), and distances between words."""

import itertools
from collections.abc import Mapping
from functools import lru_cache

from rapidfuzz.distance import OSA

from common.text.stemming import polish, ukrainian
from common.text.tokens import is_cyrillic

# Lengths from which one edit, and two, are tolerated: shorter words have too many neighbours.
_ONE_EDIT_FROM, _TWO_EDITS_FROM = 4, 8
# Deletions further on would multiply the keys and find no other words: the distance is checked afterwards.
_PREFIX = 7


def max_edits(word: str) -> int:
    """How many edits (0 to 2) are tolerated in a word of this length."""
    return (len(word) >= _ONE_EDIT_FROM) + (len(word) >= _TWO_EDITS_FROM)


@lru_cache(maxsize=4096)
def deletions(word: str) -> tuple[str, ...]:
    """The first seven letters with up to `max_edits(word)` letters left out, in every way.

    Two words no further apart than that have one of these in common: an index of them finds all
    candidates.
    """
    prefix = word[:_PREFIX]
    keys = (
        "".join(letters)
        for left_out in range(max_edits(word) + 1)
        for letters in itertools.combinations(prefix, max(len(prefix) - left_out, 0))
    )
    return tuple(dict.fromkeys(keys))


def distance(one: str, other: str) -> int:
    """Optimal string alignment distance: insertions, deletions, substitutions, swaps of neighbours."""
    return OSA.distance(one, other)


def is_near_form(word: str, other: str) -> bool:
    """Whether a folded word may be a misspelt form of another one that ends differently: пидручник,
    підручників. The other ending counts as one edit."""
    bare, stem = _stem(word), _stem(other)
    return distance(bare, stem) <= min(max_edits(word) - 1, max_edits(bare))


def _stem(word: str) -> str:
    return ukrainian.stem(word) if is_cyrillic(word) else polish.stem(word)


def closest(word: str, known: Mapping[str, int]) -> str | None:
    """The nearest of the known words within `max_edits`; among equals the most frequent one."""
    most = max_edits(word)
    near = [(distance(word, other), -count, other) for other, count in known.items()]
    return min((found for found in near if found[0] <= most), default=(0, 0, None))[2]
