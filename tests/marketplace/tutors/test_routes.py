"""The list and one tutor as HTTP: bodies, validators, refusals."""

import random
from typing import Any

import orjson
import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketplace.tutors.page_schema import TutorPageSchema
from profiles.public.privacy import TutorCardSchema
from tests.factories import as_user, make_student, make_tutor
from tests.marketplace.generated_tutors import (
    generate_tutors,
    generate_values,
    store_tutors,
)
from tests.marketplace.list_requests import ADDRESS, get_ids, get_page
from tests.marketplace.statement_log import StatementLog

ADDRESSES = [ADDRESS, f"{ADDRESS}?price_min=0&ordering=newest", f"{ADDRESS}1000000/"]


def test_a_page_has_every_key_of_its_schema_and_no_other(app: Flask, client: FlaskClient) -> None:
    store_tutors(generate_tutors(3))
    page = get_page(client)
    assert set(page) == set(TutorPageSchema().fields)
    assert page["did_you_mean"] is None
    for card in page["results"]:
        assert set(card) == set(TutorCardSchema().fields)
    assert TutorPageSchema().validate(page) == {}


def test_a_card_is_alone_what_it_is_in_the_list(app: Flask, client: FlaskClient) -> None:
    store_tutors(generate_tutors(5))
    for card in get_page(client)["results"]:
        assert client.get(f"{ADDRESS}{card['id']}/").json == card


def test_an_empty_marketplace_has_an_empty_first_page(app: Flask, client: FlaskClient) -> None:
    for query in ({}, {"subject": "math"}, {"search": "математика"}, {"price_min": 1}):
        page = get_page(client, **query)
        assert page["results"] == []
        assert (page["count"], page["count_capped"], page["next"], page["previous"]) == (
            0,
            False,
            None,
            None,
        )


@pytest.mark.parametrize("address", [ADDRESS, f"{ADDRESS}1000000/"])
def test_an_address_without_its_slash_answers_the_same(
    app: Flask, client: FlaskClient, address: str
) -> None:
    store_tutors(generate_tutors(1))
    with_slash, without = client.get(address), client.get(address.rstrip("/"))
    assert (without.status_code, without.data) == (200, with_slash.data)


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_answer_carries_a_strong_validator_that_holds_until_the_answer_changes(
    app: Flask, client: FlaskClient, address: str
) -> None:
    store_tutors(generate_tutors(3))
    first = client.get(address)
    etag = first.headers["ETag"]
    assert etag.startswith('"') and first.headers["Cache-Control"] == "no-cache"
    again = client.get(address, headers={"If-None-Match": etag})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", etag)
    assert again.headers["Cache-Control"] == "no-cache"
    weakened = client.get(address, headers={"If-None-Match": f"W/{etag}"})
    assert weakened.status_code == 304
    assert client.get(address, headers={"If-None-Match": '"other"'}).data == first.data


def test_a_validator_changes_with_any_card_of_the_page(app: Flask, client: FlaskClient) -> None:
    tutor = make_tutor(headline="Before")
    before = [client.get(address).headers["ETag"] for address in (ADDRESS, f"{ADDRESS}{tutor.id}/")]
    as_user(client, tutor).patch("/api/me/profile/", json={"tutor_profile": {"headline": "After"}})
    after = [client.get(address).headers["ETag"] for address in (ADDRESS, f"{ADDRESS}{tutor.id}/")]
    assert before[0] != after[0] and before[1] != after[1]


def test_whoever_is_not_listed_is_answered_with_the_same_bytes(
    app: Flask, client: FlaskClient
) -> None:
    absent = {
        "unknown": 999_999_999,
        "beyond any number of ours": 2**31,
        "far beyond": 10**30,
        "beyond any integer of Python's parser": "9" * 4500,
        "zero": 0,
        "a student": make_student().id,
        "inactive": make_tutor(is_active=False).id,
        "not public": make_tutor(public_profile_enabled=False).id,
    }
    answers = {
        client.get(f"{ADDRESS}{tutor_id}/", headers={"X-Request-ID": "same"})
        for tutor_id in absent.values()
    }
    assert {answer.status_code for answer in answers} == {404}
    assert len({(answer.data, tuple(answer.headers)) for answer in answers}) == 1
    assert get_ids(client) == []


@pytest.mark.parametrize("address", ADDRESSES)
def test_anybody_may_look_but_not_with_a_broken_token(
    app: Flask, client: FlaskClient, address: str
) -> None:
    store_tutors(generate_tutors(1))
    student = make_student()
    anonymous = client.get(address)
    assert as_user(client, student).get(address).data == anonymous.data
    for token in (
        "Bearer nonsense",
        "Bearer nonsense,Bearer nonsense",
        "Basic YTpi,Bearer x",
    ):
        refused = client.get(address, headers={"Authorization": token})
        assert (refused.status_code, refused.json["code"]) == (401, "invalid_token")


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_other_methods_are_refused(
    app: Flask, client: FlaskClient, address: str, method: str
) -> None:
    answer = getattr(client, method)(address)
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize(
    ("query", "statements"),
    [
        ({"page_size": 100}, 1),
        ({"page_size": 2}, 1),
        ({"subject": ["math", "english"], "language": ["uk"], "ordering": "-hourly_rate"}, 1),
        ({"search": "репетитор", "price_min": 0, "page_size": 50}, 1),
        # In an ordering of one's own, words are counted first.
        ({"search": "репетитор", "ordering": "newest", "page_size": 50}, 2),
        # The default page is kept; the revision says whether it still holds.
        ({}, 2),
    ],
)
def test_a_page_of_any_size_costs_a_fixed_number_of_statements(
    app: Flask, client: FlaskClient, query: dict[str, Any], statements: int
) -> None:
    store_tutors(generate_tutors(60))
    # The process's bitmaps are of this revision.
    get_page(client, page_size=3)
    counted = StatementLog()
    get_page(client, **query)
    assert len(counted.stop()) == statements


def test_a_detail_page_costs_one_statement(app: Flask, client: FlaskClient) -> None:
    store_tutors(generate_tutors(1))
    counted = StatementLog()
    client.get(f"{ADDRESS}1000000/")
    assert len(counted.stop()) == 1


def test_odd_characters_come_back_as_they_were_stored(app: Flask, client: FlaskClient) -> None:
    headline = 'Ї"\\ </script> 🎓 \u2028 ´'
    store_tutors([generate_values(random.Random(1), 11) | {"headline": headline}])
    answer = client.get(f"{ADDRESS}11/")
    assert orjson.loads(answer.data)["headline"] == headline
    assert get_page(client)["results"][0]["headline"] == headline
