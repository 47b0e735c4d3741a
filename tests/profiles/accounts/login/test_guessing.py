"""Guesses at one account are bounded wherever they come from, and lock its owner out of nothing."""

from datetime import timedelta

import pytest
import time_machine
from itsdangerous import URLSafeTimedSerializer

from activity import event_queue
from common.clock import now
from profiles.accounts.login.failures import FailureCounts
from profiles.accounts.login.limits import digest_of
from tests.factories import as_user, make_user
from tests.profiles.accounts.endpoints import (
    COOKIE_PATH,
    another_browser,
    log_in,
    log_out,
    register,
)


def guess(client, user, number, password="a guess"):
    """Log in from a browser without cookies at an address of its own."""
    address = {"REMOTE_ADDR": f"203.{number // 62_500 % 250}.{number // 250 % 250}.{number % 250}"}
    return log_in(another_browser(client), user, password, environ_overrides=address)


def device_of(client):
    cookie = client.get_cookie("device", path=COOKIE_PATH)
    return cookie.value if cookie else None


@pytest.fixture
def traveller():
    with time_machine.travel(now(), tick=False) as travel:
        yield travel


def test_a_hundred_guesses_an_hour_are_let_through_from_all_addresses_together(client, traveller):
    user, neighbour = make_user(), make_user()
    answers = [guess(client, user, number).status_code for number in range(103)]
    assert answers == [400] * 100 + [429] * 3
    # The right password, from one more address, is no exception.
    refused = guess(client, user, 999, "correct horse")
    assert refused.status_code == 429
    assert refused.json["code"] == "rate_limited"
    assert guess(client, neighbour, 1).status_code == 400
    traveller.shift(timedelta(hours=1, seconds=1))
    assert guess(client, user, 999, "correct horse").status_code == 200


def test_an_email_without_an_account_is_limited_alike(client):
    answers = [guess(client, "nobody@example.com", number).status_code for number in range(102)]
    assert answers == [400] * 100 + [429] * 2


def test_the_owners_browser_logs_in_however_much_strangers_guess(client, make_app):
    strict = make_app(LOGIN_GUESS_LIMIT="3/hour", LOGIN_ACCOUNT_LIMIT="2/minute").test_client()
    user = make_user()
    assert log_in(strict, user).status_code == 200
    log_out(strict)
    # From the owner's own network too.
    for _ in range(5):
        log_in(another_browser(strict), user, "a guess")
    assert log_in(another_browser(strict), user).status_code == 429
    assert log_in(strict, user).status_code == 200


def test_a_browser_that_registered_an_account_is_known_to_it(client, make_app):
    strict = make_app(LOGIN_GUESS_LIMIT="1/hour").test_client()
    register(strict)
    for number in range(3):
        guess(strict, "olena@example.com", number)
    assert log_in(strict, "olena@example.com", "a long walk at dusk").status_code == 200


def test_a_known_browser_has_a_limit_too(client, traveller):
    user = make_user()
    log_in(client, user)
    answers = []
    for _ in range(11):
        answers += [log_in(client, user, "a guess").status_code for _ in range(11)]
        traveller.shift(timedelta(minutes=1, seconds=1))
    assert answers == ([400] * 10 + [429]) * 10 + [429] * 11
    # Other browsers' budget is their own.
    assert guess(client, user, 1).status_code == 400


def test_a_browser_known_to_one_account_guesses_at_another_as_a_stranger(client, make_app):
    strict = make_app(LOGIN_GUESS_LIMIT="3/hour")
    attacker, victim = make_user(), make_user()
    browsers = [strict.test_client() for _ in range(4)]
    for browser in browsers:
        log_in(browser, attacker)
    answers = [log_in(browser, victim, "a guess").status_code for browser in browsers]
    assert answers == [400] * 3 + [429]


def test_people_who_share_a_browser_are_all_known_to_it(client, make_app):
    strict = make_app(LOGIN_GUESS_LIMIT="1/hour").test_client()
    users = [make_user() for _ in range(5)]
    for user in users:
        assert log_in(strict, user).status_code == 200
    assert {log_in(strict, user).status_code for user in users} == {200}


def test_a_failed_log_in_sets_no_cookie(client):
    log_in(client, make_user(), "a guess")
    assert device_of(client) is None


def test_the_cookie_is_out_of_reach_of_scripts_and_names_nobody(client):
    user = make_user()
    refresh, device = log_in(client, user).headers.getlist("Set-Cookie")
    assert refresh.startswith("refresh=") and device.startswith("device=")
    for attribute in ("HttpOnly", "SameSite=Lax", "Path=/api/auth", "Max-Age=31536000"):
        assert attribute in device
    assert user.email not in device and len(device) < 500
    log_out(client)
    assert device_of(client) is not None


def test_a_browser_stays_known_while_the_secret_key_is_rotated(make_app):
    old, new = "o" * 40, "n" * 40
    before = make_app(SECRET_KEY=(old,), LOGIN_GUESS_LIMIT="1/hour")
    during = make_app(SECRET_KEY=(new, old), LOGIN_GUESS_LIMIT="1/hour")
    after = make_app(SECRET_KEY=(new,), LOGIN_GUESS_LIMIT="1/hour")
    browser = before.test_client()
    with before.app_context():
        user = make_user()
    for app in (before, during, after):
        browser.application = app
        assert log_in(browser, user).status_code == 200


def forged(app, user):
    account = digest_of(user.email)
    yield "nonsense"
    yield "x" * 4000
    yield URLSafeTimedSerializer("k" * 32, salt="device cookie").dumps(["device", [account]])
    yield URLSafeTimedSerializer(app.config["SECRET_KEY"], salt="x").dumps(["device", [account]])


def test_a_forged_or_expired_cookie_makes_no_browser_known(app, client, make_app, traveller):
    strict = make_app(LOGIN_GUESS_LIMIT="1/hour").test_client()
    user = make_user()
    log_in(strict, user)
    genuine = device_of(strict)
    traveller.shift(timedelta(days=365, seconds=1))
    assert guess(strict, user, 0).status_code == 400
    for value in (genuine, *forged(app, user)):
        browser = another_browser(strict)
        browser.set_cookie("device", value, path=COOKIE_PATH)
        assert log_in(browser, user).status_code == 429


@pytest.mark.parametrize("padding", [16_000, 20_000, 500_000])
def test_a_large_log_in_counts_under_its_account_too(client, padding):
    user = make_user()
    body = {"email": user.email, "password": "a guess", "padding": "x" * padding}
    answers = [client.post("/api/auth/login/", json=body).status_code for _ in range(11)]
    assert answers == [422] * 10 + [429]
    assert log_in(client, user).status_code == 429


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"email": 7}', b'{"password": "x"}'])
def test_log_ins_that_name_nobody_share_no_limit_beyond_their_address(client, make_app, body):
    strict = make_app(LOGIN_GUESS_LIMIT="1/hour").test_client()
    for number in range(3):
        answer = strict.post(
            "/api/auth/login/",
            data=body,
            content_type="application/json",
            environ_overrides={"REMOTE_ADDR": f"203.0.113.{number}"},
        )
        assert answer.status_code in {400, 422}


def logged_failures_of(client, user):
    assert event_queue().drain()
    log = as_user(client, user).get("/api/me/activity/?action=auth.login_failed").json["results"]
    return [event["metadata"]["count"] for event in reversed(log)]


def test_the_owner_finds_failed_log_ins_every_ten_minutes_at_most(client, app, traveller):
    user = make_user()
    for number in range(7):
        guess(client, user, number)
    assert logged_failures_of(client, user) == [1]
    traveller.shift(timedelta(minutes=10, seconds=1))
    # Redis keeps its own time.
    redis_forgets_that_it_reported(app, user)
    guess(client, user, 8)
    guess(client, user, 9)
    assert logged_failures_of(client, user) == [1, 7]


def test_failures_not_logged_yet_are_logged_when_the_owner_logs_in(client, app):
    user = make_user()
    for number in range(3):
        guess(client, user, number)
    redis_forgets_that_it_reported(app, user)
    log_in(client, user)
    log_in(client, user)
    assert logged_failures_of(client, user) == [1, 2]


def redis_forgets_that_it_reported(app, user):
    key = f"failures:{{{digest_of(user.email)}}}:reported"
    assert app.extensions["redis_client"].call(lambda redis: redis.delete(key), 0) == 1


def test_a_failed_log_in_is_logged_with_what_the_owner_can_judge_it_by(client):
    user = make_user()
    address = {"REMOTE_ADDR": "203.0.113.9"}
    log_in(client, user, "a guess", environ_overrides=address, headers={"User-Agent": "Probe/1"})
    assert logged_failures_of(client, user) == [1]
    (event,) = (
        as_user(client, user).get("/api/me/activity/?action=auth.login_failed").json["results"]
    )
    assert (event["ip_address"], event["user_agent"]) == ("203.0.113.9", "Probe/1")
    assert (event["entity_type"], event["entity_id"]) == ("account", str(user.id))
    assert (event["status_code"], event["source"]) == (400, "server")


def test_the_owner_finds_failures_without_redis_too(client, make_app, app):
    alone = make_app(REDIS_URL="redis://127.0.0.1:1/0")
    user = make_user()
    for _ in range(3):
        log_in(alone.test_client(), user, "a guess")
    with alone.app_context():
        assert event_queue().drain()
    assert logged_failures_of(client, user) == [1]


def test_counts_in_memory_are_reported_once_in_a_while_and_bounded(monkeypatch):
    counts = FailureCounts()
    clock = [0.0]
    monkeypatch.setattr("profiles.accounts.login.failures.time.monotonic", lambda: clock[0])
    assert [counts.count("a", 1, 600) for _ in range(4)] == [1, 0, 0, 0]
    assert counts.count("b", 0, 600) == 0
    clock[0] = 601
    assert counts.count("a", 0, 600) == 3
    assert counts.count("a", 0, 600) == 0
    for number in range(25_000):
        counts.count(str(number), 1, 600)
    assert len(counts._counted) <= 10_000
