"""Tutors like one tutor: shared subjects, near in price, and of public rows alone."""

import random
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketplace.similar.routes import SimilarTutorsSchema
from marketplace.similar.statement import MOST_SIMILAR
from profiles.public.privacy import dump_card
from profiles.public.score import score
from profiles.subjects import subject_code
from tests.factories import as_user, make_student, make_tutor
from tests.marketplace.generated_tutors import (
    TutorValues,
    generate_tutors,
    store_tutors,
)
from tests.marketplace.list_requests import ADDRESS, ids_of
from tests.marketplace.statement_log import StatementLog


def get_similar(client: FlaskClient, tutor_id: int) -> Any:
    answer = client.get(f"{ADDRESS}{tutor_id}/similar/")
    assert answer.status_code == 200, answer.json
    return answer.json


def expected(tutors: list[TutorValues], tutor_id: int) -> list[int]:
    """Who is like the tutor, said as plainly as Python can."""
    cards = {values["id"]: dump_card(values) for values in tutors}
    me = cards.pop(tutor_id)

    def shared(card: Any) -> int:
        return len({*map(subject_code, card["subjects"])} & {*map(subject_code, me["subjects"])})

    def likeness(card: Any) -> tuple[Any, ...]:
        rates = (card["hourly_rate"], me["hourly_rate"])
        distance = None if None in rates else abs(rates[0] - rates[1])
        return (-shared(card), distance is None, distance or 0, -score(card), card["id"])

    return [card["id"] for card in sorted(filter(shared, cards.values()), key=likeness)]


@pytest.mark.parametrize("seed", range(6))
def test_the_likest_of_a_small_set_are_found(app: Flask, client: FlaskClient, seed: int) -> None:
    # Few enough that each side's neighbours and the best are everybody.
    tutors = generate_tutors(9, seed)
    store_tutors(tutors)
    for values in tutors:
        answer = get_similar(client, values["id"])
        assert ids_of(answer) == expected(tutors, values["id"])[:MOST_SIMILAR]
        assert SimilarTutorsSchema().validate(answer) == {}


def test_in_any_set_the_similar_share_a_subject_and_have_the_same_cards_as_everywhere(
    app: Flask, client: FlaskClient
) -> None:
    tutors = generate_tutors(200, seed=5)
    store_tutors(tutors)
    for values in random.Random(5).sample(tutors, 15):
        answer, alike = get_similar(client, values["id"]), expected(tutors, values["id"])
        assert len(answer["results"]) == min(MOST_SIMILAR, len(alike))
        assert set(ids_of(answer)) <= set(alike)
        assert values["id"] not in ids_of(answer)
        for card in answer["results"]:
            assert client.get(f"{ADDRESS}{card['id']}/").json == card


def test_the_nearer_price_comes_first_and_then_more_shared_subjects_before_it(
    app: Flask, client: FlaskClient
) -> None:
    me = make_tutor(subjects=["Math", "English"], hourly_rate=300)
    far = make_tutor(subjects=["математика"], hourly_rate=900)
    near = make_tutor(subjects=["maths"], hourly_rate=320)
    both = make_tutor(subjects=["angielski", "matematyka"], hourly_rate=5000)
    priceless = make_tutor(subjects=["math"], hourly_rate=None)
    make_tutor(subjects=["Physics"], hourly_rate=300)
    wanted = [both.id, near.id, far.id, priceless.id]
    assert ids_of(get_similar(client, me.id)) == wanted


def test_hidden_subjects_and_hidden_tutors_are_like_nobody(app: Flask, client: FlaskClient) -> None:
    me = make_tutor(subjects=["Math"], hourly_rate=300)
    other = make_tutor(subjects=["Math"], hourly_rate=310)
    theirs = as_user(client, other)
    assert ids_of(get_similar(client, me.id)) == [other.id]
    for flag in ("show_subjects_publicly", "public_profile_enabled"):
        hide = {"settings": {flag: False}}
        assert theirs.patch("/api/me/profile/", json=hide).status_code == 200
        assert ids_of(get_similar(client, me.id)) == []
        show = {"settings": {flag: True}}
        assert theirs.patch("/api/me/profile/", json=show).status_code == 200
        assert ids_of(get_similar(client, me.id)) == [other.id]
    hide = {"settings": {"show_subjects_publicly": False}}
    assert as_user(client, me).patch("/api/me/profile/", json=hide).status_code == 200
    assert get_similar(client, me.id) == get_similar(client, other.id) == {"results": []}


def test_whoever_is_not_listed_has_one_and_the_same_404(app: Flask, client: FlaskClient) -> None:
    absent = [
        999_999_999,
        2**31,
        10**30,
        10**400,
        0,
        make_student().id,
        make_tutor(is_active=False).id,
        make_tutor(public_profile_enabled=False).id,
    ]
    same = {"X-Request-ID": "same"}
    answers = [client.get(f"{ADDRESS}{one}/similar/", headers=same) for one in absent]
    answers.append(client.get(f"{ADDRESS}{absent[0]}/", headers=same))
    assert {answer.status_code for answer in answers} == {404}
    assert len({(answer.data, tuple(answer.headers)) for answer in answers}) == 1


def test_the_answer_carries_a_validator_that_holds_while_it_would_be_the_same(
    app: Flask, client: FlaskClient
) -> None:
    me = make_tutor(subjects=["Math"], hourly_rate=300)
    other = make_tutor(subjects=["Math"], hourly_rate=310, headline="Before")
    address = f"{ADDRESS}{me.id}/similar/"
    first = client.get(address)
    etag = first.headers["ETag"]
    counted = StatementLog()
    held = client.get(address, headers={"If-None-Match": etag})
    assert len(counted.stop()) == 1
    assert (held.status_code, held.data, held.headers["ETag"]) == (304, b"", etag)
    assert client.get(address).data == first.data == client.get(address.rstrip("/")).data
    as_user(client, other).patch("/api/me/profile/", json={"tutor_profile": {"headline": "After"}})
    changed = client.get(address, headers={"If-None-Match": etag})
    assert (changed.status_code, changed.json["results"][0]["headline"]) == (200, "After")
