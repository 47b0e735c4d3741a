"""Words and filters as one tsquery over the search rows, so that one index decides both.

The rows are in tiers of the default order. A union of selects is read lazily, from its first
select on, so a page ends in the first tier that fills it, and a count ends at its cap: a common
word costs no more among many tutors than among few, and a rare one costs its matches.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from common.text import Phrase, Query, Word, excluded_clause, quote, required_clause
from marketplace.listing.query import Filters, TutorQuery
from marketplace.listing.statements import Statement, Values
from marketplace.listing.statements.filters import experience_condition, price_condition
from profiles.public.search.filter_lexemes import (
    certifications_lexeme,
    experience_lexeme,
    language_lexeme,
    price_lexemes,
    subject_lexeme,
)
from profiles.public.search.models import TIERS, TITLE, TOPICS

# Every tutor has one of these: what is searched where a query only excludes.
ANYBODY = f"({quote(certifications_lexeme(True))} | {quote(certifications_lexeme(False))})"


# Where the words of a search may stand, best first, and what that means.
PLACES: dict[str, str] = {
    "title": "all words in name and headline",
    "topics": "all words in name, headline and subjects",
    "topics_and_bio": "some words there, the others in the bio",
    "bio": "all words in the bio",
}
# Of who is found in a place by a synonym or a translation of some word only.
BY_SYNONYM = "_by_synonym"
CLASS_NAMES = tuple(place + suffix for place in PLACES for suffix in ("", BY_SYNONYM))


# Clauses of a tsquery: of each row of alternatives one has to hold. Without any, everybody passes.
Requirement = tuple[tuple[str, ...], ...]


def as_tsquery(requirement: Requirement) -> str:
    clauses = (
        alternatives[0] if len(alternatives) == 1 else f"({' | '.join(alternatives)})"
        for alternatives in requirement
    )
    return " & ".join(clauses) or ANYBODY


class RelevanceClass(NamedTuple):
    """Who meets `requirement` and none of `excluded`: those whom better classes have.

    `name` is one of CLASS_NAMES, or None where nothing is sought that could stand anywhere.
    """

    name: str | None
    requirement: Requirement
    excluded: tuple[Requirement, ...] = ()

    @property
    def tsquery(self) -> str:
        """The requirement's."""
        return as_tsquery(self.requirement)


@lru_cache(256)
def relevance_classes(words: Query) -> tuple[RelevanceClass, ...]:
    """Where the words may stand, best first. In each place the words themselves, in any form, come before
    synonyms and translations of some of them."""
    return tuple(_relevance_classes(words))


def _relevance_classes(words: Query) -> Iterator[RelevanceClass]:
    own, places = _places(words, with_synonyms=False), _places(words, with_synonyms=True)
    better: tuple[Requirement, ...] = ()
    for (place, any_words), own_words in zip(places.items(), own.values(), strict=True):
        name = place
        if own_words != any_words:
            yield RelevanceClass(place, own_words, better)
            better = (*better, own_words)
            name = f"{place}{BY_SYNONYM}"
        yield RelevanceClass(name or None, any_words, better)
        better = (any_words,)


def _places(words: Query, with_synonyms: bool) -> dict[str, Requirement]:
    """What the places require by name, best first; each includes those before it.

    Where nothing is sought, the only one is everywhere and has no name ("").
    """
    parts = (*words.words, *words.phrases)
    if not parts:
        return {"": ()}
    anywhere, titled, topical = zip(
        *(_clauses_of_part(part, with_synonyms) for part in parts), strict=True
    )
    partly = (*_all_of(anywhere), topical)
    places = (_all_of(titled), _all_of(topical), partly, _all_of(anywhere))
    named = dict(zip(PLACES, places, strict=True))
    if len(anywhere) == 1:
        del named["topics_and_bio"]
    return named


@lru_cache(4_096)
def _clauses_of_part(part: Word | Phrase, with_synonyms: bool) -> tuple[str, str, str]:
    """What one word or phrase asks: to stand anywhere, in the title, in the topics.

    Questions seldom repeat, and their words do.
    """
    anywhere, titled, topical = (
        required_clause(part, mark, with_synonyms) for mark in ("", TITLE, TOPICS)
    )
    return anywhere, titled, topical


def all_clauses(words: Query) -> frozenset[str]:
    """All that the classes of the relevance and exclusions ask of a tutor's words."""
    parts = (*words.words, *words.phrases)
    clauses = frozenset().union(*map(_all_clauses_of_part, parts))
    excluded = excluded_clause(words)
    return clauses if excluded is None else clauses | {excluded}


@lru_cache(4_096)
def _all_clauses_of_part(part: Word | Phrase) -> frozenset[str]:
    return frozenset((*_clauses_of_part(part, True), *_clauses_of_part(part, False)))


def _all_of(clauses: Iterable[str]) -> Requirement:
    return tuple((clause,) for clause in clauses)


def everywhere(words: Query) -> Requirement:
    """What everybody meets who is found at all, but for exclusions and filters."""
    return _all_of(_clauses_of_part(part, True)[0] for part in (*words.words, *words.phrases))


def exclusions_and_filters(words: Query, filters: Filters) -> str:
    """What else has to hold, whatever the class: exclusions and filters."""
    unwanted = excluded_clause(words)
    clauses = [f"!({unwanted})"] if unwanted else []
    return "".join(f" & {clause}" for clause in (*clauses, *filter_clauses(filters)))


def filter_clauses(filters: Filters) -> Iterator[str]:
    """The filters as clauses of a tsquery, any lexeme of each."""
    for lexemes in _filter_lexemes(filters):
        yield "(" + " | ".join(map(quote, lexemes)) + ")"


def _filter_lexemes(filters: Filters) -> Iterator[Iterable[str]]:
    if filters.subject:
        yield map(subject_lexeme, filters.subject)
    if filters.language:
        yield map(language_lexeme, filters.language)
    if filters.has_certifications is not None:
        yield [certifications_lexeme(filters.has_certifications)]
    if filters.experience_min is not None:
        yield [experience_lexeme(filters.experience_min)]
    if filters.price_min is not None or filters.price_max is not None:
        yield price_lexemes(filters.price_min, filters.price_max)


def exact_conditions(filters: Filters) -> tuple[list[str], Values]:
    """Price and experience are in the index in steps; the columns then decide exactly. Where few
    pass all filters, they are named, and nobody else is looked into."""
    conditions: list[str] = []
    values: Values = {}
    for condition in (price_condition, experience_condition):
        text, bound = condition(filters, "")
        if text:
            conditions.append(text)
            values |= bound
    if filters.tutor_ids is not None:
        conditions.append("tutor_id = any(%(tutor_ids)s::int[])")
        values["tutor_ids"] = list(filters.tutor_ids)
    return conditions, values


def match_condition(query: TutorQuery) -> tuple[str, Values]:
    """The condition of a search row that is found at all."""
    conditions, values = exact_conditions(query.filters)
    values["found"] = match_tsquery(query.words, query.filters)
    return " and ".join(["words @@ %(found)s::tsquery", *conditions]), values


def match_tsquery(words: Query, filters: Filters) -> str:
    return f"{as_tsquery(everywhere(words))}{exclusions_and_filters(words, filters)}"


def capped_matches(query: TutorQuery) -> Statement:
    """All that are found, up to a cap: tier, tutor_id and score of each."""
    condition, values = match_condition(query)
    return _capped(condition), values


# A condition binds its values, so that there are few different ones.
@lru_cache(256)
def _capped(condition: str) -> str:
    tiers = " union all ".join(
        f"select {tier} as tier, tutor_id, score from public_search_{tier} where {condition}"
        for tier in TIERS
    )
    return f"(select * from ({tiers}) found limit %(cap)s)"
