import pytest
from sqlalchemy import select

from common.database.session import db
from profiles.accounts.models import User
from profiles.accounts.passwords.hashing import is_outdated
from tests.factories import PASSWORD, as_user, make_tutor, make_user
from tests.profiles.accounts.endpoints import (
    events_of,
    is_authorized,
    log_in,
    log_out,
    refresh,
    stored_tokens,
    token_of,
)

WRONG = "The email or the password is not right."


def test_logging_in_answers_an_access_token_and_the_account(client):
    user = make_tutor()
    answer = log_in(client, user)
    assert answer.status_code == 200
    assert answer.json["user"]["id"] == user.id
    assert is_authorized(client, answer.json["access"])
    assert token_of(client)
    assert events_of(user, "auth.login") == 1


def test_the_email_may_be_written_in_any_case(client):
    user = make_user(email="olena@example.com")
    assert log_in(client, "OLENA@example.COM").json["user"]["id"] == user.id


def test_every_failed_log_in_has_one_and_the_same_answer(client):
    active, inactive = make_user(), make_user(is_active=False)
    answers = [
        log_in(client, active, "not the password"),
        log_in(client, inactive, PASSWORD),
        log_in(client, inactive, "not the password"),
        log_in(client, "nobody@example.com", PASSWORD),
        log_in(client, "not an email at all", PASSWORD),
    ]
    bodies = [{**answer.json, "instance": None} for answer in answers]
    assert {answer.status_code for answer in answers} == {400}
    assert all(body == bodies[0] for body in bodies)
    assert bodies[0]["detail"] == WRONG
    assert bodies[0]["error"] == "invalid_grant"
    assert not any("Set-Cookie" in answer.headers for answer in answers)
    assert stored_tokens() == 0


def test_a_failed_log_in_is_a_problem_document(client):
    answer = log_in(client, "nobody@example.com")
    assert answer.content_type == "application/problem+json"


def test_nothing_is_recorded_of_a_failed_log_in(client):
    user = make_user()
    log_in(client, user, "not the password")
    assert events_of(user, "auth.login") == 0


@pytest.mark.parametrize(
    "body",
    [
        {"email": "a@b.co"},
        {"password": "x"},
        {"email": 1, "password": "x"},
        {"email": "a@b.co", "password": None},
        {"email": "a@b.co", "password": "x" * 129},
        {"email": "a@b.co", "password": "x", "remember": True},
        {"email": "a\x00@b.co", "password": "x"},
        [],
    ],
    ids=str,
)
def test_a_malformed_log_in_is_invalid(client, body):
    assert client.post("/api/auth/login/", json=body).status_code == 422


def test_a_body_that_is_no_json_is_refused(client):
    assert client.post("/api/auth/login/", data="{").status_code == 415
    answer = client.post("/api/auth/login/", data="{", content_type="application/json")
    assert answer.status_code == 400
    assert "error" not in answer.json


def test_logging_in_renews_a_hash_made_at_another_cost(client, app, make_app):
    user = make_user()
    costlier = make_app(PASSWORD_HASH_PASSES=2)
    assert log_in(costlier.test_client(), user).status_code == 200
    with costlier.app_context():
        renewed = db.session.scalar(select(User.password_hash).where(User.id == user.id))
        assert renewed != user.password_hash
        assert not is_outdated(renewed)
    assert log_in(costlier.test_client(), user).status_code == 200


@pytest.mark.parametrize("header", ["Bearer broken", "Bearer ", "Basic eDp5", "nonsense"])
def test_the_auth_endpoints_ignore_the_authorization_header(client, header):
    user, headers = make_user(), {"Authorization": header}
    assert log_in(client, user, headers=headers).status_code == 200
    assert refresh(client, headers=headers).status_code == 200
    assert log_out(client, headers=headers).status_code == 204
    assert refresh(client, headers=headers).status_code == 401


def test_tokens_stay_out_of_caches(client):
    user = make_user()
    assert log_in(client, user).headers["Cache-Control"] == "no-store"
    assert refresh(client).headers["Cache-Control"] == "no-store"
    assert "no-store" in as_user(client, user).get("/api/users/me/").headers["Cache-Control"]
