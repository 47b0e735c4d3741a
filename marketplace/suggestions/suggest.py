"""Suggestions for an unfinished query, made of public rows alone.

Subjects that some listed tutor shows, tutors by their names, and completions of the last word from
headlines and subjects of the best tutors. Queries of other visitors are never suggested.
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import orjson

from common.http.conditional import ETAG_CHARACTERS
from common.text import (
    fold,
    normalise,
    parse_query,
    query_clauses,
    quote,
    sought_keys,
    tokens,
)
from marketplace.listing.statements.best_matches import best_matches_statement
from profiles.public.replica_reads import read_public_rows
from profiles.public.search.models import NAME, TOPICS
from profiles.subjects import SUBJECTS, spelling

KINDS = ("subject", "tutor", "query")
MOST_SUGGESTIONS = 8
# So many of each kind come before the rest of any kind.
FIRST_OF_EACH = 3
# Tutors whose headlines and subjects are searched for completions.
COMPLETION_TUTORS = 40

_TAUGHT = """
    select code from public_subjects subject where code = any(%(codes)s)
    and exists (select from public_tutor_subjects where subject_id = subject.id)"""

# c+ is the beginning of c++.
_UNFINISHED_SIGN = re.compile(r"(?<!\w)[^\W\d_]\+\Z")

Suggestion = dict[str, Any]


def suggest(typed: str) -> list[Suggestion]:
    """At most MOST_SUGGESTIONS, with some of each kind where it has any."""
    kinds = [list(found(typed)) for found in (_subjects, _tutors, _queries)]
    first = [each for kind in kinds for each in kind[:FIRST_OF_EACH]]
    rest = [each for kind in kinds for each in kind[FIRST_OF_EACH:]]
    chosen = (first + rest)[:MOST_SUGGESTIONS]
    # Grouped by kind.
    return [each for kind in kinds for each in kind if each in chosen]


def _readings(typed: str) -> list[str]:
    """What was typed, and what the same keys type in the other keyboard layout, where that is likelier."""
    words = parse_query(typed).words
    if not any(word.layout_variant for word in words):
        return [typed]
    return [typed, " ".join(word.layout_variant or word.text for word in words)]


def _subjects(typed: str) -> Iterator[Suggestion]:
    """Subjects with a name, in any language, or a word of one that begins like this."""
    prefixes = [prefix for reading in _readings(typed) if (prefix := _spelling(reading))]
    names: dict[str, str] = {}
    for prefix in prefixes:
        for is_start in (str.startswith, _has_word_that_starts):
            for subject in SUBJECTS.values():
                for name in (*subject.names.values(), *subject.aliases):
                    if is_start(spelling(name), prefix):
                        names.setdefault(subject.code, name)
                        break
    taught = (
        {code for (code,) in read_public_rows(_TAUGHT, {"codes": list(names)})} if names else set()
    )
    found = [each for each in names.items() if each[0] in taught]
    for code, name in found[:MOST_SUGGESTIONS]:
        yield {"type": "subject", "text": name, "code": code}


def _spelling(typed: str) -> str:
    """The comparison key of what was typed, with the sign that may be the first of two: c+ begins c++."""
    spelled = spelling(typed)
    return f"{spelled}+" if _UNFINISHED_SIGN.search(typed) else spelled


def _has_word_that_starts(name: str, prefix: str) -> bool:
    return f" {prefix}" in name


def _tutors(typed: str) -> Iterator[Suggestion]:
    """Tutors by the beginnings of their names, in either alphabet, the best profiles first."""
    clauses = [
        _any_name(part, word.layout_variant)
        for word in parse_query(typed).words
        for part in word.parts
    ]
    if clauses:
        for card in _cards(" & ".join(clauses), MOST_SUGGESTIONS):
            yield {"type": "tutor", "text": card["full_name"], "id": card["id"]}


def _any_name(part: str, layout_variant: str | None) -> str:
    """A tsquery of the names that begin like this part of a word, or like the word in the other layout."""
    lexemes = [fold(part), *sought_keys(part)] + ([fold(layout_variant)] if layout_variant else [])
    return "(" + " | ".join(quote(NAME + lexeme) + ":*" for lexeme in lexemes) + ")"


def _queries(typed: str) -> Iterator[Suggestion]:
    """The query with its last word completed, the commonest completions first."""
    query = parse_query(typed)
    clauses = query_clauses(query, TOPICS).required
    before, unfinished = _last_word(typed)
    if not clauses or not unfinished:
        return
    prefixes = tuple(map(fold, (unfinished, query.words[-1].layout_variant or unfinished)))
    counts: Counter[str] = Counter()
    for card in _cards(" & ".join(clauses), COMPLETION_TUTORS):
        shown = " ".join([card["headline"] or "", *card["subjects"]])
        words = {word for word in tokens(shown) if fold(word).startswith(prefixes)}
        counts.update(word for word in words if fold(word) not in prefixes)
    for word, _ in sorted(counts.items(), key=lambda each: (-each[1], each[0]))[:MOST_SUGGESTIONS]:
        yield {"type": "query", "text": before + word}


def _last_word(typed: str) -> tuple[str, str]:
    """The text before the last word, and that word if it may be unfinished."""
    text = normalise(typed)
    words, sought = text.split(), parse_query(typed).words
    if not words or text[-1].isspace() or not sought:
        return "", ""
    before, last = "".join(f"{word} " for word in words[:-1]), tokens(words[-1])
    if len(last) != 1:
        # Punctuation may be letters of the other keyboard layout.
        return before, sought[-1].layout_variant or ""
    return before, last[0] + ("+" if _UNFINISHED_SIGN.search(text) else "")


def _cards(query: str, most: int) -> list[dict[str, Any]]:
    """The cards of the best tutors that a tsquery finds."""
    rows = read_public_rows(*best_matches_statement(query, most))
    return [orjson.loads(card[ETAG_CHARACTERS:]) for card, *_ in rows]
