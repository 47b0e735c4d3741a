"""The judged set is large and varied enough, and says what it means."""

from collections import Counter
from itertools import chain

import pytest

from tests.marketplace.listing.relevance.judgements import Corpus, Grade, read_corpora
from tests.marketplace.listing.test_relevance import BLANK

pytestmark = pytest.mark.quick
CORPORA = read_corpora()
QUERIES = [query for corpus in CORPORA for query in corpus.queries]
KINDS = (
    "subjects",
    "levels and exams",
    "inflected forms",
    "gender forms",
    "typos",
    "other layout",
    "names in the other alphabet",
    "phrases",
    "exclusions",
    "mixed languages",
    "vowel alternations",
    "synonyms",
    "translations",
    "nothing",
)


def test_there_are_enough_different_queries_of_every_language_and_kind() -> None:
    assert len({query.text for query in QUERIES}) >= 400
    languages = Counter(query.language for query in QUERIES)
    assert languages.keys() == {"uk", "en", "pl", "mixed"}
    assert min(languages.values()) >= 10
    kinds = Counter(query.kind for query in QUERIES)
    assert [kind for kind in KINDS if kinds[kind] < 7] == []


def test_enough_queries_have_related_tutors() -> None:
    assert sum(Grade.RELATED in query.grades.values() for query in QUERIES) >= 40


@pytest.mark.parametrize("corpus", CORPORA, ids=lambda corpus: corpus.name)
def test_a_corpus_asks_each_query_once_and_judges_tutors_that_it_has(corpus: Corpus) -> None:
    texts = Counter(query.text for query in corpus.queries)
    assert [text for text, count in texts.items() if count > 1] == []
    judged = set(chain.from_iterable(query.grades for query in corpus.queries))
    assert judged <= corpus.tutors.keys()


@pytest.mark.parametrize("corpus", CORPORA, ids=lambda corpus: corpus.name)
def test_every_tutor_is_what_a_person_can_store(corpus: Corpus) -> None:
    for values in corpus.tutors.values():
        assert values.keys() <= BLANK.keys()
