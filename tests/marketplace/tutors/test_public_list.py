"""The older list: a bare array, under the same flags and in the same order as the list."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import MakeApp
from tests.factories import as_user, make_student, make_tutor
from tests.marketplace.generated_tutors import generate_tutors, store_tutors
from tests.marketplace.list_requests import get_page

PUBLIC_LIST = "/api/tutors/public-list/"
NAMES = ("id", "full_name", "email", "bio", "subjects")


def get_list(client: FlaskClient) -> list[dict[str, Any]]:
    answer = client.get(PUBLIC_LIST)
    assert answer.status_code == 200 and isinstance(answer.json, list)
    return answer.json


def test_it_is_the_first_hundred_of_the_list_with_a_part_of_each_card(
    app: Flask, client: FlaskClient
) -> None:
    store_tutors(generate_tutors(130))
    cards = get_page(client, page_size=100)["results"]
    assert get_list(client) == [{name: card[name] for name in NAMES} for card in cards]


@pytest.mark.parametrize("seconds", [0, 120])
def test_it_changes_with_the_next_request(make_app: MakeApp, app: Flask, seconds: int) -> None:
    client = make_app(LIST_CACHE_SECONDS=seconds).test_client()
    assert get_list(client) == []
    tutor = make_tutor(bio="Bio", show_email_publicly=False)
    assert get_list(client)[0]["bio"] == "Bio"
    hide = {"settings": {"show_bio_publicly": False}}
    assert as_user(client, tutor).patch("/api/me/profile/", json=hide).status_code == 200
    (shown,) = get_list(client)
    assert (shown["bio"], shown["email"]) == (None, None)
    unlist = {"settings": {"public_profile_enabled": False}}
    assert as_user(client, tutor).patch("/api/me/profile/", json=unlist).status_code == 200
    assert get_list(client) == []


def test_it_carries_a_validator(app: Flask, client: FlaskClient) -> None:
    store_tutors(generate_tutors(3))
    first = client.get(PUBLIC_LIST)
    etag = first.headers["ETag"]
    assert first.headers["Cache-Control"] == "no-cache"
    again = client.get(PUBLIC_LIST, headers={"If-None-Match": etag})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", etag)


def test_anybody_may_read_it_but_not_with_a_broken_token(app: Flask, client: FlaskClient) -> None:
    assert as_user(client, make_student()).get(PUBLIC_LIST).status_code == 200
    refused = client.get(PUBLIC_LIST, headers={"Authorization": "Bearer nonsense"})
    assert refused.status_code == 401


def test_the_document_marks_it_as_deprecated(app: Flask, client: FlaskClient) -> None:
    document = client.get("/api/openapi.json").json
    operation = document["paths"][PUBLIC_LIST]["get"]
    assert operation["deprecated"] is True
    assert operation["responses"]["200"]["content"]["application/json"]["schema"]["type"] == "array"
