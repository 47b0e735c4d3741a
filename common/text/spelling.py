"""Near spellings: keys under which two words one or two letters apart meet, and how far apart they are."""

import itertools
from collections.abc import Mapping
from functools import lru_cache

from rapidfuzz.distance import OSA

# A word of three letters has too many neighbours to guess among; one of eight leaves room for two slips.
_ONE_SLIP, _TWO_SLIPS = 4, 8
# Deletions further on would multiply the keys and find no other words: the distance is checked afterwards.
_PREFIX = 10


def slips(word: str) -> int:
    """How many letters may be wrong in a word of this length."""
    return (len(word) >= _ONE_SLIP) + (len(word) >= _TWO_SLIPS)


@lru_cache(maxsize=4096)
def deletions(word: str) -> tuple[str, ...]:
    """The beginning of the word with up to `slips(word)` letters left out, in every way.

    Two words no further apart than that have one of these in common: an index of them finds all
    candidates.
    """
    beginning = word[:_PREFIX]
    kept = (
        "".join(letters)
        for left_out in range(slips(word) + 1)
        for letters in itertools.combinations(beginning, max(len(beginning) - left_out, 0))
    )
    return tuple(dict.fromkeys(kept))


def distance(one: str, other: str) -> int:
    """Letters added, left out, replaced or swapped with their neighbour."""
    return OSA.distance(one, other)


def closest(word: str, known: Mapping[str, int]) -> str | None:
    """The nearest of the known words within reach; among equals the most frequent one."""
    reach = slips(word)
    near = [(distance(word, other), -count, other) for other, count in known.items()]
    return min((found for found in near if found[0] <= reach), default=(0, 0, None))[2]
