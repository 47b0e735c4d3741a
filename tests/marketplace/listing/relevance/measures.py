"""Precision, recall and nDCG@10 of what queries find.

nDCG is that of K. Järvelin and J. Kekäläinen, Cumulated gain-based evaluation of IR techniques, ACM
Transactions on Information Systems 20 (2002), with the gains and the discount of C. Burges et al., Learning
to rank using gradient descent (ICML 2005):

    DCG@10 = sum over the places i = 1..10 of gain(grade at i) / log2(i + 1)
    nDCG@10 = DCG@10 / DCG@10 of the ideal ranking

The ideal ranking has everybody who answers the query with the own word or a synonym, found or not, best
first. Related tutors need not be found: behind those the ideal has as many of them as were found, so that a
related one costs nothing where it is absent or behind the others, and costs where it stands before them.
`strict` leaves out no related tutor from the ideal ranking, as the measure is usually taken.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.marketplace.listing.relevance.judgements import Grade, JudgedQuery

GAINS = {Grade.OWN: 7, Grade.SYNONYM: 3, Grade.RELATED: 1, Grade.WRONG: 0}
PLACES = 10


def dcg(grades: Iterable[Grade]) -> float:
    """Discounted cumulated gain of the first ten."""
    gains = [GAINS[grade] for grade in grades][:PLACES]
    return sum(gain / math.log2(place + 1) for place, gain in enumerate(gains, start=1))


@dataclass(frozen=True)
class Result:
    """What a query found, in order."""

    query: JudgedQuery
    found: tuple[str, ...]

    @property
    def grades(self) -> list[Grade]:
        return [self.query.grades.get(name, Grade.WRONG) for name in self.found]

    @property
    def wanted(self) -> set[str]:
        """Who must be found."""
        grades = self.query.grades
        return {name for name, grade in grades.items() if grade >= Grade.SYNONYM}

    @property
    def right(self) -> set[str]:
        return self.wanted & set(self.found)

    @property
    def missed(self) -> list[str]:
        return sorted(self.wanted - set(self.found))

    @property
    def wrong(self) -> list[str]:
        return [name for name in self.found if name not in self.query.grades]

    @property
    def misplaced(self) -> list[tuple[str, str]]:
        """Each tutor who stands behind one of a lower grade, with the first such one."""
        pairs = []
        for place, (name, grade) in enumerate(zip(self.found, self.grades, strict=True)):
            before = zip(self.found[:place], self.grades[:place], strict=True)
            lower = next((other for other, better in before if better < grade), None)
            if lower is not None:
                pairs.append((name, lower))
        return pairs

    @property
    def ndcg(self) -> float | None:
        """None where nobody has to be found."""
        related = [grade for grade in self.grades if grade == Grade.RELATED]
        return self._ndcg([*(self.query.grades[name] for name in self.wanted), *related])

    @property
    def strict_ndcg(self) -> float | None:
        return self._ndcg(self.query.grades.values())

    def _ndcg(self, ideal: Iterable[Grade]) -> float | None:
        best = dcg(sorted(ideal, reverse=True))
        return dcg(self.grades) / best if self.wanted else None

    @property
    def is_faultless(self) -> bool:
        return not (self.missed or self.wrong or self.misplaced)


@dataclass(frozen=True)
class Figures:
    """Of some results together. Related tutors count neither for nor against precision and recall."""

    queries: int
    precision: float | None
    recall: float | None
    ndcg: float | None
    strict_ndcg: float | None


def measure(results: Sequence[Result]) -> Figures:
    right = sum(len(result.right) for result in results)
    return Figures(
        len(results),
        _share(right, right + sum(len(result.wrong) for result in results)),
        _share(right, sum(len(result.wanted) for result in results)),
        _mean([value for result in results if (value := result.ndcg) is not None]),
        _mean([value for result in results if (value := result.strict_ndcg) is not None]),
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
