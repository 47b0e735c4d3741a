"""How many bytes of events a caller may have stored within an hour."""

import orjson
import pytest

from activity import Action, event_queue, observe
from common.http import byte_budget
from common.http.byte_budget import MemoryBudgets
from tests.activity.events import count
from tests.activity.senders import EVENTS, TRIGGER
from tests.conftest import IsolatedClient
from tests.factories import as_user, make_user

LARGE = {"action": "a.b", "metadata": {"text": "x" * 4000}}
BODY = orjson.dumps({"events": [LARGE]})
SPENT = len(BODY) + 600
# Room for so many, and for something smaller.
BUDGET = 14 * SPENT + 1000
POLICY = f'"bytes";q={BUDGET};w=3600;qu="content-bytes"'


@pytest.fixture(params=["redis", "memory"])
def limited(request, make_app, redis_url):
    """An app with small budgets and without another limit in the way."""
    app = make_app(
        VISITOR_EVENT_BYTES=BUDGET,
        USER_EVENT_BYTES=BUDGET,
        EVENTS_LIMIT="1000/minute",
        TRIGGER_LIMIT="1000/minute",
        **({} if request.param == "redis" else {"REDIS_URL": None}),
    )
    with app.app_context():
        yield app


@pytest.fixture
def client(app, limited):
    return IsolatedClient(limited, limited.response_class, use_cookies=True)


def send(client, **options):
    return client.post(EVENTS, data=BODY, content_type="application/json", **options)


def until_refused(call):
    """The answers of calls up to the first that is refused."""
    answers = [call()]
    while answers[-1].status_code < 400:
        assert len(answers) < 50
        answers.append(call())
    return answers


def assert_refused(answer):
    assert answer.status_code == 429
    assert answer.mimetype == "application/problem+json"
    assert answer.json["code"] == "rate_limited"
    assert answer.json["violated-policies"] == ["bytes"]
    assert 3500 <= int(answer.headers["Retry-After"]) <= 3600


def test_a_visitors_batches_are_refused_beyond_the_bytes_of_an_hour(client):
    *stored, refused = until_refused(lambda: send(client))
    assert len(stored) == 14
    assert_refused(refused)
    assert count() == len(stored)
    # What is smaller than the rest still fits.
    assert client.post(EVENTS, json={"events": [{"action": "a.b"}]}).status_code == 202


def test_many_small_events_cost_what_their_rows_take(client):
    small = {"events": [{"action": "a.b"}] * 100}
    *stored, refused = until_refused(lambda: client.post(EVENTS, json=small))
    assert len(stored) == 1
    assert_refused(refused)


def test_a_users_batches_and_triggers_share_one_budget(client):
    me = as_user(client, make_user())
    until_refused(lambda: send(me))
    assert_refused(me.post(TRIGGER, json=LARGE))


def test_users_and_addresses_have_budgets_of_their_own(client):
    me = as_user(client, make_user())
    until_refused(lambda: send(client))
    assert send(me).status_code == 202
    elsewhere = {"REMOTE_ADDR": "203.0.113.9"}
    assert send(client, environ_base=elsewhere).status_code == 202


def test_what_is_left_is_announced(client):
    answer = send(client)
    assert POLICY in answer.headers["RateLimit-Policy"]
    assert f'"bytes";r={BUDGET - SPENT};t=' in answer.headers["RateLimit"]
    refused = until_refused(lambda: send(client))[-1]
    assert POLICY in refused.headers["RateLimit-Policy"]


def test_what_a_user_does_is_logged_up_to_the_bytes_of_an_hour(limited):
    user = make_user()
    for number in range(200):
        observe(Action.PROFILE_VIEWED, user.id, metadata={"tutor_id": number})
    assert event_queue().drain()
    stored = count("action = 'profile.viewed'")
    assert BUDGET // 700 < stored <= BUDGET // 600


def test_an_hour_begins_with_its_first_byte():
    budgets = MemoryBudgets()
    assert budgets.spend("a", 80, 100, 0.0) == (80, 3600)
    assert budgets.spend("a", 30, 100, 1000.0) == (110, 2600)
    assert budgets.spend("a", 20, 100, 3599.0) == (100, 1)
    assert budgets.spend("a", 80, 100, 3600.0) == (80, 3600)


def test_callers_that_left_take_no_memory_for_long():
    budgets = MemoryBudgets(most_callers=10)
    for n in range(100):
        budgets.spend(f"caller {n}", 1, 100, float(n * byte_budget.SECONDS))
    assert len(budgets._spent) <= 11


def test_without_limits_there_are_no_budgets(app, make_app):
    client = make_app(VISITOR_EVENT_BYTES=BUDGET, RATE_LIMITS_ENABLED=False).test_client()
    assert all(send(client).status_code == 202 for _ in range(20))


def test_processes_share_a_budget(make_app, app, redis_url):
    one, other = (make_app(VISITOR_EVENT_BYTES=BUDGET) for _ in range(2))
    until_refused(lambda: send(one.test_client()))
    one.extensions[byte_budget.SHARED].exchange.exchange()
    visitor = other.test_client()
    # The first is accepted by a process that knows nothing of its caller, and asks.
    assert send(visitor).status_code == 202
    other.extensions[byte_budget.SHARED].exchange.exchange()
    assert_refused(send(visitor))
