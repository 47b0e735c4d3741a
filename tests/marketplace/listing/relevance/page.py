"""docs/search-quality.md: the figures of the judged set, and every mistake."""

from collections.abc import Callable, Iterator, Sequence

from common.config import ROOT
from tests.marketplace.listing.relevance.judgements import Corpus
from tests.marketplace.listing.relevance.measures import GAINS, PLACES, Figures, Result, measure

PAGE = ROOT / "docs" / "search-quality.md"
COMMAND = "make search-quality"
Results = Sequence[tuple[Corpus, Sequence[Result]]]

_INTRODUCTION = """# How well searches find

{queries} queries ({distinct} different ones) as people type them, in Ukrainian, English and Polish, each
judged by a person over a small fixed corpus of tutors: who has the words asked for (own: gain {own}),
who has a synonym or a translation of them ({synonym}), who teaches something near ({related}), and who
is wrong ({wrong}). {with_related} of the queries have related tutors. The judgements are data
(`tests/data/judged/`); [ranking.md](ranking.md) tells the rules of the order.

- **Precision** is the share of who was meant among all found, **recall** the share of who was found
  among all meant. Related tutors count neither for nor against either.
- **nDCG@{places}** compares the gains of the first {places}, discounted by place, with those of the
  ideal order. Related tutors need not be found: the ideal order has those that were, behind all others.
  The *strict* figure has all of them in the ideal order. `tests/marketplace/listing/relevance/measures.py`
  has the formula and its sources.

Every query is asked three times, each time with another third of the tutors better rated; the worst of
the three counts. `{command}` writes this page, and a test compares it with what searches find.
"""
_REASONS = """Of these kinds are most of them:

- The place decides first: who has the word itself in the bio stands behind who has a synonym in the headline.
- The last word may be unfinished: "право" finds "правопис", "спів" finds "співбесіда", "psycholog" finds
  "psychology", each as the word itself.
- A subject and who practises it share a stem: "психологія" and "психолог".
- A subject's other names count as the subject: by "уроки вокалу" singing is found by "урок".
- Words that only look alike share a stem: "дріб" and "дрібна", "theorem" and "theory".
- Programming and informatics are one group of synonyms, though each is only near the other.
- "Polski" is the language and "of Poland": it finds "Historia Polski".
- Synonyms are single words of a query: "speech therapist" is none.
- A typo in a short word is compared with words that somebody shows, not with other forms of them.
- Names that are transcribed by sound, or by a Polish vowel, have other keys: "Тернер" and "Turner".
"""


def page(results: Results) -> str:
    """The page's whole text."""
    everything = [result for _, of_corpus in results for result in of_corpus]
    sections = [
        _introduction(everything),
        "## Figures\n",
        _table("", [("all", everything)]),
        "By kind of query:\n",
        _table("kind", _groups(everything, lambda result: result.query.kind)),
        "By language that is typed:\n",
        _table("language", _groups(everything, lambda result: result.query.language)),
        "By corpus:\n",
        _table(
            "corpus",
            [(f"{corpus.name}, {len(corpus.tutors)} tutors", of) for corpus, of in results],
        ),
        "## Mistakes\n",
        _mistakes(results),
    ]
    return "\n".join(sections)


def _introduction(everything: Sequence[Result]) -> str:
    return _INTRODUCTION.format(
        queries=len(everything),
        distinct=len({result.query.text for result in everything}),
        with_related=sum(bool(set(each.query.grades) - each.wanted) for each in everything),
        places=PLACES,
        command=COMMAND,
        **{grade.name.lower(): gain for grade, gain in GAINS.items()},
    )


def _groups(
    results: Sequence[Result], key: Callable[[Result], str]
) -> list[tuple[str, list[Result]]]:
    names = sorted(set(map(key, results)))
    return [(name, [result for result in results if key(result) == name]) for name in names]


def _table(title: str, groups: Sequence[tuple[str, Sequence[Result]]]) -> str:
    lines = [
        f"| {title} | queries | precision | recall | nDCG@{PLACES} | strict nDCG@{PLACES} |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
        *(_row(name, measure(of_group)) for name, of_group in groups),
    ]
    return "\n".join(lines) + "\n"


def _row(name: str, figures: Figures) -> str:
    values = (figures.precision, figures.recall, figures.ndcg, figures.strict_ndcg)
    written = ("–" if value is None else f"{value:.3f}" for value in values)
    return f"| {name} | {figures.queries} | {' | '.join(written)} |"


def _mistakes(results: Results) -> str:
    lines = [
        f"| query | kind | nDCG@{PLACES} | missed | found wrongly | placed wrongly |",
        "| --- | --- | ---: | --- | --- | --- |",
        *(_mistake(each) for _, of in results for each in of if not each.is_faultless),
    ]
    count = f"{len(lines) - 2} queries are answered with a mistake."
    return "\n".join([count, "", _REASONS, *lines, ""])


def _mistake(result: Result) -> str:
    ndcg = "–" if result.ndcg is None else f"{result.ndcg:.3f}"
    places = ", ".join(_place(*pair) for pair in result.misplaced)
    query = result.query.text.replace("|", "\\|")
    cells = [query, result.query.kind, ndcg, *map(_names, (result.missed, result.wrong)), places]
    return f"| {' | '.join(cells)} |"


def _place(name: str, lower: str) -> str:
    return f"{name} behind {lower}"


def _names(names: Sequence[str]) -> str:
    return ", ".join(names)


def summary(results: Results) -> Iterator[str]:
    """What a run of the tests prints."""
    for corpus, of_corpus in results:
        figures = measure(of_corpus)
        yield (
            f"{corpus.name}: {figures.queries} graded queries, precision {figures.precision:.3f},"
            f" recall {figures.recall:.3f}, nDCG@{PLACES} {figures.ndcg:.3f}"
            f" (strict {figures.strict_ndcg:.3f})"
        )
