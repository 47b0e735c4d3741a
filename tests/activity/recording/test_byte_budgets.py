"""How many bytes of events a caller may have stored within an hour."""

import orjson
import pytest

from activity import Action, event_queue, observe
from activity.recording.bulk_insert import ROW_BYTES
from common.config import SETTINGS
from common.http.limits import byte_budget
from common.http.limits.byte_budget import MemoryBudgets
from tests.activity.events import count
from tests.activity.senders import EVENTS, TRIGGER
from tests.conftest import IsolatedClient
from tests.factories import as_user, make_user

DEFAULTS = {setting.name: setting.default for setting in SETTINGS}
LARGE = {"action": "a.b", "metadata": {"text": "x" * 4000}}
BODY = orjson.dumps({"events": [LARGE]})
SPENT = len(BODY) + 600
# Room for so many, and for something smaller.
BUDGET = 14 * SPENT + 1000
DAY_POLICY = f'"bytes-day";q={BUDGET};w=86400;qu="content-bytes"'
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


def test_what_a_user_does_and_sends_share_one_budget(client):
    user, other = make_user(), make_user()
    until_refused(lambda: send(as_user(client, user)))
    for person in (user, other):
        for number in range(10):
            observe(Action.PROFILE_VIEWED, person.id, metadata={"tutor_id": number})
    assert event_queue().drain()
    assert count(f"action = 'profile.viewed' and user_id = {other.id}") == 10
    # One may still fit.
    assert count(f"action = 'profile.viewed' and user_id = {user.id}") <= 1


def test_a_day_has_a_budget_of_its_own(make_app, app, redis_url):
    limited = make_app(USER_EVENT_DAY_BYTES=BUDGET, EVENTS_LIMIT="1000/minute")
    with limited.app_context():
        me = as_user(IsolatedClient(limited, limited.response_class), make_user())
        *stored, refused = until_refused(lambda: send(me))
        assert len(stored) == 14
        assert stored[0].headers["RateLimit-Policy"].endswith(DAY_POLICY)
        assert refused.status_code == 429
        assert refused.json["violated-policies"] == ["bytes-day"]
        assert 86_000 <= int(refused.headers["Retry-After"]) <= 86_400
        # Refused, a call spends nothing of the hour either.
        left = [int(each.headers["RateLimit"].split("r=")[2].split(";")[0]) for each in stored]
        assert left[0] - left[-1] == 13 * SPENT
        again = send(me)
        for policy in ('"bytes";r=', '"bytes-day";r='):
            one, other = (
                each.headers["RateLimit"].split(policy)[1].split(";")[0]
                for each in (stored[-1], again)
            )
            assert one == other


def test_accounts_at_one_address_share_a_wide_budget_that_is_announced_when_it_refuses(
    make_app, app, redis_url
):
    limited = make_app(ADDRESS_EVENT_BYTES=BUDGET, EVENTS_LIMIT="1000/minute")
    with limited.app_context():
        visitor = IsolatedClient(limited, limited.response_class)
        people = [as_user(visitor, make_user()) for _ in range(3)]
        answers = [send(people[number % 2]) for number in range(14)]
        assert {each.status_code for each in answers} == {202}
        assert "bytes-address" not in answers[-1].headers["RateLimit-Policy"]
        refused = send(people[2])
        assert refused.status_code == 429
        assert refused.json["violated-policies"] == ["bytes-address"]
        assert '"bytes-address";q=' in refused.headers["RateLimit-Policy"]
        assert send(people[2], environ_base={"REMOTE_ADDR": "203.0.113.9"}).status_code == 202


def test_an_hour_of_a_person_with_the_page_open_is_within_the_default_budget():
    """An event every two seconds for an hour, each with a view of a card beside it."""
    event = {"action": "page.viewed", "metadata": {"path": "/tutors/123456", "query": "x" * 100}}
    one = len(orjson.dumps(event)) + 2 * ROW_BYTES + 100
    assert 1800 * one < int(DEFAULTS["USER_EVENT_BYTES"])
    assert 4 * 1800 * one <= int(DEFAULTS["USER_EVENT_DAY_BYTES"])


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
