"""The catalogue of subjects as clients read it, and its codes as values of the filter."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from profiles.models import LONGEST_SUBJECT
from profiles.subjects import LONGEST_CODE, SUBJECTS, subject_code
from tests.factories import make_tutor
from tests.marketplace.list_requests import ADDRESS, get_ids, get_page

SUBJECTS_ADDRESS = "/api/marketplace/subjects/"
FACETS = "/api/marketplace/facets/"


def test_the_catalogue_is_listed_whole(app: Flask, client: FlaskClient) -> None:
    answer = client.get(SUBJECTS_ADDRESS)
    results = answer.json["results"]
    assert [each["code"] for each in results] == list(SUBJECTS)
    assert all(each.keys() == {"code", "label", "aliases"} for each in results)
    assert all(each["label"].keys() == {"uk", "en", "pl"} for each in results)


def test_the_catalogue_carries_a_validator(app: Flask, client: FlaskClient) -> None:
    etag = client.get(SUBJECTS_ADDRESS).headers["ETag"]
    again = client.get(SUBJECTS_ADDRESS, headers={"If-None-Match": etag})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", etag)


def test_names_and_aliases_of_the_catalogue_filter_as_its_code_does(
    app: Flask, client: FlaskClient
) -> None:
    tutor = make_tutor(subjects=["Математика"])
    (math,) = (s for s in client.get(SUBJECTS_ADDRESS).json["results"] if s["code"] == "math")
    for name in ("math", *math["label"].values(), *math["aliases"]):
        assert get_ids(client, subject=name) == [tutor.id], name


def test_a_card_names_the_code_of_each_subject_it_shows(app: Flask, client: FlaskClient) -> None:
    make_tutor(subjects=["Макраме", "Physics", "Математика"])
    (card,) = get_page(client)["results"]
    assert card["subjects"] == ["Макраме", "Physics", "Математика"]
    assert card["subject_codes"] == [None, "physics", "math"]


def test_a_hidden_subject_has_no_code(app: Flask, client: FlaskClient) -> None:
    make_tutor(subjects=["Physics"], show_subjects_publicly=False)
    assert get_page(client)["results"][0]["subject_codes"] == []


@pytest.mark.parametrize(
    "subject",
    [
        "Мова, література",
        "Мова,література",
        ",",
        "a, b, c",
        "Письмо，читання",
        "№157, хор",
        "ﷺ" * 20,
        "1,5 року",
        "Math & physics=?#%2C,",
    ],
)
def test_every_code_that_facets_give_works_as_a_filter(
    app: Flask, client: FlaskClient, subject: str
) -> None:
    tutor = make_tutor(subjects=[subject])
    make_tutor(subjects=["Мова"])
    make_tutor(subjects=["a"])
    counts = {s["code"]: s["count"] for s in client.get(FACETS).json["subjects"]}
    for code, count in counts.items():
        page = get_page(client, subject=code)
        assert (code, page["count"]) == (code, count)
    assert tutor.id in {i for code in counts for i in get_ids(client, subject=code)} or (
        subject_code(subject) == ""
    )


@pytest.mark.parametrize("subject", ["\u2060", "\u00ad\u200b", ",", " , "])
def test_a_subject_without_anything_visible_is_no_facet(
    app: Flask, client: FlaskClient, subject: str
) -> None:
    make_tutor(subjects=[subject])
    assert client.get(FACETS).json["subjects"] == []


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=LONGEST_SUBJECT))
def test_a_code_is_its_own_code_and_fits_the_filter(text: str) -> None:
    code = subject_code(text)
    assert subject_code(code) == code
    assert "," not in code and len(code) <= LONGEST_CODE


def test_pages_of_one_list_share_their_query_id_and_others_have_another(
    app: Flask, client: FlaskClient
) -> None:
    for number in range(3):
        make_tutor(subjects=["Physics"], hourly_rate=number)
    page = get_page(client, subject="physics", page_size=2)
    further = client.get(page["next"]).json
    same = get_page(client, subject="Фізика", page_size=1)
    assert page["query_id"] == further["query_id"] == same["query_id"]
    others = [
        client.get(f"{ADDRESS}?{query}").json["query_id"]
        for query in ("", "search=physics", "subject=math", "subject=physics&ordering=newest")
    ]
    assert len({page["query_id"], *others}) == 5
