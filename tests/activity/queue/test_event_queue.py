"""Implicit events: nothing waits for them, and nothing but a full queue loses them."""

import subprocess
import sys
import time

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import text

from activity import Action, event_queue, observe
from activity.queue.event_queue import BATCH, FLUSH_SECONDS, EventQueue
from activity.recording.bulk_insert import insert_events
from activity.recording.daily_counts import visit_of
from common.background.thread import close_all
from common.config import ROOT
from common.database.session import db, engine_options
from tests.activity.events import NOON, count, event, visits
from tests.factories import make_user
from tests.waiting import eventually


def counted(name):
    return REGISTRY.get_sample_value(f"activity_{name}") or 0


@pytest.fixture
def make_queue(app, database_url):
    """Build further queues on the test's database, closed at its end."""
    made = []

    def make(capacity=10_000, url=None, lock_timeout=3000):
        changed = {"DATABASE_URL": url or database_url, "LOCK_TIMEOUT_MS": lock_timeout}
        made.append(EventQueue(engine_options({**app.config, **changed}), capacity))
        return made[-1]

    yield make
    for queue in made:
        queue.close(0.1)


@pytest.fixture
def blocked_log(app):
    """Keeps the log locked until called, as a database that is away for a while."""
    blocker = db.engine.connect()
    blocker.execute(text("lock table activity_events in access exclusive mode"))

    def release():
        blocker.rollback()
        blocker.close()

    yield release
    if not blocker.closed:
        release()


def test_an_observed_event_is_stored_soon(app, user):
    observe(Action.PROFILE_VIEWED, user.id, metadata={"tutor_id": 7}, duration_ms=5)
    assert event_queue().drain()
    assert count("action = 'profile.viewed' and user_id = :id", id=user.id) == 1
    assert count("duration_ms = 5 and status_code = 200 and source = 'server'") == 1


def test_an_event_nobody_drains_is_stored_all_the_same(app, user):
    observe(Action.PROFILE_VIEWED, user.id, metadata={"tutor_id": 7})
    eventually(lambda: count("action = 'profile.viewed'"))
    assert count("action = 'profile.viewed'") == 1


def test_an_observed_event_describes_its_request(app, user):
    with app.test_request_context(headers={"User-Agent": "Firefox"}):
        app.preprocess_request()
        observe(Action.MARKETPLACE_SEARCH, user.id, metadata={"query": "матем"}, status_code=304)
        event_queue().drain()
    assert count("user_agent = 'Firefox' and status_code = 304 and duration_ms >= 0") == 1
    assert count("metadata ->> 'query' = 'матем'") == 1


def test_what_is_observed_is_fixed_at_once(app, user):
    filters = {"language": ["uk"]}
    observe(Action.MARKETPLACE_FILTER_APPLIED, user.id, metadata={"filters": filters})
    filters["language"] = ["pl"]
    event_queue().drain()
    assert count("metadata -> 'filters' -> 'language' ->> 0 = 'uk'") == 1


@pytest.mark.parametrize(
    "action, metadata",
    [
        (Action.PROFILE_VIEWED, {"tutor_id": object()}),
        (Action.PROFILE_VIEWED, {"surprise": 1}),
        ("no.such.action", {}),
    ],
)
def test_a_mistaken_event_fails_no_request_and_is_counted(app, user, action, metadata):
    before = counted("events_failed_total")
    observe(action, user.id, metadata=metadata)
    assert counted("events_failed_total") == before + 1
    assert count("source = 'server' and action <> 'auth.registered'") == 0


def test_events_keep_their_order_across_batches(make_queue):
    queue = make_queue()
    written = [event(None, NOON, entity_id=str(n)) for n in range(2 * BATCH + 7)]
    for each in written:
        queue.put(each)
    assert queue.drain()
    assert count() == len(written)
    assert queue.depth() == 0


def test_a_full_queue_drops_and_counts(make_queue, blocked_log):
    queue = make_queue(capacity=5, lock_timeout=100)
    before = counted("events_dropped_total")
    accepted = [queue.put(event(None)) for _ in range(8)]
    assert accepted == [True] * 5 + [False] * 3
    assert counted("events_dropped_total") == before + 3
    assert queue.depth() == 5
    blocked_log()
    assert queue.drain(10)
    assert count() == 5


def test_events_outwait_a_database_that_is_away(make_queue, blocked_log):
    queue = make_queue(lock_timeout=50)
    for _ in range(20):
        queue.put(event(None))
    assert not queue.drain(0.5)
    blocked_log()
    assert queue.drain(10)
    assert count() == 20


def test_a_slow_write_is_not_added_to_the_window_of_those_who_came_meanwhile(
    make_queue, blocked_log, monkeypatch
):
    queue = make_queue()
    queue.put(event(None))
    eventually(lambda: queue.depth() == 1 and not queue._waiting)
    queue.put(event(None))
    # The second one's window is over by now. Were another one to begin, it would never end.
    time.sleep(2 * FLUSH_SECONDS)
    monkeypatch.setattr("activity.queue.event_queue.FLUSH_SECONDS", 3600)
    blocked_log()
    eventually(lambda: queue.depth() == 0)
    assert count() == 2


def test_a_process_that_ends_does_not_wait_for_an_absent_database(make_queue):
    queue = make_queue(url="postgresql://nobody@127.0.0.1:1/nowhere")
    before = counted("events_dropped_total")
    queue.put(event(None))
    queue.close(0.2)
    assert queue.depth() == 0
    assert counted("events_dropped_total") == before + 1


def test_an_event_the_database_refuses_is_lost_alone(make_queue):
    queue = make_queue()
    before = counted("events_failed_total")
    for n in range(9):
        queue.put(event(None)._replace(details="{" if n == 4 else "{}"))
    assert queue.drain()
    assert count() == 8
    assert counted("events_failed_total") == before + 1


def test_events_of_an_account_erased_meanwhile_are_left_out_of_their_batch(make_queue, user):
    queue = make_queue()
    gone = make_user()
    db.session.execute(text("delete from users where id = :id"), {"id": gone.id})
    db.session.commit()
    for owner in (user.id, gone.id, None):
        queue.put(event(owner))
    assert queue.drain()
    assert count("action = 'lesson.opened'") == 2


def test_a_batch_waits_for_an_erasure_under_way_and_leaves_its_events_out(make_queue, user):
    queue = make_queue()
    leaving = make_user()
    erasing = db.engine.connect()
    erasing.execute(text("delete from users where id = :id"), {"id": leaving.id})
    for owner in (user.id, leaving.id):
        queue.put(event(owner))
    assert not queue.drain(0.3)
    erasing.commit()
    erasing.close()
    assert queue.drain()
    assert count("action = 'lesson.opened'") == 1


def test_views_of_an_account_erased_meanwhile_are_not_counted(make_queue, user):
    queue = make_queue()
    leaving = make_user()
    erasing = db.engine.connect()
    erasing.execute(text("delete from users where id = :id"), {"id": leaving.id})
    for owner in (user.id, leaving.id):
        queue.put(visit_of(Action.PROFILE_VIEWED, {"tutor_id": owner}))
    assert not queue.drain(0.3)
    erasing.commit()
    erasing.close()
    assert queue.drain()
    assert visits() == {("profile.viewed", str(user.id)): 1}


def test_a_batch_written_twice_is_stored_once(app):
    events = [event(None) for _ in range(3)]
    for _ in range(2):
        insert_events(db.session.connection(), events)
    db.session.commit()
    assert count() == 3


def test_a_closed_queue_starts_again_with_the_next_event(make_queue):
    queue = make_queue()
    queue.put(event(None))
    queue.close()
    queue.put(event(None))
    assert queue.drain()
    assert count() == 2


def test_all_queues_of_a_process_are_drained_together(make_queue):
    """The one whose database is away does not use up the time of the others."""
    away = make_queue(url="postgresql://nobody@127.0.0.1:1/nowhere")
    queues = [away, make_queue(), make_queue()]
    for queue in queues:
        queue.put(event(None))
    close_all(0.5)
    assert [queue.depth() for queue in queues] == [0, 0, 0]
    assert count() == 2


ENDING = """
import os, sys
import wsgi
from activity import Action, event_queue, observe
app = wsgi.create_app()
with app.app_context():
    for number in range(700):
        observe(Action.MARKETPLACE_SORT_CHANGED, None, metadata={"ordering": "newest"})
"""
FORKING = ENDING + """
    child = os.fork()
    if child == 0:
        assert event_queue().depth() == 0
        observe(Action.MARKETPLACE_SORT_CHANGED, None, metadata={"ordering": "newest"})
        sys.exit(0)
    assert os.waitpid(child, 0)[1] == 0
"""


@pytest.mark.parametrize("script, stored", [(ENDING, 700), (FORKING, 701)])
def test_a_process_that_ends_writes_what_it_holds(app, settings, script, stored):
    environment = {name: str(value) for name, value in settings.items() if value is not None}
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=environment, check=True)
    assert visits() == {("marketplace.sort.changed", ""): stored}
