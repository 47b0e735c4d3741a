"""The owner's view of her public profile over HTTP: what it shows, of whom, and that it writes nothing."""

from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient

from profiles.preview.schemas import PublicPreview
from tests.factories import as_user, make_student, make_tutor, make_user
from tests.profiles.profile_owner import Owner

PREVIEW = "/api/me/profile/public/"
BIO = "Готую до НМТ чотирнадцять років."


@pytest.fixture
def tutor(client: FlaskClient) -> Owner:
    return Owner(client, make_tutor(headline="Математика", bio=BIO, hourly_rate=400))


def preview(owner: Owner, **query: str) -> Any:
    answer = owner.http.get(PREVIEW, query_string=query)
    assert answer.status_code == 200, answer.text
    return answer.json


def draft(owner: Owner) -> Any:
    return preview(owner, draft="true")


def test_the_card_is_the_one_of_the_public_page_to_the_byte(
    client: FlaskClient, tutor: Owner
) -> None:
    public = client.get(f"/api/marketplace/tutors/{tutor.id}/").data
    assert b'{"card":' + public + b"," in tutor.http.get(PREVIEW).data


def test_what_is_hidden_and_what_is_unset_are_told_apart(tutor: Owner) -> None:
    tutor.patch({"settings": {"show_bio_publicly": False, "show_subjects_publicly": False}})
    shown = preview(tutor)
    assert shown["card"]["bio"] is None
    assert shown["hidden"] == ["bio", "email"]
    assert "subjects" in shown["missing"] and "headline" not in shown["missing"]


def test_a_profile_that_is_switched_off_has_no_card_and_says_why(tutor: Owner) -> None:
    listed = preview(tutor)
    assert (listed["listed"], listed["reasons"]) == (True, [])
    tutor.patch({"settings": {"public_profile_enabled": False}})
    shown = preview(tutor)
    assert (shown["card"], shown["listed"]) == (None, False)
    assert [reason["code"] for reason in shown["reasons"]] == ["public_profile_disabled"]
    # What is left to do for the day it is switched on again.
    for part in ("hidden", "missing", "completeness"):
        assert shown[part] == listed[part]


def test_the_draft_is_shown_only_where_it_is_asked_for(tutor: Owner) -> None:
    tutor.autosave(
        {
            "settings": {
                "headline": "Алгебра",
                "timezone": "europe/warsaw",
                "show_bio_publicly": False,
            }
        }
    )
    assert preview(tutor)["card"]["headline"] == "Математика"
    assert preview(tutor, draft="false") == preview(tutor)
    shown = draft(tutor)
    card = shown["card"]
    assert (card["headline"], card["timezone"], card["bio"]) == ("Алгебра", "Europe/Warsaw", None)
    assert "bio" in shown["hidden"]


def test_a_draft_may_list_and_unlist(tutor: Owner) -> None:
    tutor.autosave({"settings": {"privacy_public_profile": False}})
    assert draft(tutor)["listed"] is False and preview(tutor)["listed"] is True
    tutor.publish()
    tutor.autosave({"settings": {"public_profile_enabled": True}})
    assert draft(tutor)["listed"] is True and preview(tutor)["listed"] is False


def test_without_a_draft_both_are_the_same(tutor: Owner) -> None:
    assert draft(tutor) == preview(tutor)
    tutor.autosave({"tutor_profile": {"bio": "Інше"}})
    tutor.discard()
    assert draft(tutor) == preview(tutor)


def test_a_draft_that_cannot_be_published_is_refused_as_its_publication_would_be(
    tutor: Owner,
) -> None:
    tutor.autosave({"tutor_profile": {"hourly_rate": -5}})
    answer = tutor.http.get(PREVIEW, query_string={"draft": "true"})
    assert answer.status_code == 422
    assert answer.json["errors"] == tutor.publish(422)["errors"]
    assert preview(tutor)["listed"] is True


def test_looking_writes_nothing(tutor: Owner) -> None:
    tutor.autosave({"tutor_profile": {"bio": "Інше"}})
    before = tutor.profile(), tutor.draft(), tutor.events()
    preview(tutor)
    draft(tutor)
    assert (tutor.profile(), tutor.draft(), tutor.events()) == before


def test_a_copy_is_revalidated_and_is_for_the_owner_alone(tutor: Owner) -> None:
    answer = tutor.http.get(PREVIEW)
    assert answer.headers["Cache-Control"] == "private, no-cache"
    condition = {"If-None-Match": answer.headers["ETag"]}
    assert tutor.http.get(PREVIEW, headers=condition).status_code == 304
    tutor.autosave({"tutor_profile": {"bio": "Інше"}})
    assert tutor.http.get(PREVIEW, headers=condition).status_code == 304
    drafted = tutor.http.get(PREVIEW, query_string={"draft": "true"}, headers=condition)
    assert drafted.status_code == 200
    tutor.publish()
    assert tutor.http.get(PREVIEW, headers=condition).status_code == 200


@pytest.mark.parametrize(
    ("header", "chosen", "language", "advice"),
    [
        ("pl-PL,en;q=0.5", "uk", "pl", "Dodaj zdjęcie."),
        ("", "uk", "uk", "Завантажте фото."),
        ("en", "uk", "en", "Upload a picture."),
    ],
)
def test_advice_and_reasons_are_in_the_readers_language(
    tutor: Owner, header: str, chosen: str, language: str, advice: str
) -> None:
    tutor.patch({"settings": {"ui_language": chosen, "public_profile_enabled": False}})
    headers = {"Accept-Language": header}
    answer = tutor.http.get(PREVIEW, headers=headers)
    parts = {part["name"]: part["advice"] for part in answer.json["completeness"]["parts"]}
    assert parts["avatar_url"] == advice
    assert answer.headers["Content-Language"] == language
    assert "Accept-Language" in answer.headers["Vary"]
    in_english = tutor.http.get(PREVIEW, headers={"Accept-Language": "en"})
    is_other = answer.json["reasons"] != in_english.json["reasons"]
    assert is_other == (answer.headers["ETag"] != in_english.headers["ETag"]) == (language != "en")


@pytest.mark.parametrize("role", ["student", "admin", "superadmin"])
def test_who_is_no_tutor_has_no_public_profile(client: FlaskClient, role: str) -> None:
    user = make_student() if role == "student" else make_user(role)
    answer = as_user(client, user).get(PREVIEW)
    assert (answer.status_code, answer.json["code"]) == (404, "no_public_profile")


@pytest.mark.parametrize("query", ["draft=maybe", "draft=1", "drafts=true"])
def test_a_query_that_is_not_understood_is_refused(tutor: Owner, query: str) -> None:
    answer = tutor.http.get(f"{PREVIEW}?{query}")
    assert answer.status_code == 422
    assert query.partition("=")[0] in answer.json["errors"]["query"]


def test_answers_are_what_the_document_says(tutor: Owner) -> None:
    for settings in ({}, {"public_profile_enabled": False}):
        tutor.patch({"settings": settings})
        answer = tutor.http.get(PREVIEW).data
        assert PublicPreview().validate(orjson.loads(answer)) == {}
