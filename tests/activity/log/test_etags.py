"""Polling the log by its ETag: a 304 as long as the page is the same, and cheaply."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from common.database.session import db
from tests.activity.events import NOON, event, put
from tests.activity.log.pages import LESSONS, LOG, ids
from tests.factories import as_user, make_user

ADDRESSES = [
    LOG,
    LESSONS,
    LESSONS + "&page_size=2",
    LESSONS + "&limit=2",
    LOG + "?entity_type=unicorn",
    LOG + "?action=lesson.opened,a.b&date_from=2026-01-01",
]


def poll(me, address, tag):
    return me.get(address, headers={"If-None-Match": tag})


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_that_is_unchanged_is_a_304(me, five, address):
    tag = me.get(address).headers["ETag"]
    assert tag.startswith('"')
    answer = poll(me, address, tag)
    assert (answer.status_code, answer.data) == (304, b"")
    assert answer.headers["ETag"] == tag
    assert answer.headers["Cache-Control"] == "private, no-cache"
    for marked in (f"W/{tag}", f'"other", {tag}', "*"):
        assert poll(me, address, marked).status_code == 304


def test_another_tag_gets_the_page(me, five):
    answer = poll(me, LESSONS, '"other"')
    assert ids(answer) == five


def test_a_new_event_changes_the_page_and_its_tag(me, user, five):
    tag = me.get(LESSONS).headers["ETag"]
    (newest,) = put(event(user.id, NOON + timedelta(days=9)))
    answer = poll(me, LESSONS, tag)
    assert ids(answer) == [newest, *five]
    assert answer.headers["ETag"] != tag


def test_an_event_stored_late_between_others_changes_the_tag(me, user, five):
    tag = me.get(LESSONS).headers["ETag"]
    put(event(user.id, NOON + timedelta(days=1, hours=1)))
    assert poll(me, LESSONS, tag).status_code == 200


def test_a_further_page_changes_the_tag_of_the_last_one(me, user, five):
    address = LESSONS + "&page_size=5"
    tag = me.get(address).headers["ETag"]
    put(event(user.id, NOON - timedelta(days=1)))
    answer = poll(me, address, tag)
    assert answer.status_code == 200 and answer.json["has_more"] is True


@pytest.mark.parametrize("column", ["ip_address", "user_agent"])
def test_what_is_erased_of_an_event_changes_the_tag(me, user, column):
    put(event(user.id, ip_address="203.0.113.7", user_agent="A browser"))
    tag = me.get(LESSONS).headers["ETag"]
    db.session.execute(text(f"update activity_events set {column} = null"))
    db.session.commit()
    assert poll(me, LESSONS, tag).status_code == 200


def test_pages_of_others_and_of_other_addresses_have_other_tags(client, me, five):
    tags = [me.get(address).headers["ETag"] for address in (LOG, LESSONS, LESSONS + "&page_size=2")]
    tags.append(as_user(client, make_user()).get(LESSONS).headers["ETag"])
    assert len(set(tags)) == 4


def test_a_tag_opens_nothing_without_a_token(client, me, five):
    tag = me.get(LOG).headers["ETag"]
    assert client.get(LOG, headers={"If-None-Match": tag}).status_code == 401


def test_a_304_reads_no_metadata(me, five, statements):
    tag = me.get(LESSONS).headers["ETag"]
    statements.clear()
    assert poll(me, LESSONS, tag).status_code == 304
    reads = [each for each in statements if "activity_events" in each]
    assert reads and not any("metadata" in each for each in reads)
