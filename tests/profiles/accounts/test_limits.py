import pytest
import redis
import time_machine

from common.clock import now
from tests.factories import PASSWORD, make_user
from tests.profiles.accounts.endpoints import log_in, log_out, refresh, register, token_of


def at(address):
    return {"environ_overrides": {"REMOTE_ADDR": address}}


def statuses(calls):
    return [answer.status_code for answer in calls]


def test_ten_log_ins_a_minute_are_let_through_for_an_account_at_one_address(client):
    user = make_user()
    answers = statuses(log_in(client, user, "wrong", **at("192.0.2.1")) for _ in range(12))
    assert answers == [400] * 10 + [429] * 2


def test_the_right_password_is_refused_too_once_the_limit_is_reached(client):
    user = make_user()
    for _ in range(10):
        log_in(client, user, "wrong")
    answer = log_in(client, user)
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 61
    assert answer.json["detail"].startswith("Too many requests")


def test_a_stranger_cannot_lock_the_owner_out(client):
    user = make_user()
    for _ in range(30):
        log_in(client, user, "wrong", **at("192.0.2.66"))
    assert log_in(client, user, **at("198.51.100.7")).status_code == 200


def test_one_account_at_its_limit_leaves_its_neighbours_at_the_address_alone(client):
    user, neighbour = make_user(), make_user()
    for _ in range(12):
        log_in(client, user, "wrong")
    assert log_in(client, neighbour).status_code == 200


def test_the_case_of_the_email_opens_no_second_budget(client):
    make_user(email="olena@example.com")
    spellings = ["olena@example.com", "OLENA@example.com", " Olena@EXAMPLE.com "] * 4
    answers = statuses(log_in(client, spelling, "wrong") for spelling in spellings)
    assert answers.count(429) == 2


def test_sixty_log_ins_a_minute_are_let_through_at_one_address_whoever_is_tried(client):
    answers = statuses(log_in(client, f"p{number}@example.com", "x") for number in range(62))
    assert answers == [400] * 60 + [429] * 2


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"email": 7}', b"\xff", b'{"email": "' + b"x" * 20_000 + b'"}']
)
def test_a_log_in_that_cannot_be_read_counts_as_well(client, body):
    answers = [
        client.post("/api/auth/login/", data=body, content_type="application/json").status_code
        for _ in range(11)
    ]
    assert answers[-1] == 429
    assert set(answers[:-1]) <= {400, 422}


def test_a_body_too_large_is_refused_as_such(client):
    answer = client.post("/api/auth/login/", data=b"x" * 2_000_000, content_type="application/json")
    assert answer.status_code == 413


def test_thirty_registrations_an_hour_are_let_through_at_one_address(client):
    answers = [register(client, email="not an email").status_code for _ in range(32)]
    assert answers == [422] * 30 + [429] * 2


def test_sixty_refreshes_a_minute_are_let_through_at_one_address(client):
    with time_machine.travel(now(), tick=False):
        log_in(client, make_user())
        token = token_of(client)
        answers = [refresh(client, token).status_code for _ in range(62)]
    assert answers == [200] * 60 + [429] * 2


def test_a_session_is_limited_from_all_addresses_together(client, make_app):
    strict = make_app(SESSION_REFRESH_LIMIT="3/minute").test_client()
    phone = make_app().test_client()
    user = make_user()
    log_in(strict, user)
    log_in(phone, user)
    token = token_of(strict)
    answers = statuses(refresh(strict, token, **at(f"192.0.2.{n}")) for n in range(5))
    assert answers == [200] * 3 + [429] * 2
    # Another session of the same person, and visitors without one.
    assert refresh(strict, token_of(phone)).status_code == 200
    assert refresh(strict, "").status_code == 401


def test_what_is_left_of_registrations_and_refreshes_is_announced(client):
    answer = register(client)
    assert answer.headers["RateLimit-Policy"] == '"hour";q=30;w=3600, "day";q=200;w=86400'
    policy = refresh(client).headers["RateLimit-Policy"]
    assert '"day";q=2000;w=86400' in policy


def test_visitors_who_ask_without_a_cookie_are_not_counted(client):
    assert {refresh(client).status_code for _ in range(70)} == {401}
    log_in(client, make_user())
    assert refresh(client).status_code == 200


def test_anybody_may_log_out_at_any_time(client):
    assert {log_out(client).status_code for _ in range(70)} == {204}


def test_what_is_left_is_announced(client):
    answer = log_in(client, make_user())
    assert (
        answer.headers["RateLimit-Policy"]
        == '"minute";q=10;w=60, "minute";q=60;w=60, "hour";q=100;w=3600, "day";q=200;w=86400'
    )
    assert answer.headers["RateLimit"].startswith('"minute";r=9;t=')


def test_the_limits_hold_per_process_without_redis(make_app, app):
    user = make_user()
    alone = make_app(REDIS_URL="redis://127.0.0.1:1/0").test_client()
    answers = statuses(log_in(alone, user, "wrong") for _ in range(12))
    assert answers == [400] * 10 + [429] * 2


def test_redis_learns_no_email(client, redis_url):
    user = make_user()
    log_in(client, user, PASSWORD)
    with redis.Redis.from_url(redis_url) as store:
        keys = b" ".join(store.keys("*")).decode()
    assert "account:" in keys
    assert user.email not in keys
