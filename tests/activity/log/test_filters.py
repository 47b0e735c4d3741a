"""The log's filters by action, entity and date, over HTTP."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest

from common.clock import isoformat
from common.database.session import db
from tests.activity.events import NOON, event, put
from tests.activity.log.pages import LESSONS, LOG, ids
from tests.factories import as_user, make_user


@pytest.fixture
def kinds(user):
    """An event of each of some kinds; their ids by (action, entity type)."""
    pairs = [(a, t) for a in ("a.b", "c.d", "e.f") for t in ("tutor", "lesson", None)]
    made = put(
        *[
            event(user.id, NOON + timedelta(days=20 * n), action=action, entity_type=entity_type)
            for n, (action, entity_type) in enumerate(pairs)
        ]
    )
    return dict(zip(pairs, made, strict=True))


@pytest.mark.parametrize(
    "query, actions, entity_types",
    [
        ("action=a.b", {"a.b"}, None),
        ("action=a.b&action=c.d", {"a.b", "c.d"}, None),
        ("action=a.b,c.d", {"a.b", "c.d"}, None),
        ("action=a.b,c.d&action=a.b", {"a.b", "c.d"}, None),
        ("action=,a.b,", {"a.b"}, None),
        ("action=no.such", set(), None),
        ("entity_type=tutor", {"a.b", "c.d", "e.f"}, {"tutor"}),
        ("entity_type=tutor,lesson", {"a.b", "c.d", "e.f"}, {"tutor", "lesson"}),
        ("entity_type=unicorn", set(), set()),
        ("action=a.b,e.f&entity_type=lesson", {"a.b", "e.f"}, {"lesson"}),
        ("action=a.b&entity_type=unicorn", set(), set()),
    ],
)
def test_filters_find_exactly_their_events(me, kinds, query, actions, entity_types):
    expected = [
        made
        for (action, entity_type), made in kinds.items()
        if action in actions and (entity_types is None or entity_type in entity_types)
    ]
    assert ids(me.get(f"{LOG}?{query}&page_size=100")) == list(reversed(expected))


def test_filtered_pages_are_walked_to_their_end(me, kinds):
    address, met = f"{LOG}?action=a.b,e.f&entity_type=tutor,lesson&page_size=1", []
    while address:
        page = me.get(address)
        met += ids(page)
        address = page.json["next"]
    assert len(met) == len(set(met)) == 4


def test_timestamps_are_inclusive_at_both_ends(me, five):
    second, third = isoformat(NOON + timedelta(days=3)), isoformat(NOON + timedelta(days=2))
    assert ids(me.get(f"{LESSONS}&date_from={third}&date_to={second}")) == five[1:3]
    assert ids(me.get(f"{LESSONS}&date_from={third}&date_to={third}")) == five[2:3]


def test_an_offset_counts_even_where_its_plus_was_not_encoded(me, five):
    at = quote("2026-02-17T14:00:00+02:00")
    assert ids(me.get(f"{LESSONS}&date_from={at}&date_to={at}")) == five[2:3]
    assert ids(me.get(f"{LESSONS}&date_from=2026-02-17T14:00:00+02:00")) == five[:3]


@pytest.mark.parametrize(
    "timezone, hour, day",
    [
        ("Europe/Kyiv", 21, 15),
        ("Europe/Kyiv", 22, 16),
        ("America/New_York", 4, 14),
        ("America/New_York", 5, 15),
        ("Pacific/Kiritimati", 10, 16),
        ("UTC", 23, 15),
    ],
)
def test_a_date_is_that_whole_day_where_the_caller_lives(client, timezone, hour, day):
    user = make_user(timezone=timezone)
    me = as_user(client, user)
    (made,) = put(event(user.id, datetime(2026, 2, 15, hour, 59, 59, 999999, tzinfo=UTC)))
    for other in (13, 14, 15, 16, 17):
        date = f"2026-02-{other}"
        found = ids(me.get(f"{LESSONS}&date_from={date}&date_to={date}"))
        assert found == ([made] if other == day else []), date


def test_a_walk_by_dates_goes_on_after_its_owner_has_moved(me, user, five):
    page = me.get(LESSONS + "&date_from=2026-02-01&page_size=2")
    db.session.get_one(type(user), user.id).timezone = "Asia/Tokyo"
    db.session.commit()
    assert ids(me.get(page.json["next"])) == five[2:4]


@pytest.mark.parametrize(
    "query, field",
    [
        ("page_size=0", "page_size"),
        ("page_size=101", "page_size"),
        ("page_size=ten", "page_size"),
        ("page_size=1&page_size=2", "page_size"),
        ("limit=0", "limit"),
        ("limit=1000", "limit"),
        ("date_from=yesterday", "date_from"),
        ("date_to=2026-02-30", "date_to"),
        ("date_from=2026-02-16&date_to=2026-02-15", "date_to"),
        ("date_from=2026-02-16T00:00:00Z&date_to=2026-02-15T23:59:59Z", "date_to"),
        ("date_from=0001-01-01T00:00:00%2B05:00", "date_from"),
        ("action=" + "a" * 101, "action"),
        ("action=" + ",".join(f"a.b{n}" for n in range(21)), "action"),
        ("entity_type=" + "a" * 51, "entity_type"),
        ("user_id=1", "user_id"),
        ("actions=a.b", "actions"),
        ("action=%00", "action"),
        ("cursor=" + "c" * 513, "cursor"),
    ],
)
def test_an_invalid_parameter_is_named(me, query, field):
    answer = me.get(f"{LOG}?{query}")
    assert answer.status_code == 422
    assert field in answer.json["errors"]["query"]


@pytest.mark.parametrize(
    "query",
    [
        "date_from=0001-01-01&date_to=0001-01-01",
        "date_from=9999-12-31&date_to=9999-12-31",
        "date_to=9999-12-31T23:59:59.999999Z",
        "date_to=0001-01-01T00:00:00Z",
        "date_from=9999-12-31T23:59:59Z",
        "date_to=1969-12-31",
    ],
)
def test_the_ends_of_the_calendar_are_no_trouble(me, five, query):
    assert me.get(f"{LESSONS}&{query}").status_code == 200


@pytest.mark.parametrize("cursor", ["x", "AAAA", "..", "%F0%9F%92%A9", "a" * 512])
def test_a_damaged_cursor_is_refused(me, cursor):
    assert me.get(f"{LOG}?cursor={cursor}").status_code == 400
