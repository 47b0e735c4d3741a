import json

import pytest
import requests
from sqlalchemy import func, select

from common.database.session import db
from common.http.problems.errors import Conflict
from profiles.accounts.lookup import find_user_by_email
from profiles.accounts.models import User
from profiles.accounts.registration.creation import register as add_account
from profiles.models import StudentProfile, TutorProfile, UserSettings
from tests.factories import make_user
from tests.profiles.accounts.endpoints import (
    at_once,
    events_of,
    is_authorized,
    register,
    registration,
    token_of,
)


def count(model):
    return db.session.scalar(select(func.count()).select_from(model))


def test_registering_answers_the_account_and_logs_in(client):
    answer = register(client, role="tutor", timezone="Europe/Warsaw")
    assert answer.status_code == 201
    user = answer.json["user"]
    assert isinstance(user.pop("id"), int)
    assert user == {
        "email": "olena@example.com",
        "role": "tutor",
        "first_name": "Олена",
        "last_name": "Шевченко",
        "timezone": "Europe/Warsaw",
        "is_self_learning": False,
        "avatar_url": None,
        "email_verified": False,
        "two_factor": False,
    }
    assert set(answer.json) == {"access", "user"}
    assert is_authorized(client, answer.json["access"])
    assert token_of(client)


def test_a_student_by_default_learns_alone_and_lives_in_kyiv(client):
    user = register(client).json["user"]
    assert user["role"] == "student"
    assert user["is_self_learning"] is True
    assert user["timezone"] == "Europe/Kyiv"


@pytest.mark.parametrize(
    ("role", "profile", "other"),
    [("tutor", TutorProfile, StudentProfile), ("student", StudentProfile, TutorProfile)],
)
def test_an_account_comes_with_an_empty_profile_of_its_role_and_settings(
    client, role, profile, other
):
    user_id = register(client, role=role).json["user"]["id"]
    mine = db.session.get(profile, user_id)
    assert (mine.headline, mine.bio, mine.subjects) == ("", "", [])
    assert db.session.get(other, user_id) is None
    settings = db.session.get(UserSettings, user_id)
    assert settings.public_profile_enabled is True
    assert settings.show_email_publicly is False


def test_registering_is_recorded(client):
    user_id = register(client, role="tutor").json["user"]["id"]
    user = db.session.get(User, user_id)
    assert events_of(user, "auth.registered") == 1


def test_the_password_is_stored_as_a_hash_only(client):
    register(client, password="a long walk at dusk")
    stored = find_user_by_email("olena@example.com")
    assert stored.password_hash.startswith("$argon2id$")
    assert "dusk" not in stored.password_hash


@pytest.mark.parametrize("email", ["olena@example.com", "OLENA@Example.Com", " olena@example.com "])
def test_a_taken_email_is_a_conflict_whatever_its_case(client, app, email):
    register(client)
    answer = register(client, email=email)
    assert answer.status_code == 409
    assert answer.json["detail"] == "There is already an account with this email."
    assert "Set-Cookie" not in answer.headers
    assert count(User) == 1


@pytest.mark.parametrize(
    "values",
    [
        {"email": "olena"},
        {"email": None},
        {"email": 7},
        {"password": "short"},
        {"password": "x" * 129},
        {"password": "Password1"},
        {"first_name": " "},
        {"last_name": "x" * 151},
        {"timezone": 7},
        {"timezone": "x" * 256},
        {"role": "admin"},
        {"role": "superadmin"},
        {"role": ["tutor"]},
        {"is_active": False},
        {"id": 1},
        {"is_self_learning": False},
    ],
    ids=str,
)
def test_a_value_that_breaks_a_rule_is_named_and_nothing_is_made(client, app, values):
    answer = register(client, **values)
    assert answer.status_code == 422
    assert set(answer.json["errors"]["json"]) == set(values)
    assert count(User) == 0


@pytest.mark.parametrize("text", ["null \x00 inside", "half a pair \ud800"])
@pytest.mark.parametrize("name", ["email", "password", "first_name"])
def test_text_that_no_database_could_hold_is_refused(client, name, text):
    body = json.dumps(registration(**{name: text}))
    answer = client.post("/api/auth/register/", data=body, content_type="application/json")
    assert answer.status_code in {400, 422}


@pytest.mark.parametrize("missing", ["email", "password", "first_name", "last_name"])
def test_every_required_value_is_asked_for(client, missing):
    body = registration()
    del body[missing]
    answer = client.post("/api/auth/register/", json=body)
    assert answer.status_code == 422
    assert list(answer.json["errors"]["json"]) == [missing]


def test_the_password_is_never_quoted_back(client):
    answer = register(client, password="hidden!")
    assert answer.status_code == 422
    assert "hidden" not in answer.text


@pytest.mark.parametrize("path", ["/api/auth/register", "/api/auth/register/"])
def test_the_slash_at_the_end_makes_no_difference(client, path):
    assert client.post(path, json=registration()).status_code == 201


def test_a_failed_registration_spoils_nothing_else_in_its_transaction(app):
    make_user(email="taken@example.com")
    add_account("first@example.com", "a long walk", "A", "B")
    with pytest.raises(Conflict):
        add_account("Taken@example.com", "a long walk", "A", "B")
    db.session.commit()
    assert find_user_by_email("first@example.com") is not None


def test_of_twenty_equal_registrations_at_once_one_succeeds(live_server, app):
    answers = at_once(
        20, lambda _: requests.post(f"{live_server.url}/api/auth/register/", json=registration())
    )
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 19
    assert [count(model) for model in (User, StudentProfile, UserSettings)] == [1, 1, 1]


def test_registrations_of_different_people_at_once_all_succeed(live_server, app):
    answers = at_once(
        12,
        lambda index: requests.post(
            f"{live_server.url}/api/auth/register/",
            json=registration(email=f"p{index}@example.com"),
        ),
    )
    assert [answer.status_code for answer in answers] == [201] * 12
    assert count(User) == 12
