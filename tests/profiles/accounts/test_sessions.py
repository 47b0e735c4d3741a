from datetime import timedelta

import pytest
import requests
import time_machine
from sqlalchemy import select, update

from common.clock import now
from common.db import db
from profiles.accounts.models import RefreshToken, User
from profiles.accounts.passwords import is_outdated
from tests.factories import PASSWORD, as_user, make_tutor, make_user
from tests.profiles.accounts.doors import (
    at_once,
    events_of,
    give_token,
    is_let_in,
    kept_tokens,
    log_in,
    log_out,
    refresh,
    register,
    token_of,
)

WRONG = "The email or the password is not right."


def twin_of(client):
    """Another browser."""
    return type(client)(
        client.application, client.application.response_class, use_cookies=True
    )


def set_active(user, is_active):
    live = db.session.get_one(User, user.id)
    live.is_active = is_active
    db.session.commit()


# Logging in


def test_logging_in_answers_an_access_token_and_the_account(client):
    user = make_tutor()
    answer = log_in(client, user)
    assert answer.status_code == 200
    assert answer.json["user"]["id"] == user.id
    assert is_let_in(client, answer.json["access"])
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
    assert kept_tokens() == 0


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
    dearer = make_app(PASSWORD_HASH_PASSES=2)
    assert log_in(dearer.test_client(), user).status_code == 200
    with dearer.app_context():
        renewed = db.session.scalar(
            select(User.password_hash).where(User.id == user.id)
        )
        assert renewed != user.password_hash
        assert not is_outdated(renewed)
    assert log_in(dearer.test_client(), user).status_code == 200


@pytest.mark.parametrize(
    "header", ["Bearer broken", "Bearer ", "Basic eDp5", "nonsense"]
)
def test_the_auth_doors_ignore_the_authorization_header(client, header):
    user, headers = make_user(), {"Authorization": header}
    assert log_in(client, user, headers=headers).status_code == 200
    assert refresh(client, headers=headers).status_code == 200
    assert log_out(client, headers=headers).status_code == 204
    assert refresh(client, headers=headers).status_code == 401


def test_tokens_stay_out_of_caches(client):
    user = make_user()
    assert log_in(client, user).headers["Cache-Control"] == "no-store"
    assert refresh(client).headers["Cache-Control"] == "no-store"
    assert (
        "no-store"
        in as_user(client, user).get("/api/users/me/").headers["Cache-Control"]
    )


# Refreshing


def test_a_refresh_answers_an_access_token_and_replaces_the_refresh_token(client):
    log_in(client, make_user())
    first = token_of(client)
    answer = refresh(client)
    assert answer.status_code == 200
    assert set(answer.json) == {"access"}
    assert is_let_in(client, answer.json["access"])
    assert token_of(client) not in {None, first}


def test_a_session_goes_on_as_long_as_it_is_refreshed(client):
    with time_machine.travel(now(), tick=False) as traveller:
        log_in(client, make_user())
        for _ in range(5):
            traveller.shift(timedelta(days=29))
            assert refresh(client).status_code == 200


def test_an_access_token_ends_after_thirty_minutes(client):
    with time_machine.travel(now(), tick=False) as traveller:
        access = log_in(client, make_user()).json["access"]
        traveller.shift(timedelta(minutes=29, seconds=59))
        assert is_let_in(client, access)
        traveller.shift(timedelta(seconds=2))
        assert not is_let_in(client, access)


def test_a_session_unused_for_thirty_days_is_over(client):
    with time_machine.travel(now(), tick=False) as traveller:
        log_in(client, make_user())
        token = token_of(client)
        traveller.shift(timedelta(days=30))
        assert refresh(client, token).status_code == 401


def test_a_refresh_without_a_cookie_is_refused_without_asking_any_server(
    client, make_app
):
    nowhere = make_app(
        DATABASE_URL="postgresql+psycopg2://nobody@127.0.0.1:1/nowhere",
        REDIS_URL="redis://127.0.0.1:1/0",
    )
    for token in (None, "", "short", "x" * 65, "é" * 64, "x" * 63 + "="):
        browser = nowhere.test_client()
        if token is not None:
            browser.set_cookie("refresh", token, path="/api/auth")
        answer = browser.post("/api/auth/refresh/")
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert "RateLimit" not in answer.headers


def test_a_token_nobody_was_given_opens_nothing(client):
    log_in(client, make_user())
    assert refresh(client, "A" * 64).status_code == 401


def test_the_database_holds_no_refresh_token_that_could_be_used(client):
    log_in(client, make_user())
    kept = db.session.scalars(select(RefreshToken)).one()
    assert token_of(client).encode() not in kept.token_hash
    assert len(kept.token_hash) == 32


def test_an_inactive_account_cannot_refresh_and_can_again_only_by_logging_in(client):
    user = make_user()
    log_in(client, user)
    set_active(user, False)
    assert refresh(client).status_code == 401
    set_active(user, True)
    assert log_in(client, user).status_code == 200


# Tokens used twice


def test_a_second_tab_within_the_grace_gets_a_token_of_its_own(client):
    user = make_user()
    with time_machine.travel(now(), tick=False) as traveller:
        log_in(client, user)
        shared = token_of(client)
        refresh(client)
        first_tab = token_of(client)
        traveller.shift(timedelta(seconds=10))
        assert refresh(client, shared).status_code == 200
        second_tab = token_of(client)
        assert len({shared, first_tab, second_tab}) == 3
        traveller.shift(timedelta(minutes=25))
        assert refresh(client, first_tab).status_code == 200
        assert refresh(client, second_tab).status_code == 200
    assert events_of(user, "auth.refresh_reused") == 0


def test_a_token_used_again_after_the_grace_ends_the_whole_family(client):
    user = make_user()
    with time_machine.travel(now(), tick=False) as traveller:
        log_in(client, user)
        stolen = token_of(client)
        refresh(client)
        newest = token_of(client)
        traveller.shift(timedelta(seconds=10, microseconds=1))
        assert refresh(client, stolen).status_code == 401
        assert refresh(client, newest).status_code == 401
    assert events_of(user, "auth.refresh_reused") == 1
    assert kept_tokens() == 0


def test_a_token_used_again_long_after_is_noticed_though_it_was_forgotten(client):
    user = make_user()
    with time_machine.travel(now(), tick=False) as traveller:
        log_in(client, user)
        stolen = token_of(client)
        for _ in range(6):
            refresh(client)
            traveller.shift(timedelta(days=20))
        newest = token_of(client)
        assert kept_tokens() <= 2
        assert refresh(client, stolen).status_code == 401
        assert refresh(client, newest).status_code == 401
    assert events_of(user, "auth.refresh_reused") == 1


def test_the_death_of_a_family_is_told_once_and_leaves_other_devices_alone(client):
    user = make_user()
    phone = twin_of(client)
    with time_machine.travel(now(), tick=False) as traveller:
        log_in(client, user)
        log_in(phone, user)
        stolen = token_of(client)
        refresh(client)
        traveller.shift(timedelta(minutes=1))
        for _ in range(3):
            assert refresh(client, stolen).status_code == 401
        assert refresh(phone).status_code == 200
    assert events_of(user, "auth.refresh_reused") == 1


def test_the_owner_reads_of_the_reuse_in_the_log(client):
    user = make_user()
    with time_machine.travel(now(), tick=False) as traveller:
        log_in(client, user)
        stolen = token_of(client)
        refresh(client)
        traveller.shift(timedelta(minutes=1))
        refresh(client, stolen)
        log = as_user(client, user).get("/api/me/activity/?action=auth.refresh_reused")
    assert [event["action"] for event in log.json["results"]] == ["auth.refresh_reused"]


def test_another_grace_may_be_set(client, make_app):
    user = make_user()
    strict = make_app(REFRESH_GRACE_SECONDS=0).test_client()
    with time_machine.travel(now(), tick=False) as traveller:
        log_in(strict, user)
        token = token_of(strict)
        refresh(strict)
        traveller.shift(timedelta(milliseconds=1))
        assert refresh(strict, token).status_code == 401


def test_expired_tokens_are_swept_a_few_at_a_time(client):
    user = make_user()
    with time_machine.travel(now(), tick=False) as traveller:
        for _ in range(5):
            log_in(client, user)
        db.session.execute(
            update(RefreshToken).values(expires_at=now() - timedelta(days=1))
        )
        db.session.commit()
        traveller.shift(timedelta(minutes=2))
        log_in(client, user)
    assert kept_tokens() == 1


# Logging out


def test_logging_out_ends_the_session_and_clears_the_cookie(client):
    user = make_user()
    log_in(client, user)
    token = token_of(client)
    answer = log_out(client)
    assert answer.status_code == 204
    assert answer.data == b""
    assert token_of(client) is None
    assert refresh(client, token).status_code == 401
    assert events_of(user, "auth.logout") == 1


def test_logging_out_ends_all_tabs_of_the_browser_and_no_other_device(client):
    user, phone = make_user(), twin_of(client)
    log_in(client, user)
    log_in(phone, user)
    shared = token_of(client)
    refresh(client)
    tab = token_of(client)
    refresh(client, shared)
    log_out(client)
    assert refresh(client, tab).status_code == 401
    assert refresh(phone).status_code == 200


def test_logging_out_by_a_token_already_rotated_ends_the_session_too(client):
    user = make_user()
    with time_machine.travel(now(), tick=False) as traveller:
        log_in(client, user)
        old = token_of(client)
        refresh(client)
        newest = token_of(client)
        traveller.shift(timedelta(hours=1))
        give_token(client, old)
        assert log_out(client).status_code == 204
        assert refresh(client, newest).status_code == 401
    assert events_of(user, "auth.refresh_reused") == 0


@pytest.mark.parametrize("token", [None, "", "nonsense", "A" * 64])
def test_logging_out_without_a_session_succeeds(client, token):
    if token is not None:
        give_token(client, token)
    answer = log_out(client)
    assert answer.status_code == 204
    assert "Max-Age=0" in answer.headers["Set-Cookie"]


def test_logging_out_twice_is_recorded_once(client):
    user = make_user()
    log_in(client, user)
    token = token_of(client)
    log_out(client)
    give_token(client, token)
    assert log_out(client).status_code == 204
    assert events_of(user, "auth.logout") == 1


# The cookie


def attributes(answer):
    parts = answer.headers["Set-Cookie"].split("; ")[1:]
    return {part.partition("=")[0]: part.partition("=")[2] for part in parts}


def test_the_cookie_is_out_of_reach_of_scripts_other_sites_and_other_paths(client):
    found = attributes(log_in(client, make_user()))
    assert found["Path"] == "/api/auth"
    assert found["SameSite"] == "Lax"
    assert found["Max-Age"] == str(30 * 86400)
    assert "HttpOnly" in found
    assert "Domain" not in found
    assert "Secure" not in found


def test_the_cookie_travels_encrypted_outside_development(client, make_app):
    secure = make_app(SECURE_COOKIES=True).test_client()
    user = make_user()
    answer = log_in(secure, user, base_url="https://localhost")
    assert "Secure" in attributes(answer)
    out = log_out(secure, base_url="https://localhost")
    assert "Secure" in attributes(out)


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://localhost.evil", "x"]
)
def test_a_page_of_another_site_can_neither_refresh_nor_log_out(client, origin):
    log_in(client, make_user())
    token = token_of(client)
    headers = {"Origin": origin}
    for answer in (refresh(client, headers=headers), log_out(client, headers=headers)):
        assert answer.status_code == 403
        assert "Set-Cookie" not in answer.headers
    assert refresh(client, token).status_code == 200


@pytest.mark.parametrize(
    "origin", ["http://localhost:5173", "http://localhost", "https://LOCALHOST"]
)
def test_the_frontend_and_pages_of_this_host_may_refresh(client, origin):
    log_in(client, make_user())
    assert refresh(client, headers={"Origin": origin}).status_code == 200
    assert log_out(client, headers={"Origin": origin}).status_code == 204


# The account


def test_users_me_is_the_caller(client):
    user = make_tutor(first_name="Ірина", timezone="Europe/Warsaw")
    answer = as_user(client, user).get("/api/users/me/")
    assert answer.status_code == 200
    assert answer.json == {
        "id": user.id,
        "email": user.email,
        "role": "tutor",
        "first_name": "Ірина",
        "last_name": user.last_name,
        "timezone": "Europe/Warsaw",
        "is_self_learning": False,
        "avatar_url": None,
    }


def test_users_me_is_nobodys_without_a_token(client):
    answer = client.get("/api/users/me/")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_the_token_of_a_deactivated_account_stops_at_once(client):
    user = make_user()
    access = log_in(client, user).json["access"]
    set_active(user, False)
    assert not is_let_in(client, access)


def test_the_token_of_an_erased_account_stops_at_once(client):
    user = make_user()
    access = log_in(client, user).json["access"]
    db.session.delete(db.session.get_one(User, user.id))
    db.session.commit()
    assert not is_let_in(client, access)


# Races, over real processes


def cookies(token):
    return {"refresh": token}


def browser_session(server, client, user):
    answer = requests.post(
        f"{server.url}/api/auth/login/",
        json={"email": user.email, "password": PASSWORD},
    )
    return answer.cookies["refresh"]


def test_ten_tabs_refreshing_at_once_all_stay_logged_in(live_server, client):
    user = make_user()
    token = browser_session(live_server, client, user)
    url = f"{live_server.url}/api/auth/refresh/"
    answers = at_once(10, lambda _: requests.post(url, cookies=cookies(token)))
    assert [answer.status_code for answer in answers] == [200] * 10
    fresh = [answer.cookies["refresh"] for answer in answers]
    assert len(set(fresh)) == 10
    again = at_once(10, lambda index: requests.post(url, cookies=cookies(fresh[index])))
    assert [answer.status_code for answer in again] == [200] * 10
    assert all(is_let_in(client, answer.json()["access"]) for answer in again)
    families = db.session.scalars(select(RefreshToken.family_id).distinct()).all()
    assert len(families) == 1
    assert events_of(user, "auth.refresh_reused") == 0


def test_a_token_replayed_after_the_grace_by_many_at_once_kills_its_family_once(
    live_server, client
):
    user = make_user()
    token = browser_session(live_server, client, user)
    url = f"{live_server.url}/api/auth/refresh/"
    newest = requests.post(url, cookies=cookies(token)).cookies["refresh"]
    past = update(RefreshToken).values(rotated_at=now() - timedelta(seconds=11))
    db.session.execute(past.where(RefreshToken.rotated_at.is_not(None)))
    db.session.commit()
    answers = at_once(8, lambda _: requests.post(url, cookies=cookies(token)))
    assert [answer.status_code for answer in answers] == [401] * 8
    assert requests.post(url, cookies=cookies(newest)).status_code == 401
    assert events_of(user, "auth.refresh_reused") == 1
    assert kept_tokens() == 0


def test_a_log_out_beats_every_refresh_that_comes_with_it(live_server, client):
    user = make_user()
    token = browser_session(live_server, client, user)

    def tab(index):
        door = "logout" if index == 3 else "refresh"
        return requests.post(
            f"{live_server.url}/api/auth/{door}/", cookies=cookies(token)
        )

    answers = at_once(8, tab)
    assert {answer.status_code for answer in answers} <= {200, 204, 401}
    assert kept_tokens() == 0
    assert register(client, email="next@example.com").status_code == 201
