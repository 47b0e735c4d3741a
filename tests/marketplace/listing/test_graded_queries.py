"""How well results are ordered: queries with graded judgements, as nDCG@10.

Each concept has a tutor for its word in each language. Whoever asks in one language means that tutor
most (own word, 3), and the others too (a translation, 2); everybody else is wrong (0).
"""

import json
import math
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.marketplace.generated_tutors import store_tutors
from tests.marketplace.list_requests import get_ids
from tests.marketplace.listing.test_judged_queries import queries as judged_queries
from tests.marketplace.listing.test_relevance import BLANK

DATA = Path(__file__).parents[2] / "data" / "graded_queries.json"
CONCEPTS = json.loads(DATA.read_text(encoding="utf-8"))
OWN, TRANSLATION, WRONG = 3, 2, 0
LEAST_NDCG = 0.95
# Queries without grades are judged beside these: whom they find and whom not.
LEAST_QUERIES = 400


def graded_queries() -> Iterator[tuple[str, dict[str, int]]]:
    """Each query, and the grades of the tutors it should find, by `concept language`."""
    for concept in CONCEPTS:
        for language, queries in concept["queries"].items():
            grades = {
                f"{concept['concept']} {other}": OWN if other == language else TRANSLATION
                for other in concept["tutors"]
            }
            for query in queries:
                yield f"{query} ", grades


def gain(grades: list[int]) -> float:
    """The discounted cumulative gain of the first ten."""
    return sum((2**grade - 1) / math.log2(place + 2) for place, grade in enumerate(grades[:10]))


def test_there_are_enough_judged_queries() -> None:
    assert len(list(graded_queries())) + len(list(judged_queries())) >= LEAST_QUERIES


@pytest.mark.parametrize("seed", [1, 2])
def test_results_are_ordered_as_they_are_judged(
    app: Flask, client: FlaskClient, capsys: pytest.CaptureFixture[str], seed: int
) -> None:
    """Whatever the profiles' scores: in the second run translations have the better ones."""
    names = [f"{each['concept']} {language}" for each in CONCEPTS for language in each["tutors"]]
    texts = [text for each in CONCEPTS for text in each["tutors"].values()]
    store_tutors(
        BLANK
        | {"id": number, "email": f"{number}@example.org", "headline": text}
        | ({"rating": 5, "reviews_count": 90} if number % 3 == seed else {})
        for number, text in enumerate(texts, start=1)
    )
    measured = []
    for query, grades in graded_queries():
        found = [names[number - 1] for number in get_ids(client, search=query, page_size=100)]
        ideal = gain(sorted(grades.values(), reverse=True))
        measured.append((gain([grades.get(name, WRONG) for name in found]) / ideal, query, found))
    average = sum(value for value, _, _ in measured) / len(measured)
    with capsys.disabled():
        print(f"\n{len(measured)} graded queries, nDCG@10 {average:.3f}")
        for value, query, found in measured:
            if value < 1:
                print("  ", f"{value:.3f}", query, found)
    assert average >= LEAST_NDCG
