"""The log through the HTTP door, as its owner, another person and nobody see it."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote
from uuid import uuid4

import pytest
from sqlalchemy import Engine
from sqlalchemy import event as listen

import activity.reading
from activity.schemas import OwnEvent
from activity.uuid_time import event_id
from common.clock import isoformat
from common.database.session import db, read_rows
from tests.activity.events import NOON, event, put
from tests.factories import as_user, make_user

LOG = "/api/me/activity/"
LESSONS = LOG + "?action=lesson.opened"


def ids(answer):
    assert answer.status_code == 200, answer.json
    return [each["id"] for each in answer.json["results"]]


@pytest.fixture
def five(user):
    """Five events of the last days, newest first."""
    return list(reversed(put(*[event(user.id, NOON + timedelta(days=n)) for n in range(5)])))


# Whose log it is


def test_nobody_has_no_log(client):
    assert client.get(LOG).status_code == 401
    assert client.post(LOG + "trigger/", json={"action": "a.b"}).status_code == 401


def test_each_sees_their_own_events_only(client, me, user, five):
    other = as_user(client, make_user())
    assert ids(me.get(LESSONS)) == five
    assert ids(other.get(LESSONS)) == []


def test_somebody_elses_cursor_is_refused(client, me, five):
    other = as_user(client, make_user())
    cursor = me.get(LESSONS + "&page_size=2").json["next_cursor"]
    assert other.get(f"{LESSONS}&cursor={cursor}").status_code == 400
    assert other.get(f"{LESSONS}&before={cursor}").status_code == 400


def test_somebody_elses_event_and_an_unknown_one_are_refused_alike(client, five):
    other = as_user(client, make_user())
    answers = [other.get(f"{LOG}?before={each}") for each in (five[0], event_id(NOON), uuid4())]
    assert [answer.status_code for answer in answers] == [400] * 3
    assert len({answer.json["detail"] for answer in answers}) == 1


def test_a_registration_is_the_first_thing_told(me):
    (first,) = me.get(LOG).json["results"]
    assert first["action"] == "auth.registered" and first["source"] == "server"


# Pages


def test_a_page_links_its_neighbours(me, five):
    first = me.get(LESSONS + "&page_size=2")
    assert first.json["has_more"] is True and first.json["previous"] is None
    assert first.headers["Link"] == f'<{first.json["next"]}>; rel="next"'
    second = me.get(first.json["next"])
    third = me.get(second.json["next"])
    assert [*ids(first), *ids(second), *ids(third)] == five
    assert third.json["next"] is None and third.json["has_more"] is False
    assert ids(me.get(second.json["previous"])) == ids(first)


def test_next_keeps_every_other_parameter(me, five):
    address = f"{LESSONS}&page_size=1&date_from=2026-01-01&entity_type="
    following = me.get(address).json["next"]
    assert "action=lesson.opened" in following and "date_from=2026-01-01" in following
    assert "page_size=1" in following


def test_the_address_without_its_last_slash_answers_the_same(me, five):
    assert ids(me.get("/api/me/activity?action=lesson.opened")) == five


@pytest.mark.parametrize(
    "changed",
    ["", "&entity_type=tutor", "&date_from=2026-02-01", "&date_to=2026-02-28"],
)
def test_a_cursor_opens_no_list_of_other_filters(me, five, changed):
    cursor = me.get(LESSONS + "&page_size=2").json["next_cursor"]
    base = LOG + "?action=lesson.opened,lesson.closed" if not changed else LESSONS + changed
    answer = me.get(f"{base}&cursor={cursor}")
    assert answer.status_code == 400 and answer.json["errors"]["query"]["cursor"]


def test_the_order_in_which_a_filters_values_are_given_does_not_matter(me, five):
    cursor = me.get(LOG + "?action=lesson.opened&action=a.b&page_size=2").json["next_cursor"]
    assert ids(me.get(f"{LOG}?action=a.b,lesson.opened&page_size=2&cursor={cursor}")) == five[2:4]


def test_a_page_size_may_change_on_the_way(me, five):
    cursor = me.get(LESSONS + "&page_size=1").json["next_cursor"]
    assert ids(me.get(f"{LESSONS}&page_size=3&cursor={cursor}")) == five[1:4]


def test_twenty_events_are_a_page_unless_said_otherwise(me, user):
    put(*[event(user.id, NOON + timedelta(minutes=n)) for n in range(30)])
    assert len(ids(me.get(LESSONS))) == 20


def test_nobody_elses_cache_keeps_a_log(me):
    assert me.get(LOG).headers["Cache-Control"] == "private, no-store"


@pytest.fixture
def statements(app, monkeypatch):
    """Every statement sent to the database from here on."""
    heard = []

    def note(connection, cursor, statement, *rest):
        heard.append(statement)

    def read_and_note(sql, parameters):
        heard.append(sql)
        return read_rows(sql, parameters)

    monkeypatch.setattr(activity.reading, "read_rows", read_and_note)
    listen.listen(Engine, "before_cursor_execute", note)
    yield heard
    listen.remove(Engine, "before_cursor_execute", note)


def test_a_page_costs_one_statement_beside_the_accounts_check(me, five, statements):
    address = me.get(LESSONS + "&page_size=2").json["next"]
    statements.clear()
    assert ids(me.get(address)) == five[2:4]
    assert len([each for each in statements if "activity_events" in each]) == 1
    assert len(statements) <= 2


def test_reading_changes_nothing(me, five, statements):
    me.get(f"{LESSONS}&limit=2&before={five[0]}&date_from=2026-02-01")
    assert statements and all(each.lstrip().lower().startswith("select") for each in statements)


# Older names


def test_limit_still_works_and_is_said_to_be_deprecated(me, five):
    answer = me.get(LESSONS + "&limit=2")
    assert ids(answer) == five[:2]
    assert answer.headers["Deprecation"].startswith("@")
    assert "Deprecation" not in me.get(LESSONS).headers


def test_before_takes_an_event_or_a_cursor(me, five):
    by_event = me.get(f"{LESSONS}&limit=2&before={five[1]}")
    assert ids(by_event) == five[2:4]
    assert by_event.headers["Deprecation"].startswith("@")
    assert ids(me.get(f"{LESSONS}&limit=2&before={by_event.json['next_cursor']}")) == five[4:]
    assert ids(me.get(f"{LESSONS}&limit=2&before={five[1].upper()}")) == five[2:4]


def test_next_of_an_older_clients_page_goes_on(me, five):
    page = me.get(f"{LESSONS}&limit=2&before={five[0]}")
    assert "before=" not in page.json["next"]
    assert ids(me.get(page.json["next"])) == five[3:]


def test_before_an_event_that_the_filter_leaves_out_is_a_place_in_the_log_too(me, user, five):
    (closed,) = put(event(user.id, NOON + timedelta(days=2, hours=1), action="lesson.closed"))
    assert ids(me.get(f"{LESSONS}&before={closed}")) == five[2:]


@pytest.mark.parametrize("before", ["yesterday", "123", "x" * 512, "%00", "01a2-b"])
def test_before_anything_else_is_refused(me, before):
    assert me.get(f"{LOG}?before={before}").status_code in (400, 422)


def test_two_names_of_one_parameter_must_agree(me, five):
    assert ids(me.get(LESSONS + "&limit=2&page_size=2")) == five[:2]
    answer = me.get(LESSONS + "&limit=2&page_size=3")
    assert answer.status_code == 422 and answer.json["errors"]["query"]["limit"]
    cursor = me.get(LESSONS + "&page_size=1").json["next_cursor"]
    assert me.get(f"{LESSONS}&cursor={cursor}&before={five[3]}").status_code == 422


# Filters


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


# Dates


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
        ("date_from=", "date_from"),
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


# Documentation


@pytest.fixture
def document(client):
    return client.get("/api/openapi.json").json


def test_every_operation_shows_an_example_of_what_it_takes_and_answers(document):
    trigger = document["paths"]["/api/me/activity/trigger/"]["post"]
    batch = document["paths"]["/api/activity/events/"]["post"]
    log = document["paths"]["/api/me/activity/"]["get"]
    for operation, statuses in ((trigger, "201 400 422 429"), (batch, "202 413 422 429")):
        assert operation["requestBody"]["content"]["application/json"]["example"]
        for status in statuses.split():
            (content,) = operation["responses"][status]["content"].values()
            assert content.get("example") or content["examples"], status
    shown = log["responses"]["200"]["content"]["application/json"]["examples"]
    events = [each for page in shown.values() for each in page["value"]["results"]]
    assert "profile.snapshot" in {each["action"] for each in events}
    assert not OwnEvent(many=True).validate(events)


def test_older_names_are_marked_as_such(document):
    parameters = document["paths"]["/api/me/activity/"]["get"]["parameters"]
    deprecated = {each["name"] for each in parameters if each.get("deprecated")}
    assert deprecated == {"limit", "before"}


@pytest.mark.parametrize(
    "path, method, statuses",
    [
        ("/api/me/activity/", "get", "200 400 401 422 503"),
        ("/api/me/activity/trigger/", "post", "201 400 401 413 415 422 429 503"),
        ("/api/activity/events/", "post", "202 400 401 413 415 422 429 503"),
    ],
)
def test_every_status_an_operation_can_answer_is_documented(document, path, method, statuses):
    assert set(statuses.split()) <= set(document["paths"][path][method]["responses"])
