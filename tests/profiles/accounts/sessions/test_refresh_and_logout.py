from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select, update

from common.clock import now
from common.database.session import db
from profiles.accounts.models import RefreshToken
from tests.factories import as_user, make_user
from tests.profiles.accounts.endpoints import (
    another_browser,
    events_of,
    give_token,
    is_authorized,
    log_in,
    log_out,
    refresh,
    set_active,
    stored_tokens,
    token_of,
)


def test_a_refresh_answers_an_access_token_and_replaces_the_refresh_token(client):
    log_in(client, make_user())
    first = token_of(client)
    answer = refresh(client)
    assert answer.status_code == 200
    assert set(answer.json) == {"access"}
    assert is_authorized(client, answer.json["access"])
    assert token_of(client) not in {None, first}


def test_an_access_token_ends_after_thirty_minutes(client):
    with time_machine.travel(now(), tick=False) as traveller:
        access = log_in(client, make_user()).json["access"]
        traveller.shift(timedelta(minutes=29, seconds=59))
        assert is_authorized(client, access)
        traveller.shift(timedelta(seconds=2))
        assert not is_authorized(client, access)


def test_a_session_outlives_its_secret_key_and_its_access_token_does_not(client, make_app):
    """A refresh token is stored as a hash and not signed."""
    access = log_in(client, make_user()).json["access"]
    other = make_app(SECRET_KEY=("another key that nobody has seen before it",)).test_client()
    assert not is_authorized(other, access)
    answer = refresh(other, token_of(client))
    assert answer.status_code == 200
    assert is_authorized(other, answer.json["access"])


def test_a_session_unused_for_thirty_days_is_over(client):
    with time_machine.travel(now(), tick=False) as traveller:
        log_in(client, make_user())
        token = token_of(client)
        traveller.shift(timedelta(days=30))
        assert refresh(client, token).status_code == 401


def test_a_refresh_without_a_cookie_is_refused_without_asking_any_server(client, make_app):
    nowhere = make_app(
        DATABASE_URL="postgresql://nobody@127.0.0.1:1/nowhere",
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
    stored = db.session.scalars(select(RefreshToken)).one()
    assert token_of(client).encode() not in stored.token_hash
    assert len(stored.token_hash) == 32


def test_an_inactive_account_cannot_refresh_and_can_again_only_by_logging_in(client):
    user = make_user()
    log_in(client, user)
    set_active(user, False)
    assert refresh(client).status_code == 401
    set_active(user, True)
    assert log_in(client, user).status_code == 200


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
    assert stored_tokens() == 0


def test_a_token_used_again_long_after_is_noticed_though_it_was_forgotten(client):
    user = make_user()
    with time_machine.travel(now(), tick=False) as traveller:
        log_in(client, user)
        stolen = token_of(client)
        for _ in range(4):
            refresh(client)
            traveller.shift(timedelta(days=20))
        newest = token_of(client)
        assert stored_tokens() <= 2
        assert refresh(client, stolen).status_code == 401
        assert refresh(client, newest).status_code == 401
    assert events_of(user, "auth.refresh_reused") == 1


def test_the_end_of_a_family_is_recorded_once_and_leaves_other_devices_alone(client):
    user = make_user()
    phone = another_browser(client)
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
        db.session.execute(update(RefreshToken).values(expires_at=now() - timedelta(days=1)))
        db.session.commit()
        traveller.shift(timedelta(minutes=2))
        log_in(client, user)
    assert stored_tokens() == 1


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
    user, phone = make_user(), another_browser(client)
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
