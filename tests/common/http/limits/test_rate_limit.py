import re

import pytest

from common.http.auth import issue_access_token
from common.http.limits.rate_limit import QUOTA_EXCEEDED

LIMITED = "/probe/limited/"


def spend(client, times, headers=None):
    return [client.post(LIMITED, headers=headers) for _ in range(times)]


def statuses(answers):
    return [answer.status_code for answer in answers]


@pytest.fixture
def strict(build, redis_url, janitor):
    """A probe application with two calls a minute, counted in the real Redis."""
    janitor.clean()
    yield build(REDIS_URL=redis_url, TRIGGER_LIMIT="10/second;2/minute").test_client()
    janitor.clean()


def test_a_limit_lets_its_calls_through_and_refuses_the_next(strict):
    answers = spend(strict, 3)
    assert statuses(answers) == [200, 200, 429]
    refused = answers[2]
    assert refused.mimetype == "application/problem+json"
    assert refused.json["type"] == QUOTA_EXCEEDED
    assert refused.json["violated-policies"] == ["minute"]
    assert 1 <= int(refused.headers["Retry-After"]) <= 61
    assert refused.headers["Retry-After"] in refused.json["detail"]


def test_every_limited_answer_announces_all_policies_and_what_is_left(strict):
    first, second, refused = spend(strict, 3)
    for answer in (first, second, refused):
        assert answer.headers["RateLimit-Policy"] == '"second";q=10;w=1, "minute";q=2;w=60'
    assert re.fullmatch(r'"minute";r=1;t=\d+', first.headers["RateLimit"])
    assert re.fullmatch(r'"minute";r=0;t=\d+', second.headers["RateLimit"])


def test_users_and_addresses_are_counted_apart(build, redis_url, janitor):
    janitor.clean()
    app = build(REDIS_URL=redis_url, TRIGGER_LIMIT="1/minute")
    client = app.test_client()
    with app.app_context():
        users = [{"Authorization": f"Bearer {issue_access_token(user_id)}"} for user_id in (1, 2)]
    assert statuses(spend(client, 2)) == [200, 429]
    for header in users:
        assert statuses(spend(client, 2, header)) == [200, 429]
    other = client.post(LIMITED, environ_overrides={"REMOTE_ADDR": "192.0.2.9"})
    assert other.status_code == 200


def test_one_ipv6_household_is_one_caller(strict):
    def call(address):
        return strict.post(LIMITED, environ_overrides={"REMOTE_ADDR": address}).status_code

    assert [call(f"2001:db8::{n}") for n in (1, 2, 3)] == [200, 200, 429]
    assert call("2001:db8:0:1::1") == 200


def test_two_applications_on_one_redis_share_their_counts(build, redis_url, janitor):
    janitor.clean()
    clients = [build(REDIS_URL=redis_url, TRIGGER_LIMIT="3/minute").test_client() for _ in range(2)]
    assert statuses(spend(clients[0], 2) + spend(clients[1], 2)) == [200, 200, 200, 429]


def test_without_redis_limits_are_counted_in_memory(build):
    client = build(REDIS_URL=None, TRIGGER_LIMIT="2/minute").test_client()
    assert statuses(spend(client, 3)) == [200, 200, 429]


def test_a_redis_that_is_away_neither_lifts_the_limit_nor_fails_the_call(build):
    client = build(REDIS_URL="redis://127.0.0.1:1/0", TRIGGER_LIMIT="2/minute").test_client()
    assert statuses(spend(client, 3)) == [200, 200, 429]


def test_limits_can_be_switched_off(build):
    client = build(RATE_LIMITS_ENABLED=False, TRIGGER_LIMIT="1/minute").test_client()
    answers = spend(client, 3)
    assert statuses(answers) == [200, 200, 200]
    assert "RateLimit" not in answers[0].headers


def test_an_unlimited_answer_announces_nothing(strict):
    assert "RateLimit" not in strict.get("/probe/query/").headers
