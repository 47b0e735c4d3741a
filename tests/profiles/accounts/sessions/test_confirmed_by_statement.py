"""Calls whose own statement asks whether the caller may act: their answers are those of any other."""

import re

import pytest

from common.clock import now
from common.database.connections.connection import BoundedCursor
from common.database.session import db
from common.http.acting_accounts import VERIFIED
from profiles.accounts.models import User
from tests.activity.events import count, event, put
from tests.database import on_server
from tests.factories import make_tutor
from tests.profiles.accounts.endpoints import another_browser, log_in, log_out, set_active

LOG, TRIGGER = "/api/me/activity/", "/api/me/activity/trigger/"
PROFILE, ME = "/api/me/profile/", "/api/users/me/"
AUTOSAVE = f"{PROFILE}autosave/"
EVENT, TYPED = {"action": "a.b"}, {"tutor_profile": {"bio": "typed"}}
CALLS = {
    "the log": ("GET", LOG, {}),
    "a filtered log": ("GET", f"{LOG}?action=a.b,a.c&entity_type=lesson", {}),
    "a log of days": ("GET", f"{LOG}?date_from=2026-02-01&date_to=2026-03-01", {}),
    "a log of no time at all": ("GET", f"{LOG}?date_to=1970-01-01T00:00:00Z", {}),
    "a log that has not changed": ("GET", LOG, {"headers": {"If-None-Match": '"a"'}}),
    "a log before an event of nobody's": (
        "GET",
        f"{LOG}?before=00000000-0000-7000-8000-000000000000",
        {},
    ),
    "a malformed filter": ("GET", f"{LOG}?action=A", {}),
    "a trigger": ("POST", TRIGGER, {"json": EVENT}),
    "a trigger with a key": (
        "POST",
        TRIGGER,
        {"json": EVENT, "headers": {"Idempotency-Key": "k"}},
    ),
    "an invalid trigger": ("POST", TRIGGER, {"json": {"action": "A"}}),
    "a trigger without a body": ("POST", TRIGGER, {}),
    "an autosave": ("PATCH", AUTOSAVE, {"json": TYPED}),
    "an autosave of nothing": ("PATCH", AUTOSAVE, {"json": {}}),
    "an invalid autosave": ("PATCH", AUTOSAVE, {"json": {"tutor_profile": {"bio": 5}}}),
    "an autosave of another state": (
        "PATCH",
        AUTOSAVE,
        {"json": TYPED, "headers": {"If-Match": '"x"'}},
    ),
    "a save": ("PATCH", PROFILE, {"json": TYPED}),
    "a save of nothing": ("PATCH", PROFILE, {"json": {}}),
    "a save of settings": ("PATCH", PROFILE, {"json": {"settings": {"show_bio_publicly": False}}}),
    "an invalid save": ("PATCH", PROFILE, {"json": {"tutor_profile": {"bio": 5}}}),
    "a save of another state": (
        "PATCH",
        PROFILE,
        {"json": TYPED, "headers": {"If-Match": '"x"'}},
    ),
    "a publication without a draft": ("POST", f"{AUTOSAVE}publish/", {}),
}


class Session:
    """A tutor's browser, whose token the process has verified."""

    def __init__(self, client, tutor):
        self.browser = another_browser(client)
        self._token = log_in(self.browser, tutor).json["access"]
        assert self.call("GET", ME).status_code == 200

    def call(self, method, path, headers=None, **body):
        headers = {"Authorization": f"Bearer {self._token}", **(headers or {})}
        return self.browser.open(path, method=method, headers=headers, **body)

    def has_verified_token(self):
        return self._token in self.browser.application.extensions[VERIFIED]


@pytest.fixture
def tutor(app):
    return make_tutor()


@pytest.fixture
def session(client, tutor):
    return Session(client, tutor)


def end_session(session, tutor):
    assert log_out(session.browser).status_code == 204


def deactivate(session, tutor):
    set_active(tutor, False)


def erase(session, tutor):
    db.session.delete(db.session.get_one(User, tutor.id))
    db.session.commit()


@pytest.mark.parametrize("end", [end_session, deactivate, erase])
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_one_who_may_not_act_any_more_gets_the_same_refusal_and_changes_nothing(
    session, tutor, call, end
):
    method, path, options = call
    end(session, tutor)
    db.session.rollback()
    before = count()
    assert session.has_verified_token()
    answers = [session.call(method, path, **options) for _ in range(2)]
    expected = session.call("GET", ME)
    for answer in answers:
        assert answer.status_code == expected.status_code == 401
        assert {**answer.json, "instance": ""} == {**expected.json, "instance": ""}
        assert answer.headers["WWW-Authenticate"] == expected.headers["WWW-Authenticate"]
        assert not {"RateLimit", "RateLimit-Policy", "ETag"} & {*answer.headers.keys()}
    assert count() == before
    assert db.session.scalar(db.text("select count(*) from profile_drafts")) == 0


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_the_first_answer_of_a_token_is_that_of_the_next(session, client, tutor, call):
    method, path, options = call
    client.application.extensions[VERIFIED].clear()
    first = session.call(method, path, **options)
    assert first.status_code != 401
    db.session.execute(db.text("delete from activity_receipts"))
    db.session.execute(db.text("delete from profile_drafts"))
    db.session.commit()
    second = session.call(method, path, **options)
    assert second.status_code == first.status_code
    assert {*second.headers.keys()} == {*first.headers.keys()}


def test_a_token_of_an_ended_session_spends_its_owners_limit_once_at_most(client, tutor):
    thief, owner = Session(client, tutor), Session(client, tutor)
    assert owner.call("DELETE", "/api/me/sessions/").status_code == 204
    owner = Session(client, tutor)
    for _ in range(40):
        assert thief.call("POST", TRIGGER, json=EVENT).status_code == 401
    left = owner.call("POST", TRIGGER, json=EVENT).headers["RateLimit"]
    assert left.startswith('"second";r=4') or left.startswith('"second";r=3')
    assert count("action = 'activity.trigger.rate_limited'") == 0


def left_of(answer, policy):
    """What an answer announces to be left of a policy."""
    return int(re.search(rf'"{policy}";r=(\d+)', answer.headers["RateLimit"])[1])


def test_a_large_trigger_of_an_ended_session_spends_nothing_of_its_owners_bytes(client, tutor):
    thief, owner = Session(client, tutor), Session(client, tutor)
    before = left_of(owner.call("POST", TRIGGER, json=EVENT), "bytes")
    assert log_out(thief.browser).status_code == 204
    padded = b'{"action": "a.b"' + b" " * 900_000 + b"}"
    refused = thief.call("POST", TRIGGER, headers={"Content-Type": "application/json"}, data=padded)
    assert refused.status_code == 401
    assert before - left_of(owner.call("POST", TRIGGER, json=EVENT), "bytes") < 2000


def test_where_the_database_fails_an_ended_session_learns_nothing_and_is_asked_about_next(
    make_app, tutor, database_url
):
    client = make_app(LOCK_TIMEOUT_MS=50).test_client()
    thief, owner = Session(client, tutor), Session(client, tutor)
    before = left_of(owner.call("PATCH", AUTOSAVE, json=TYPED), "minute")
    assert log_out(thief.browser).status_code == 204
    with on_server(database_url) as cursor:
        cursor.execute("begin")
        cursor.execute("select from users where id = %s for no key update", (tutor.id,))
        failed = thief.call("PATCH", AUTOSAVE, json=TYPED)
        refused = [thief.call("PATCH", AUTOSAVE, json=TYPED) for _ in range(3)]
        cursor.execute("rollback")
    assert failed.status_code == 503
    assert not {"RateLimit", "RateLimit-Policy"} & {*failed.headers.keys()}
    assert [each.status_code for each in refused] == [401, 401, 401]
    assert before - left_of(owner.call("PATCH", AUTOSAVE, json=TYPED), "minute") <= 2


def test_a_refused_call_beyond_the_limit_is_not_recorded_for_one_who_may_not_act(session, tutor):
    for _ in range(6):
        limited = session.call("POST", TRIGGER, json=EVENT)
    assert limited.status_code == 429
    recorded = count("action = 'activity.trigger.rate_limited'")
    db.session.execute(db.text("delete from activity_events"))
    db.session.commit()
    deactivate(session, tutor)
    assert session.call("POST", TRIGGER, json=EVENT).status_code == 401
    assert recorded == 1 and count("action = 'activity.trigger.rate_limited'") == 0


@pytest.fixture
def exchanges(monkeypatch):
    """What was sent to the database from here on, one by one."""
    sent, execute = [], BoundedCursor.execute

    def note(cursor, query, values=None):
        sent.append(query)
        return execute(cursor, query, values)

    monkeypatch.setattr(BoundedCursor, "execute", note)
    return sent


@pytest.mark.parametrize(
    ("number", "call"),
    [
        (1, ("GET", f"{LOG}?action=a.b&page_size=1", {})),
        (2, ("GET", f"{LOG}?action=a.b&page_size=1&date_from=2026-02-01", {})),
        (1, ("POST", TRIGGER, {"json": EVENT})),
    ],
    ids=["a page of the log", "one from a day on, which is the day of a place", "a trigger"],
)
def test_whether_the_account_may_act_takes_no_exchange_of_its_own(
    session, tutor, exchanges, number, call
):
    put(*[event(tutor.id, now(), action="a.b") for _ in range(3)])
    method, path, options = call
    for _ in range(3):
        # From the third on, all statements are prepared.
        exchanges.clear()
        assert session.call(method, path, **options).status_code in (200, 201)
    assert len(exchanges) == number


def test_an_autosave_takes_two_exchanges(session, exchanges):
    for bio in ("one", "two", "three"):
        exchanges.clear()
        answer = session.call("PATCH", AUTOSAVE, json={"tutor_profile": {"bio": bio}})
        assert answer.status_code == 200
    assert len(exchanges) == 2
