"""Filters as lexemes inside the search document, so that one index decides words and filters.

The lexemes a card stores and those a query looks for are made here. Price and experience are
stored in steps: a query finds candidates by step and compares the exact value afterwards.
"""

from collections.abc import Iterator
from functools import lru_cache
from itertools import chain

from common.text import filter_lexeme
from profiles.models import HIGHEST_RATE
from profiles.public.privacy import Card

EXPERIENCE_STEPS = (0, 1, 2, 3, 5, 7, 10, 15, 20, 25, 30, 40, 50, 60, 70)


def subject_lexeme(code: str) -> str:
    return filter_lexeme("s", code)


def language_lexeme(code: str) -> str:
    return filter_lexeme("l", code)


def certifications_lexeme(has_certifications: bool) -> str:
    return filter_lexeme("c", int(has_certifications))


def experience_lexeme(minimum: int) -> str:
    """The one step every tutor with at least `minimum` years has."""
    return filter_lexeme("e", max(step for step in EXPERIENCE_STEPS if step <= minimum))


def price_lexemes(lowest: int | None, highest: int | None) -> tuple[str, ...]:
    """The steps of which every tutor with a price in the range has exactly one."""
    first = _price_step(min(lowest or 0, HIGHEST_RATE))
    last = _price_step(HIGHEST_RATE if highest is None else min(highest, HIGHEST_RATE))
    return tuple(filter_lexeme("p", step) for step in range(first, last + 1))


def _price_step(rate: int) -> int:
    """Four steps to each doubling of the price, in whole numbers so that all machines agree."""
    above_zero = rate + 1
    doublings = above_zero.bit_length() - 1
    return 4 * doublings + (4 * above_zero >> doublings) - 4


def filter_lexemes(card: Card, subject_codes: tuple[str, ...]) -> Iterator[str]:
    """All the lexemes that filters may find a card by."""
    return chain.from_iterable(filter_lexeme_groups(card, subject_codes))


def filter_lexeme_groups(
    card: Card, subject_codes: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The same in two groups, each of which many cards have."""
    return (
        _topic_lexemes(subject_codes, tuple(card["languages"])),
        _offer_lexemes(bool(card["certifications"]), card["hourly_rate"], card["experience_years"]),
    )


@lru_cache(maxsize=2_048)
def _topic_lexemes(subject_codes: tuple[str, ...], languages: tuple[str, ...]) -> tuple[str, ...]:
    return (*map(subject_lexeme, subject_codes), *map(language_lexeme, languages))


@lru_cache(maxsize=2_048)
def _offer_lexemes(
    has_certifications: bool, hourly_rate: int | None, experience_years: int | None
) -> tuple[str, ...]:
    lexemes = [certifications_lexeme(has_certifications)]
    if hourly_rate is not None:
        lexemes.append(filter_lexeme("p", _price_step(hourly_rate)))
    if experience_years is not None:
        lexemes += _experience_lexemes(experience_years)
    return tuple(lexemes)


@lru_cache(maxsize=128)
def _experience_lexemes(years: int) -> tuple[str, ...]:
    """The steps up to a tutor's years."""
    return tuple(filter_lexeme("e", step) for step in EXPERIENCE_STEPS if step <= years)
