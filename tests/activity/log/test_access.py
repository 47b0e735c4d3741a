"""Whose events a log shows, over HTTP."""

from uuid import uuid4

from activity.uuid_time import event_id
from tests.activity.events import NOON
from tests.activity.log.pages import LESSONS, LOG, ids
from tests.factories import as_user, make_user


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


def test_a_registration_is_the_first_event(me):
    (first,) = me.get(LOG).json["results"]
    assert first["action"] == "auth.registered" and first["source"] == "server"
