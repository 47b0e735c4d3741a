"""Events written in the caller's transaction."""

import pytest
import time_machine

from activity import Action, EventFilter, iterate_events, record
from activity.catalogue import METADATA_KEYS
from common.database.session import db
from tests.activity.events import NOON, count


def test_an_event_stands_with_the_change_it_speaks_of(user):
    record(Action.AUTH_LOGIN, user.id)
    db.session.commit()
    assert count("action = 'auth.login'") == 1


def test_an_event_falls_with_the_change_it_speaks_of(user):
    record(Action.AUTH_LOGIN, user.id)
    db.session.flush()
    db.session.rollback()
    assert count("action = 'auth.login'") == 0


def test_an_event_describes_its_request(app, user):
    with app.test_request_context(
        headers={"User-Agent": "Firefox", "Referer": "https://app.example/me?tab=2"},
        environ_base={"REMOTE_ADDR": "203.0.113.7"},
    ):
        app.preprocess_request()
        recorded = record(
            Action.SETTINGS_UPDATED, user.id, metadata={"before": {}}, status_code=200
        )
    assert (recorded.ip_address, recorded.user_agent) == ("203.0.113.7", "Firefox")
    assert recorded.referrer == "https://app.example/me"
    assert recorded.source == "server" and recorded.status_code == 200 and recorded.duration_ms >= 0


@pytest.mark.parametrize("action", sorted(METADATA_KEYS))
def test_metadata_outside_of_the_catalogue_is_refused(user, action):
    with pytest.raises(ValueError, match="surprise"):
        record(action, user.id, metadata={"surprise": 1})


def test_an_action_outside_of_the_catalogue_is_refused(user):
    with pytest.raises(KeyError):
        record("lesson.opened", user.id)


def test_events_of_one_timestamp_are_listed_in_the_order_they_happened(user):
    with time_machine.travel(NOON, tick=False):
        recorded = [record(Action.AUTH_LOGIN, user.id) for _ in range(5)]
    db.session.commit()
    listed = [each.id for each in iterate_events(user.id, EventFilter((Action.AUTH_LOGIN,)))]
    assert listed == [str(each.id) for each in reversed(recorded)]
