"""What a search box may offer for what has been typed so far, out of public rows alone.

Subjects that somebody shows to teach, tutors by their names, and words that go on with what has
been typed in headlines and subjects of the best tutors: never what other visitors asked.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import orjson

from common.database.session import read_rows
from common.http.conditional import ETAG_CHARACTERS
from common.text import asked, fold, normalise, parse_query, quote, tokens
from marketplace.listing.text_search import first_statement
from profiles.public.search_document import NAME, TOPICS
from profiles.subjects import SUBJECTS, spelling

KINDS = ("subject", "tutor", "query")
MOST_SUGGESTIONS = 8
# Of each kind that has so many, the first come before the rest of any.
FIRST_OF_EACH = 3
# Whose headlines and subjects are looked through for words to go on with.
LOOKED_THROUGH = 40

_TAUGHT = """
    select code from public_subjects subject where code = any(%(codes)s)
    and exists (select from public_tutor_subjects where subject_id = subject.id)"""

Suggestion = dict[str, Any]


def suggest(typed: str) -> list[Suggestion]:
    """At most MOST_SUGGESTIONS, some of each kind where there are any."""
    kinds = [list(found(typed)) for found in (_subjects, _tutors, _queries)]
    first = [each for kind in kinds for each in kind[:FIRST_OF_EACH]]
    rest = [each for kind in kinds for each in kind[FIRST_OF_EACH:]]
    kept = (first + rest)[:MOST_SUGGESTIONS]
    # As many of each kind as there is room for, kind by kind.
    return [each for kind in kinds for each in kind if each in kept]


def _subjects(typed: str) -> Iterator[Suggestion]:
    """Subjects of which a name in any language, or a word of it, begins so."""
    begins = spelling(typed)
    if not begins:
        return
    names: dict[str, str] = {}
    for is_start in (str.startswith, _has_word_that_starts):
        for subject in SUBJECTS.values():
            for name in (*subject.names.values(), *subject.aliases):
                if is_start(spelling(name), begins):
                    names.setdefault(subject.code, name)
                    break
    taught = {code for (code,) in read_rows(_TAUGHT, {"codes": list(names)})} if names else set()
    found = [each for each in names.items() if each[0] in taught]
    for code, name in found[:MOST_SUGGESTIONS]:
        yield {"type": "subject", "text": name, "code": code}


def _has_word_that_starts(name: str, begins: str) -> bool:
    return f" {begins}" in name


def _tutors(typed: str) -> Iterator[Suggestion]:
    """Tutors by the beginnings of their names, the best profiles first."""
    words = [word.text for word in parse_query(typed).words]
    if not words:
        return
    clauses = [quote(NAME + fold(part)) + ":*" for word in words for part in word.split("-")]
    for card in _cards(" & ".join(clauses), MOST_SUGGESTIONS):
        yield {"type": "tutor", "text": card["full_name"], "id": card["id"]}


def _queries(typed: str) -> Iterator[Suggestion]:
    """What has been typed with its last word finished, the commonest endings first."""
    query = parse_query(typed)
    clauses = asked(query, TOPICS).wanted
    said, begun = _last_word(normalise(typed))
    if not clauses or not begun:
        return
    counts: Counter[str] = Counter()
    for card in _cards(" & ".join(clauses), LOOKED_THROUGH):
        shown = " ".join([card["headline"] or "", *card["subjects"]])
        words = {word for word in tokens(shown) if fold(word).startswith(fold(begun))}
        counts.update(word for word in words if fold(word) != fold(begun))
    for word, _ in sorted(counts.items(), key=lambda each: (-each[1], each[0]))[:MOST_SUGGESTIONS]:
        yield {"type": "query", "text": said + word}


def _last_word(text: str) -> tuple[str, str]:
    """What stands before the last word, and the word if it may be unfinished."""
    words = text.split()
    if not words or text[-1].isspace() or tokens(words[-1])[-1:] != [words[-1]]:
        return "", ""
    return "".join(f"{word} " for word in words[:-1]), words[-1]


def _cards(query: str, most: int) -> list[dict[str, Any]]:
    """The cards of the best tutors that a tsquery finds."""
    rows = read_rows(*first_statement(query, most))
    return [orjson.loads(card[ETAG_CHARACTERS:]) for card, *_ in rows]
