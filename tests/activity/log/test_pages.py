"""The log's pages, and the parameter names of older clients, over HTTP."""

from datetime import timedelta

import pytest

from common.database.connections.prepared_statements import INDEX_WALK
from tests.activity.events import NOON, event, put
from tests.activity.log.pages import LESSONS, LOG, ids


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
    assert me.get(LOG).headers["Cache-Control"] == "private, no-cache"


def test_a_page_costs_one_statement_beside_the_accounts_check(me, five, statements):
    address = me.get(LESSONS + "&page_size=2").json["next"]
    statements.clear()
    assert ids(me.get(address)) == five[2:4]
    assert len([each for each in statements if "activity_events" in each]) == 1
    assert len(statements) <= 2


def test_reading_changes_nothing(me, five, statements):
    me.get(f"{LESSONS}&limit=2&before={five[0]}&date_from=2026-02-01")
    beginnings = [each.removeprefix(INDEX_WALK).lstrip().lower() for each in statements]
    assert beginnings and all(each.startswith("select") for each in beginnings)


def test_limit_still_works_and_is_marked_as_deprecated(me, five):
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
    answer = me.get(f"{LOG}?before={before}")
    assert answer.status_code in (400, 422)
    assert list(answer.json["errors"]["query"]) == ["before"]
    assert answer.json["detail"].startswith("before: ")


def test_two_names_of_one_parameter_must_agree(me, five):
    assert ids(me.get(LESSONS + "&limit=2&page_size=2")) == five[:2]
    answer = me.get(LESSONS + "&limit=2&page_size=3")
    assert answer.status_code == 422 and answer.json["errors"]["query"]["limit"]
    cursor = me.get(LESSONS + "&page_size=1").json["next_cursor"]
    assert me.get(f"{LESSONS}&cursor={cursor}&before={five[3]}").status_code == 422


@pytest.mark.parametrize(
    ("mistakes", "fields"),
    [
        ("&limit=2&page_size=3&before=x&cursor=y", {"limit", "before"}),
        ("&limit=2&page_size=3&date_from=yesterday", {"limit", "date_from"}),
    ],
)
def test_one_answer_names_every_mistake(me, mistakes, fields):
    answer = me.get(LESSONS + mistakes)
    assert answer.status_code == 422
    assert set(answer.json["errors"]["query"]) == fields
