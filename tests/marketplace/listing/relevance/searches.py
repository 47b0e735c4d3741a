"""Asks the judged queries of a service that lists a corpus, and nobody else."""

from collections.abc import Iterator

from flask.testing import FlaskClient

from common.database.session import db
from profiles.public.row import public_row
from profiles.public.search.vocabulary import add_words
from tests.marketplace.generated_tutors import TutorValues, delete_public, store_tutors
from tests.marketplace.list_requests import get_ids
from tests.marketplace.listing.relevance.judgements import Corpus
from tests.marketplace.listing.relevance.measures import Result
from tests.marketplace.listing.test_relevance import BLANK

# What a profile's score is must not matter: in each run another third of the tutors have the better ones.
RUNS = 3
# More than a corpus has.
_IDS_OF_A_RUN = 1_000
_RATED = {"rating": 5, "reviews_count": 90}


def worst_results(client: FlaskClient, corpora: list[Corpus]) -> list[tuple[Corpus, list[Result]]]:
    """Of each query the worst of its runs' results."""
    runs = [
        (corpus, run, _IDS_OF_A_RUN * (RUNS * number + run) + 1)
        for number, corpus in enumerate(corpora)
        for run in range(RUNS)
    ]
    found = [list(_results(client, *each)) for each in runs]
    return [
        (
            corpus,
            [min(same, key=_badness) for same in zip(*found[start : start + RUNS], strict=True)],
        )
        for corpus, start in zip(corpora, range(0, len(found), RUNS), strict=True)
    ]


def _badness(result: Result) -> tuple[float, int]:
    """Lower is worse."""
    ndcg = result.ndcg
    return (1 if ndcg is None else ndcg, -len(result.wrong))


def _results(client: FlaskClient, corpus: Corpus, run: int, first_id: int) -> Iterator[Result]:
    names = dict(enumerate(corpus.tutors, start=first_id))
    tutors = [
        BLANK
        | {"id": number, "email": f"{number}@example.org"}
        | (_RATED if number % RUNS == run else {})
        | corpus.tutors[name]
        for number, name in names.items()
    ]
    store_tutors(tutors)
    _store_vocabulary(tutors)
    for query in corpus.queries:
        found = get_ids(client, search=query.text, page_size=100)
        yield Result(query, tuple(names[number] for number in found))
    delete_public(names)


def _store_vocabulary(tutors: list[TutorValues]) -> None:
    """What typos are corrected by."""
    rows = [row for values in tutors if (row := public_row(values))]
    add_words(db.session.connection(), sorted({word for row in rows for word in row.words}))
    db.session.commit()
