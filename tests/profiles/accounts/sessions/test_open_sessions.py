"""A person's sessions as they see and end them; the access tokens of one end with it."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine

from common.clock import isoformat, now
from profiles.accounts.sessions.devices import device_in_words
from tests.factories import make_user
from tests.profiles.accounts.endpoints import (
    another_browser,
    events_of,
    is_authorized,
    log_in,
    log_out,
    refresh,
    set_active,
)

SESSIONS = "/api/me/sessions/"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"
)


class Device:
    """A logged-in browser and its access token."""

    def __init__(self, client, user, agent=FIREFOX, address="203.0.113.9"):
        self.browser = another_browser(client)
        self.browser.environ_base |= {"HTTP_USER_AGENT": agent, "REMOTE_ADDR": address}
        self.access = log_in(self.browser, user).json["access"]

    @property
    def headers(self):
        return {"Authorization": f"Bearer {self.access}"}

    def sessions(self):
        answer = self.browser.get(SESSIONS, headers=self.headers)
        assert answer.status_code == 200
        return answer.json["results"]

    def id(self):
        return next(each["id"] for each in self.sessions() if each["is_current"])

    def delete(self, path=SESSIONS):
        return self.browser.delete(path, headers=self.headers)

    def is_open(self):
        return is_authorized(self.browser, self.access)


def test_each_log_in_is_a_session_with_what_its_owner_knows_it_by(client):
    user = make_user()
    with time_machine.travel(now(), tick=False) as traveller:
        start = now()
        desk = Device(client, user)
        traveller.shift(timedelta(minutes=1))
        phone = Device(client, user, SAFARI, "198.51.100.7")
        traveller.shift(timedelta(minutes=5))
        refresh(desk.browser)
        first, second = phone.sessions()
    assert first == {
        "id": first["id"],
        "device": "Firefox on Windows",
        "ip_address": "203.0.113.9",
        "created_at": isoformat(start),
        "last_used_at": isoformat(start + timedelta(minutes=6)),
        "is_current": False,
    }
    assert (second["device"], second["is_current"]) == ("Mobile Safari on iOS", True)
    assert second["ip_address"] == "198.51.100.7"


def test_several_tabs_and_refreshes_are_one_session(client):
    device = Device(client, make_user())
    for _ in range(3):
        refresh(device.browser)
    assert len(device.sessions()) == 1


def test_others_sessions_and_sessions_that_are_over_are_not_listed(client):
    user = make_user()
    Device(client, make_user())
    log_out(Device(client, user).browser)
    with time_machine.travel(now(), tick=False) as traveller:
        Device(client, user)
        traveller.shift(timedelta(days=31))
        assert len(Device(client, user).sessions()) == 1


def test_ending_a_session_stops_its_tokens_at_once_and_no_others(client):
    user = make_user()
    desk, phone = Device(client, user), Device(client, user)
    assert desk.delete(f"{SESSIONS}{phone.id()}/").status_code == 204
    assert not phone.is_open()
    assert refresh(phone.browser).status_code == 401
    assert desk.is_open() and refresh(desk.browser).status_code == 200
    assert events_of(user, "auth.sessions_ended") == 1
    refused = phone.browser.get(SESSIONS, headers=phone.headers)
    assert (refused.status_code, refused.json["code"]) == (401, "no_session")
    assert refused.json["detail"] == "The session of this token has ended; log in again."


def test_the_present_session_may_be_ended_too(client):
    device = Device(client, make_user())
    assert device.delete(f"{SESSIONS}{device.id()}/").status_code == 204
    assert not device.is_open()


def test_ending_all_others_leaves_this_one(client):
    user = make_user()
    devices = [Device(client, user) for _ in range(4)]
    neighbour = Device(client, make_user())
    assert devices[1].delete().status_code == 204
    assert [each.is_open() for each in devices] == [False, True, False, False]
    assert neighbour.is_open()
    assert events_of(user, "auth.sessions_ended") == 1
    assert devices[1].delete().status_code == 204
    assert events_of(user, "auth.sessions_ended") == 1


@pytest.mark.parametrize("whose", ["another's", "nobody's", "ended"])
def test_a_session_that_is_not_ones_own_is_not_found(client, whose):
    user, other = make_user(), Device(client, make_user())
    device, gone = Device(client, user), Device(client, user)
    session_id = {"another's": other.id(), "nobody's": str(uuid4()), "ended": gone.id()}[whose]
    if whose == "ended":
        gone.delete(f"{SESSIONS}{session_id}/")
    assert device.delete(f"{SESSIONS}{session_id}/").status_code == 404
    assert other.is_open() and device.is_open()


@pytest.mark.parametrize("name", ["1", "x", "0b7c2f5e"])
def test_a_malformed_session_id_is_not_found(client, name):
    device = Device(client, make_user())
    assert device.delete(f"{SESSIONS}{name}/").status_code == 404


def test_logging_out_stops_the_access_token_too(client):
    device = Device(client, make_user())
    assert device.is_open()
    log_out(device.browser)
    assert not device.is_open()


def test_a_deactivated_account_is_named_as_the_reason_and_not_its_session(client):
    user = make_user()
    device = Device(client, user)
    set_active(user, False)
    refused = device.browser.get(SESSIONS, headers=device.headers)
    assert (refused.status_code, refused.json["code"]) == (401, "inactive_account")


def test_sessions_stay_out_of_caches(client):
    device = Device(client, make_user())
    answer = device.browser.get(SESSIONS, headers=device.headers)
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, "Firefox on Windows"),
        (SAFARI, "Mobile Safari on iOS"),
        ("curl/8.5.0", "curl"),
        ("", None),
        (None, None),
        ("x" * 300, None),
        ("\u202e<script>", None),
    ],
)
def test_a_device_is_named_in_words_or_not_at_all(agent, words):
    assert device_in_words(agent) == words
