"""Queries that people type, with whom they must find; everybody else found is a mistake."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from common.database.session import db
from profiles.public.row import public_row
from profiles.public.search.vocabulary import add_words
from tests.marketplace.generated_tutors import TutorValues, store_tutors
from tests.marketplace.list_requests import get_ids
from tests.marketplace.listing.test_relevance import BLANK

JUDGED = json.loads(
    (Path(__file__).parents[2] / "data" / "judged_queries.json").read_text(encoding="utf-8")
)
LEAST_RECALL = {"inflections": 0.97}
LEAST_PRECISION = 0.98


def queries() -> Iterator[tuple[str, str, set[str]]]:
    """Kind, query as it is sent, and whom it is to find."""
    for group in JUDGED["groups"]:
        for query in group["queries"]:
            # A space says that the last word is finished.
            ended = query if group.get("typing") else f"{query} "
            yield group["kind"], ended, set(group["finds"])


def store_vocabulary(tutors: list[TutorValues]) -> None:
    """What typos are corrected by."""
    rows = [row for values in tutors if (row := public_row(values))]
    add_words(db.session.connection(), sorted({word for row in rows for word in row.words}))
    db.session.commit()


def test_there_are_enough_queries_of_every_kind() -> None:
    judged = list(queries())
    assert len(judged) >= 150
    assert len({query for _, query, _ in judged}) == len(judged)


def test_people_find_whom_they_mean_and_nobody_else(
    app: Flask, client: FlaskClient, capsys: pytest.CaptureFixture[str]
) -> None:
    names = dict(enumerate(JUDGED["tutors"], start=1))
    tutors = [
        BLANK | {"id": number, "email": f"{number}@example.org"} | JUDGED["tutors"][name]
        for number, name in names.items()
    ]
    store_tutors(tutors)
    store_vocabulary(tutors)
    wrong, recalls, right, found_in_all = [], {}, 0, 0
    for kind, query, wanted in queries():
        found = {names[number] for number in get_ids(client, search=query, page_size=100)}
        met, missed = recalls.get(kind, (0, 0))
        recalls[kind] = (met + len(wanted & found), missed + len(wanted - found))
        right += len(wanted & found)
        found_in_all += len(found)
        if found != wanted:
            wrong.append((kind, query, sorted(found - wanted), sorted(wanted - found)))
    recall = {kind: met / (met + missed) for kind, (met, missed) in recalls.items() if met + missed}
    precision = right / found_in_all
    with capsys.disabled():
        print(f"\n{sum(1 for _ in queries())} queries, precision {precision:.3f}, recall:", end=" ")
        print(", ".join(f"{kind} {value:.3f}" for kind, value in recall.items()))
        for each in wrong:
            print("  kind, query, found too much, missed:", *each)
    assert precision >= LEAST_PRECISION
    for kind, value in recall.items():
        assert value >= LEAST_RECALL.get(kind, 0.9), kind


def test_every_tutor_is_what_a_person_can_store() -> None:
    known: dict[str, Any] = BLANK
    for facts in JUDGED["tutors"].values():
        assert set(facts) <= set(known)
