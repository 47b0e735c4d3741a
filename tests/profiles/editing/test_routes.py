"""The profile over HTTP: media types, and that answers are what OpenAPI says."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from common.database.connections.connection import BoundedCursor
from common.database.session import db
from profiles.editing.drafts.schemas import Draft
from profiles.editing.schemas import OwnProfile
from profiles.editing.snapshots.schemas import SnapshotPage
from tests.factories import make_student, make_tutor
from tests.profiles.profile_owner import AUTOSAVE, PROFILE, PUBLISH, SNAPSHOTS, Owner


@pytest.fixture
def tutor(client: FlaskClient) -> Owner:
    return Owner(client, make_tutor(headline="Математика", rating=4, reviews_count=3))


@pytest.fixture(scope="module")
def document(app: Any) -> Any:
    return app.test_client().get("/api/openapi.json").get_json()


@pytest.mark.parametrize("path", [PROFILE, AUTOSAVE])
@pytest.mark.parametrize("media_type", ["application/json", "application/merge-patch+json"])
def test_a_patch_may_be_called_a_merge_patch(tutor: Owner, path: str, media_type: str) -> None:
    answer = tutor.http.patch(
        path, data=b'{"tutor_profile": {"bio": "x"}}', content_type=media_type
    )
    assert answer.status_code == 200


@pytest.mark.parametrize("path", [PROFILE, AUTOSAVE])
@pytest.mark.parametrize(
    ("data", "media_type", "status"),
    [
        (b"{}", "text/plain", 415),
        (b"a=b", "application/x-www-form-urlencoded", 415),
        (b"{", "application/json", 400),
        (b"", "application/json", 400),
        (b'{"user": {"first_name": "\\ud800"}}', "application/json", 422),
        (b"[" * 60_000, "application/json", 400),
        (b"null", "application/json", 422),
        (b"[]", "application/json", 422),
        (b'{"user": {"first_name": "a\\u0000b"}}', "application/json", 422),
        (b'{"\\u0000": {}}', "application/json", 422),
        (b'{"tutor_profile": {"hourly_rate": 1e400}}', "application/json", 422),
        (b'{"tutor_profile": {"hourly_rate": 99999999999999999999}}', "application/json", 422),
    ],
)
def test_what_is_no_document_is_refused_and_changes_nothing(
    tutor: Owner, path: str, data: bytes, media_type: str, status: int
) -> None:
    before = tutor.profile()
    answer = tutor.http.patch(path, data=data, content_type=media_type)
    assert answer.status_code in ({status} if status != 422 else {400, 422})
    assert answer.mimetype == "application/problem+json"
    assert tutor.profile() == before
    assert tutor.events() == []


def test_faults_are_nested_as_the_input_is(tutor: Owner) -> None:
    answer = tutor.http.patch(PROFILE, json={"user": {"first_name": " "}})
    body = answer.get_json()
    assert answer.mimetype == "application/problem+json"
    assert list(body["errors"]["json"]["user"]) == ["first_name"]
    assert body["detail"].startswith("user.first_name: ")


def test_every_path_answers_without_its_slash_too(tutor: Owner) -> None:
    tutor.autosave({"tutor_profile": {"bio": "x"}})
    for path in (PROFILE, AUTOSAVE, SNAPSHOTS):
        assert tutor.http.get(path.rstrip("/")).status_code == 200
    assert tutor.http.post(PUBLISH.rstrip("/")).status_code == 200


def test_strangers_and_broken_tokens_are_refused(client: FlaskClient) -> None:
    for headers in ({}, {"Authorization": "Bearer x"}):
        assert client.get(PROFILE, headers=headers).status_code == 401
        assert client.patch(PROFILE, json={}, headers=headers).status_code == 401


def test_an_account_that_was_deactivated_can_neither_read_nor_write(tutor: Owner) -> None:
    db.session.execute(
        db.text("update users set is_active = false where id = :id"), {"id": tutor.id}
    )
    db.session.commit()
    assert tutor.http.get(PROFILE).status_code == 401
    assert tutor.http.patch(PROFILE, json={}).status_code == 401
    assert tutor.http.patch(AUTOSAVE, json={}).status_code == 401


def test_answers_are_what_their_schemas_say(client: FlaskClient, tutor: Owner) -> None:
    for owner in (tutor, Owner(client, make_student())):
        owner.patch({"user": {"first_name": "Олена"}})
        saved = owner.autosave({"user": {"first_name": "О"}, "settings": {"dark_mode": True}})
        for schema, answer in (
            (OwnProfile(), owner.profile()),
            (Draft(), saved),
            (SnapshotPage(), owner.snapshots()),
        ):
            assert schema.dump(answer) == answer


def schema_of(document: Any, name: str) -> Any:
    return document["components"]["schemas"][name]


def test_the_document_states_the_limits_of_what_may_be_sent(document: Any) -> None:
    tutor = schema_of(document, "TutorProfilePatch")["properties"]
    assert tutor["headline"]["maxLength"] == 120
    assert tutor["bio"]["maxLength"] == 2000
    assert (tutor["subjects"]["maxItems"], tutor["subjects"]["items"]["maxLength"]) == (20, 50)
    assert tutor["certifications"]["items"]["maxLength"] == 200
    assert (tutor["hourly_rate"]["minimum"], tutor["hourly_rate"]["maximum"]) == (0, 100_000)
    assert tutor["experience_years"]["maximum"] == 80
    assert set(tutor["hourly_rate"]["type"]) == {"integer", "null"}
    assert len(tutor["languages"]["items"]["enum"]) == 183
    draft = schema_of(document, "TutorProfileDraftPatch")["properties"]
    assert draft["headline"]["maxLength"] == 120
    assert draft["hourly_rate"]["maximum"] > 100_000


def test_every_field_of_an_answer_is_required_but_those_only_tutors_have(document: Any) -> None:
    for name in ("OwnProfile", "OwnUser", "OwnTutorProfile", "OwnStudentProfile", "Draft"):
        schema = schema_of(document, name)
        assert set(schema["required"]) == set(schema["properties"]), name
    own_settings = schema_of(document, "OwnSettings")
    optional = set(own_settings["properties"]) - set(own_settings["required"])
    assert optional == {
        "headline",
        "bio",
        "subjects",
        "certifications",
        "hourly_rate",
        "experience_years",
        "languages",
    }


def test_the_document_shows_an_autosave_a_422_and_a_412(document: Any) -> None:
    autosave = document["paths"]["/api/me/profile/autosave/"]["patch"]
    content = autosave["requestBody"]["content"]
    assert set(content) == {"application/json", "application/merge-patch+json"}
    assert content["application/json"]["example"]["tutor_profile"]
    assert autosave["responses"]["200"]["content"]["application/json"]["example"]["dirty"]
    problem = "application/problem+json"
    assert autosave["responses"]["422"]["content"][problem]["example"]["errors"]["json"]
    assert autosave["responses"]["412"]["content"][problem]["example"]["current"]["data"]
    assert {"200", "400", "401", "412", "413", "415", "422"} <= set(autosave["responses"])


def test_the_examples_of_the_document_keep_its_own_rules(document: Any) -> None:
    operation = document["paths"]["/api/me/profile/"]
    example = operation["get"]["responses"]["200"]["content"]["application/json"]["example"]
    assert OwnProfile().dump(example) == example
    draft = document["paths"]["/api/me/profile/autosave/"]["get"]["responses"]["200"]
    shown = draft["content"]["application/json"]["example"]
    assert Draft().dump(shown) == shown


@pytest.mark.parametrize(
    ("call", "messages"),
    [
        # Whether the account may act, unless a statement of the work asks; then the work. Several
        # statements may go in one message.
        # Not counted are the BEGIN and COMMIT of a session, and what prepares a statement once.
        (lambda owner: owner.http.get(PROFILE), 2),
        (lambda owner: owner.http.get(AUTOSAVE), 2),
        (lambda owner: owner.http.patch(AUTOSAVE, json={"user": {"first_name": "Нова"}}), 2),
        (lambda owner: owner.http.patch(AUTOSAVE, json={}), 2),
        (lambda owner: owner.http.patch(PROFILE, json={"tutor_profile": {"bio": "y"}}), 4),
        (lambda owner: owner.http.post(PUBLISH), 4),
        # New words are stored before the row that shows them.
        (lambda owner: owner.http.patch(PROFILE, json={"tutor_profile": {"bio": "word"}}), 5),
        (lambda owner: owner.http.patch(PROFILE, json={"tutor_profile": {"bio": ""}}), 2),
        (lambda owner: owner.http.get(SNAPSHOTS), 3),
        (lambda owner: owner.http.get("/api/users/me/"), 2),
    ],
)
def test_a_call_costs_few_messages_to_the_database(
    tutor: Owner, call: Any, messages: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    tutor.autosave({"tutor_profile": {"bio": "x"}})
    counted = count_messages(monkeypatch)
    assert call(tutor).status_code == 200
    assert len(counted) == messages, counted


def test_a_further_save_costs_three_messages_and_one_that_changes_nothing_two(
    tutor: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    tutor.patch({"tutor_profile": {"headline": "a", "hourly_rate": 300}})
    counted = count_messages(monkeypatch)
    tutor.patch({"tutor_profile": {"headline": "b", "hourly_rate": 400}})
    assert len(counted) == 3, counted
    counted.clear()
    tutor.patch({"tutor_profile": {"headline": "b", "hourly_rate": 400}})
    assert len(counted) == 2, counted


def count_messages(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The messages to the database from now on."""
    counted = []

    def execute(cursor: BoundedCursor, query: Any, values: Any = None) -> None:
        if not query.startswith("prepare "):
            counted.append(query)
        real(cursor, query, values)

    real = BoundedCursor.execute
    monkeypatch.setattr(BoundedCursor, "execute", execute)
    return counted
