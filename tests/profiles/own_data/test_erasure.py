import io
from pathlib import Path

import pytest
import requests
from PIL import Image
from sqlalchemy import text

from activity import Action, event_queue, observe
from common.database.session import db
from profiles.accounts.models import User
from profiles.messages import MessageKind, enqueue
from tests.factories import PASSWORD, as_user, auth_header, make_tutor, make_user
from tests.profiles.accounts.endpoints import (
    at_once,
    is_authorized,
    log_in,
    refresh,
    register,
    token_of,
)
from tests.profiles.accounts.two_factor.authenticator import Person, second_step
from tests.profiles.profile_owner import Owner

ME = "/api/me/"
RIGHT = {"password": PASSWORD}

TABLES_OF_AN_ACCOUNT = {
    "users": "id",
    "refresh_tokens": "user_id",
    "tutor_profiles": "user_id",
    "student_profiles": "user_id",
    "user_settings": "user_id",
    "two_factor_secrets": "user_id",
    "recovery_codes": "user_id",
    "login_tickets": "user_id",
    "profile_drafts": "user_id",
    "saved_tutors": "user_id",
    "saved_searches": "user_id",
    "activity_events": "user_id",
    "activity_receipts": "user_id",
    "public_tutors": "tutor_id",
    "public_search": "tutor_id",
    "public_tutor_subjects": "tutor_id",
    "tutor_daily_counts": "tutor_id",
    "tutor_search_views": "tutor_id",
    "tutor_visitors": "tutor_id",
    "outbox_mails": "user_id",
    "one_time_tokens": "user_id",
}
COUNT = """
    insert into tutor_daily_counts values (:id, now(), 7, 9, 9, 18);
    insert into tutor_search_views values (:id, now(), 'hash', 6);
    insert into tutor_visitors values (:id, now(), 0, 'hash')
"""


def rows_of(user_id):
    """How many rows each table holds about the account."""
    found = {
        table: db.session.scalar(
            text(f"select count(*) from {table} where {column} = :id"), {"id": user_id}
        )
        for table, column in TABLES_OF_AN_ACCOUNT.items()
    }
    db.session.rollback()
    return found


def nothing_is_left_of(user_id):
    return not any(rows_of(user_id).values())


def picture():
    content = io.BytesIO()
    Image.new("RGB", (40, 40), "teal").save(content, "PNG")
    content.seek(0)
    return content


def upload_avatar(client):
    return client.post("/api/me/avatar/", data={"avatar": (picture(), "me.png")}).json["avatar_url"]


def avatar_files(app):
    folder = Path(app.config["MEDIA_DIR"]) / "avatars"
    return [path for path in folder.rglob("*") if path.is_file()]


def test_every_table_that_belongs_to_accounts_is_looked_into(app):
    tables = {
        table.name
        for table in db.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table.name in {"users", "public_tutors"}
    }
    assert tables | {"users"} == set(TABLES_OF_AN_ACCOUNT)


def test_an_erased_account_is_gone_from_everywhere(client, app):
    tutor = make_tutor(headline="Математика", subjects=["Математика"])
    person = Person(client, tutor).turn_on()
    access = second_step(client, person.ticket(), person.code()).json["access"]
    token = token_of(client)
    owner = Owner(client, tutor)
    owner.autosave({"tutor_profile": {"bio": "Навчаю."}})
    upload_avatar(owner.http)
    event = {"action": "lesson.opened", "message_id": "1"}
    owner.http.post("/api/activity/events/", json={"events": [event]})
    db.session.execute(text(COUNT), {"id": tutor.id})
    enqueue(tutor, MessageKind.PASSWORD_CHANGED)
    db.session.commit()
    assert owner.http.put(f"/api/me/saved-tutors/{tutor.id}/").status_code == 204
    owner.http.post("/api/me/saved-searches/", json={"name": "НМТ", "query": "search=НМТ"})
    change = {"password": PASSWORD, "email": "elsewhere@example.com"}
    assert owner.http.post("/api/me/email/", json=change).status_code == 202
    person.ticket()
    before = rows_of(tutor.id)
    assert all(before[table] for table in before if table != "student_profiles")
    assert avatar_files(app)

    answer = owner.http.delete(ME, json=RIGHT)

    assert answer.status_code == 204
    assert answer.data == b""
    assert "Max-Age=0" in answer.headers["Set-Cookie"]
    assert nothing_is_left_of(tutor.id)
    assert avatar_files(app) == []
    assert not is_authorized(client, access)
    assert refresh(client, token).status_code == 401
    assert log_in(client, tutor).status_code == 400
    assert client.get(f"/api/marketplace/tutors/{tutor.id}/").status_code == 404
    assert client.get("/api/marketplace/tutors/").json["results"] == []


def test_others_lose_nothing(client):
    user, other = make_user(), make_tutor(headline="Фізика", subjects=["Фізика"])
    log_in(client, other)
    before = rows_of(other.id)
    as_user(client, user).delete(ME, json=RIGHT)
    assert rows_of(other.id) == before


def test_the_email_is_free_again(client):
    user = make_user(email="olena@example.com")
    as_user(client, user).delete(ME, json=RIGHT)
    answer = register(client, email="olena@example.com")
    assert answer.status_code == 201
    assert answer.json["user"]["id"] != user.id


@pytest.mark.parametrize("password", ["not the password", PASSWORD.upper(), " "])
def test_a_wrong_password_erases_nothing(client, password):
    tutor = make_tutor(headline="Математика", subjects=["Математика"])
    before = rows_of(tutor.id)
    answer = as_user(client, tutor).delete(ME, json={"password": password})
    assert answer.status_code == 400
    assert answer.json["detail"] == "The password is not right."
    assert rows_of(tutor.id) == before


@pytest.mark.parametrize(
    "body", [{}, {"password": None}, {"password": ""}, {**RIGHT, "sure": True}, []], ids=str
)
def test_a_body_without_a_password_is_invalid(client, body):
    user = make_user()
    assert as_user(client, user).delete(ME, json=body).status_code == 422
    assert rows_of(user.id)["users"] == 1


def test_a_request_without_a_body_erases_nothing(client):
    user = make_user()
    assert as_user(client, user).delete(ME).status_code == 400
    assert rows_of(user.id)["users"] == 1


def test_only_the_owner_can_erase(client):
    user = make_user()
    assert client.delete(ME, json=RIGHT).status_code == 401
    assert rows_of(user.id)["users"] == 1


def test_guessing_the_password_is_limited_per_person(client):
    user, other = make_user(), make_user()
    guesser = as_user(client, user)
    answers = [guesser.delete(ME, json={"password": "x"}).status_code for _ in range(11)]
    assert answers == [400] * 10 + [429]
    assert as_user(client, other).delete(ME, json=RIGHT).status_code == 204


def test_events_still_queued_do_not_come_back(client, app):
    user = make_user()
    # More than one batch, and one of somebody else in the middle of it.
    witness = make_user()
    for number in range(40):
        observe(Action.PROFILE_VIEWED, user.id, metadata={"tutor_id": number})
    observe(Action.PROFILE_VIEWED, witness.id, metadata={"tutor_id": 1})
    assert as_user(client, user).delete(ME, json=RIGHT).status_code == 204
    observe(Action.PROFILE_VIEWED, user.id, metadata={"tutor_id": 41})
    assert event_queue().drain()
    assert nothing_is_left_of(user.id)
    assert rows_of(witness.id)["activity_events"] == 2


def test_a_long_log_is_erased_too(client):
    user = make_user()
    db.session.execute(
        text("""
            insert into activity_events (id, "timestamp", user_id, action, metadata, source)
            select gen_random_uuid(), now() - (n / 3) * interval '1 second', :id, 'lesson.opened',
                   '{}', 'client' from generate_series(1, 25000) as n
        """),
        {"id": user.id},
    )
    db.session.commit()
    assert as_user(client, user).delete(ME, json=RIGHT).status_code == 204
    assert nothing_is_left_of(user.id)


def test_erasing_twice_at_once_succeeds_once(live_server, app):
    user = make_user()
    url, headers = f"{live_server.url}{ME}", auth_header(user)
    answers = at_once(6, lambda _: requests.delete(url, headers=headers, json=RIGHT).status_code)
    assert answers.count(204) == 1
    # The others came too late for the account, or for its password.
    assert set(answers) <= {204, 400, 401}
    assert nothing_is_left_of(user.id)


def test_nothing_written_at_the_same_time_survives_an_erasure(live_server, app):
    """Whatever else the account does meanwhile ends before or fails after; nothing is left."""
    for _ in range(3):
        tutor = make_tutor(headline="Математика", subjects=["Математика"])
        headers, base = auth_header(tutor), f"{live_server.url}/api"
        session = requests.post(
            f"{base}/auth/login/", json={"email": tutor.email, "password": PASSWORD}
        )
        calls = {
            "patch": lambda: requests.patch(
                f"{base}/me/profile/", headers=headers, json={"tutor_profile": {"bio": "Новe."}}
            ),
            "autosave": lambda: requests.patch(
                f"{base}/me/profile/autosave/",
                headers=headers,
                json={"tutor_profile": {"headline": "Чернетка"}},
            ),
            "publish": lambda: requests.post(
                f"{base}/me/profile/autosave/publish/", headers=headers
            ),
            "trigger": lambda: requests.post(
                f"{base}/me/activity/trigger/", headers=headers, json={"action": "lesson.opened"}
            ),
            "batch": lambda: requests.post(
                f"{base}/activity/events/",
                headers=headers,
                json={
                    "events": [{"action": "lesson.opened", "message_id": str(n)} for n in range(9)]
                },
            ),
            "avatar": lambda: requests.post(
                f"{base}/me/avatar/", headers=headers, files={"avatar": ("a.png", picture())}
            ),
            "save a tutor": lambda: requests.put(
                f"{base}/me/saved-tutors/{tutor.id}/", headers=headers
            ),
            "save a search": lambda: requests.post(
                f"{base}/me/saved-searches/", headers=headers, json={"name": "a", "query": ""}
            ),
            "refresh": lambda: requests.post(f"{base}/auth/refresh/", cookies=session.cookies),
            "login": lambda: requests.post(
                f"{base}/auth/login/", json={"email": tutor.email, "password": PASSWORD}
            ),
            "export": lambda: requests.get(f"{base}/me/export/", headers=headers),
            "erase": lambda: requests.delete(f"{base}/me/", headers=headers, json=RIGHT),
        }
        names = list(calls)
        answers = at_once(len(names), lambda index: calls[names[index]]())
        outcome = {name: answer.status_code for name, answer in zip(names, answers, strict=True)}
        assert outcome["erase"] == 204, outcome
        assert max(outcome.values()) < 500, outcome
        db.session.rollback()
        assert db.session.get(User, tutor.id) is None
        assert nothing_is_left_of(tutor.id), outcome
    assert avatar_files(app) == []
