"""Walking a log: nothing repeated, nothing skipped, nobody else's, and at flat cost."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

import activity.log.reading
from activity import (
    Action,
    ensure_partitions,
    find_event,
    iterate_events,
    latest_events,
    metadata_of,
    record,
)
from activity.log.reading import EventFilter, find_events, read_in_session
from activity.log.schemas import OwnEvent
from activity.recording.bulk_insert import insert_events
from activity.uuid_time import EPOCH, MICROSECOND, event_id, to_microseconds
from common import clock
from common.database.connections.prepared_statements import INDEX_WALK_PLANS, Statement
from common.database.session import autocommit_pool, db, read_rows
from common.http.pagination import Position
from tests.activity.events import NOON, event, put
from tests.factories import as_user, make_user

# Moments close to a month's end, so that walks cross partitions, and often the same one.
OFFSETS = st.integers(-40, 40).map(lambda hours: timedelta(hours=hours * 20))


@given(
    stood=st.lists(OFFSETS, max_size=14),
    arriving=st.lists(OFFSETS, max_size=6),
    page_size=st.integers(1, 5),
)
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_walk_meets_once_whatever_stood_throughout(client, stood, arriving, page_size):
    user = make_user()
    me = as_user(client, user)
    standing = put(*[event(user.id, NOON + offset) for offset in stood]) if stood else []
    arriving = list(arriving)
    met, address = [], f"/api/me/activity/?page_size={page_size}&action=lesson.opened"
    while address:
        answer = me.get(address).json
        met += [each["id"] for each in answer["results"]]
        address = answer["next"]
        if arriving:
            put(event(user.id, NOON + arriving.pop()))
    assert len(met) == len(set(met))
    assert set(standing) <= set(met)


@given(offsets=st.lists(OFFSETS, min_size=1, max_size=12), page_size=st.integers(1, 4))
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_way_back_meets_the_same_events(client, offsets, page_size):
    user = make_user()
    me = as_user(client, user)
    put(*[event(user.id, NOON + offset) for offset in offsets])
    address, pages = f"/api/me/activity/?page_size={page_size}&action=lesson.opened", []
    while address:
        pages.append(me.get(address).json)
        address = pages[-1]["next"]
    back = [pages[-1]]
    while back[-1]["previous"]:
        back.append(me.get(back[-1]["previous"]).json)
    assert [page["results"] for page in reversed(back)] == [page["results"] for page in pages]


def test_events_are_listed_newest_first_by_time_and_then_by_id(me, user):
    ids = put(*[event(user.id, NOON + timedelta(days=days)) for days in (0, 31, 31, -400, 2)])
    listed = me.get("/api/me/activity/?action=lesson.opened").json["results"]
    at_once = sorted([ids[1], ids[2]], reverse=True)
    assert [each["id"] for each in listed] == [*at_once, ids[4], ids[0], ids[3]]


def test_an_event_of_the_future_is_listed_too(me, user):
    """A clock that was wrong for a while leaves such events behind."""
    (late,) = put(event(user.id, clock.now() + timedelta(days=4000)))
    assert me.get("/api/me/activity/").json["results"][0]["id"] == late


def test_an_answer_is_what_its_schema_would_dump(me, user):
    put(event(user.id, metadata={"ключ": ["\u2028", 1.5, None, {"a": "b"}]}, entity_id="x"))
    (listed,) = me.get("/api/me/activity/?action=lesson.opened").json["results"]
    assert OwnEvent().dump(listed) == listed
    assert not OwnEvent().validate(listed)


def test_one_event_is_found_by_its_owner_only(user):
    (stored,) = put(event(user.id, metadata={"before": {"bio": "x"}}))
    found = find_event(user.id, UUID(stored))
    assert metadata_of(found) == {"before": {"bio": "x"}}
    assert find_event(user.id, UUID(stored), "lesson.opened") is not None
    assert find_event(user.id, UUID(stored), "profile.snapshot") is None
    assert find_event(make_user().id, UUID(stored)) is None
    db.session.rollback()


def test_the_latest_events_of_a_kind_include_those_of_the_callers_transaction(user):
    for version in (1, 2, 3):
        record(Action.PROFILE_AUTOSAVE, user.id, metadata={"version": version})
    latest = latest_events(user.id, Action.PROFILE_AUTOSAVE, 2)
    assert [metadata_of(each)["version"] for each in latest] == [3, 2]
    db.session.rollback()


def test_an_export_reads_all_events_in_parts(user, monkeypatch):
    monkeypatch.setattr(activity.log.reading, "EXPORT_BATCH_SIZE", 4)
    put(*[event(user.id, NOON + timedelta(days=20 * n), metadata={"n": n}) for n in range(11)])
    exported = list(iterate_events(user.id, EventFilter(("lesson.opened",))))
    assert [metadata_of(each)["n"] for each in exported] == list(reversed(range(11)))
    assert len(list(iterate_events(user.id))) == 12


MONTHS = 14
KINDS = ("a.common", "b.common")


@pytest.fixture
def long_log(user, other_user):
    """Fourteen months of two people's events, of two common kinds and a rare one."""
    connection = db.session.connection()
    end = clock.now()
    start = end - timedelta(days=30 * MONTHS)
    ensure_partitions(connection, start, end)
    rows = 20_000
    for part in range(0, rows, 2_000):
        rows_of_part = [
            event(
                user.id if n % 3 else other_user.id,
                start + (end - start) * n / rows,
                action="c.rare" if n % 4999 == 1 else KINDS[n % 2],
                entity_type="tutor" if n % 5 else None,
            )
            for n in range(part, part + 2_000)
        ]
        insert_events(connection, rows_of_part)
    db.session.commit()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as maintenance:
        maintenance.execute(text("vacuum analyze activity_events"))


@pytest.fixture
def other_user(app):
    return make_user()


class Explaining:
    """Reads, and counts the buffers its statements touch, planned for their values and for any."""

    def __init__(self):
        self.buffers = {"its values": 0, "any values": 0}

    def __call__(self, statement, values):
        explain = "explain (analyze, buffers)"
        self._add("its values", f"{INDEX_WALK_PLANS}{explain} {statement}", values)
        # Under a name of its own, as the application may have prepared it in this session.
        prepared = Statement(f"{statement} /* explained */")
        read_in_session(prepared.prepare, {})
        self._add("any values", f"{INDEX_WALK_PLANS}{explain} {prepared.execute}", values)
        read_in_session(f"deallocate {prepared.name}", {})
        return read_in_session(statement, values)

    def _add(self, plan, statement, values):
        lines = "\n".join(row[0] for row in read_in_session(statement, values))
        touched = re.search(r"Buffers: shared (?:hit=(\d+))?(?: ?read=(\d+))?", lines)
        self.buffers[plan] += sum(int(number or 0) for number in touched.groups()) if touched else 0


FILTERS = {
    "everything": EventFilter(),
    "a common kind": EventFilter(("a.common",)),
    "a rare kind": EventFilter(("c.rare",)),
    "a kind that never was": EventFilter(("d.never",)),
    "a common entity type": EventFilter((), ("tutor",)),
    "an entity type that never was": EventFilter((), ("unicorn",)),
    "a kind and a type that never met": EventFilter(("a.common",), ("unicorn",)),
    "a kind and a type that often met": EventFilter(("a.common",), ("tutor",)),
    "a rare kind with a common type": EventFilter(("c.rare",), ("tutor",)),
    "a month": EventFilter(
        since=clock.now() - timedelta(days=200), until=clock.now() - timedelta(days=170)
    ),
    "days of the far past": EventFilter(until=clock.now() - timedelta(days=4000)),
}


def test_no_filter_at_any_depth_reads_more_than_a_hundred_buffers(user, long_log):
    middle = clock.now() - timedelta(days=15 * MONTHS)
    key = ((middle - EPOCH) // MICROSECOND, event_id(middle).hex)
    cost = {}
    for name, wanted in FILTERS.items():
        for depth in (None, Position(key), Position(key, backward=True)):
            explaining = Explaining()
            find_events(explaining, user.id, wanted, depth, 21)
            cost |= {(name, depth, plan): read for plan, read in explaining.buffers.items()}
    db.session.rollback()
    assert {name: read for name, read in cost.items() if read > 100} == {}
    assert all(read <= 30 for (name, *_), read in cost.items() if name == "everything")


def test_a_person_without_events_costs_as_little(long_log):
    explaining = Explaining()
    assert find_events(explaining, 0, EventFilter(), None, 21) == []
    db.session.rollback()
    assert max(explaining.buffers.values()) <= 100


def test_a_page_is_planned_once_for_a_connection_whatever_its_values(user, app):
    autocommit_pool().close_idle()
    for number in range(4):
        position = Position((to_microseconds(NOON) + number, event_id(NOON).hex))
        find_events(read_rows, user.id + number, EventFilter(), position, 21 + number)
    plans = read_rows(
        "select generic_plans > 3, custom_plans from pg_prepared_statements"
        " where statement like '%%activity_events%%'"
    )
    assert plans == [(True, 0)]


def test_events_before_the_filter_are_not_met_on_the_way_back_from_further_down(user):
    put(*[event(user.id, NOON - timedelta(days=30 * n)) for n in range(12)])
    since = NOON - timedelta(days=100)
    far = Position((to_microseconds(NOON - timedelta(days=290)), event_id(NOON).hex), backward=True)
    found = find_events(read_rows, user.id, EventFilter(("lesson.opened",), since=since), far, 21)
    assert [each.timestamp for each in found] == [
        NOON - timedelta(days=30 * n) for n in (3, 2, 1, 0)
    ]
