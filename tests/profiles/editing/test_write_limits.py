"""How often an owner may write: announced, counted per user, and never met by a person typing."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from common import clock
from common.config import SETTINGS
from common.http.limits.moving_window import MemoryWindows
from common.http.limits.rate_limit import rates_of
from tests.factories import make_tutor
from tests.profiles.profile_owner import AUTOSAVE, PROFILE, PUBLISH, SNAPSHOTS, Owner, bio

DEFAULTS = {setting.name: setting.default for setting in SETTINGS}
PAUSE_IN_TYPING = timedelta(milliseconds=800)


@pytest.fixture
def tutor(client: FlaskClient) -> Owner:
    return Owner(client, make_tutor())


@pytest.fixture
def limited(app: Flask, make_app: Any) -> Callable[..., Owner]:
    """A tutor of an app with other limits."""

    def make(**limits: str) -> Owner:
        return Owner(make_app(**limits).test_client(), make_tutor())

    return make


def test_the_defaults_are_those_that_are_promised(app: Flask) -> None:
    assert "60/minute" in DEFAULTS["PROFILE_SAVE_LIMIT"].split(";")
    assert "1000/day" in DEFAULTS["PROFILE_SAVE_LIMIT"].split(";")
    assert DEFAULTS["AUTOSAVE_LIMIT"] == "120/minute;20000/day"
    for name in ("PROFILE_SAVE_LIMIT", "AUTOSAVE_LIMIT"):
        assert app.config[name] == DEFAULTS[name]


@pytest.mark.parametrize(
    ("method", "path", "policy"),
    [
        ("PATCH", PROFILE, '"second";q=30;w=1, "minute";q=60;w=60, "day";q=1000;w=86400'),
        ("POST", PUBLISH, '"second";q=30;w=1, "minute";q=60;w=60, "day";q=1000;w=86400'),
        ("PATCH", AUTOSAVE, '"minute";q=120;w=60, "day";q=20000;w=86400'),
        ("POST", AUTOSAVE, '"minute";q=120;w=60, "day";q=20000;w=86400'),
        ("DELETE", AUTOSAVE, '"minute";q=120;w=60, "day";q=20000;w=86400'),
    ],
)
def test_every_write_announces_its_limits(
    tutor: Owner, method: str, path: str, policy: str
) -> None:
    answer = tutor.http.open(path, method=method, json={} if method != "DELETE" else None)
    assert answer.headers["RateLimit-Policy"] == policy
    assert answer.headers["RateLimit"].startswith('"')


@pytest.mark.parametrize("path", [PROFILE, AUTOSAVE, SNAPSHOTS])
def test_reading_is_not_counted(tutor: Owner, path: str) -> None:
    assert "RateLimit" not in tutor.http.get(path).headers


def test_saves_publications_and_restores_share_one_limit(limited: Callable[..., Owner]) -> None:
    tutor = limited(PROFILE_SAVE_LIMIT="3/minute")
    tutor.patch({"tutor_profile": {"headline": "one"}})
    tutor.autosave(bio("two"))
    tutor.publish()
    tutor.restore(tutor.snapshots()["results"][0]["id"])
    before = tutor.profile()
    refused = tutor.http.patch(PROFILE, json={"tutor_profile": {"headline": "four"}})
    assert refused.status_code == 429
    assert refused.mimetype == "application/problem+json"
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert tutor.http.post(PUBLISH).status_code == 429
    assert tutor.profile() == before
    # What is typed in the meantime is not lost.
    tutor.autosave(bio("five"))


def test_autosaves_and_discards_share_another(limited: Callable[..., Owner]) -> None:
    tutor = limited(AUTOSAVE_LIMIT="2/minute")
    tutor.autosave(bio("one"))
    assert tutor.http.post(AUTOSAVE, json=bio("two")).status_code == 200
    draft = tutor.draft()
    tutor.autosave(bio("three"), 429)
    tutor.discard(429)
    assert tutor.draft() == draft
    tutor.publish()


def test_an_owners_writes_are_nobody_elses_concern(limited: Callable[..., Owner]) -> None:
    tutor = limited(AUTOSAVE_LIMIT="1/minute", PROFILE_SAVE_LIMIT="1/minute")
    other = Owner(tutor.http.application.test_client(), make_tutor())
    for owner in (tutor, other):
        owner.autosave(bio("one"))
        owner.patch(bio("two"))
        owner.autosave(bio("three"), 429)
        owner.patch(bio("four"), 429)


def test_a_refused_body_is_counted_too(limited: Callable[..., Owner]) -> None:
    tutor = limited(PROFILE_SAVE_LIMIT="2/minute")
    tutor.refused({"tutor_profile": {"bio": 5}})
    tutor.refused({"tutor_profile": {"bio": 5}})
    tutor.patch({"tutor_profile": {"bio": 5}}, 429)


def test_an_hour_of_typing_never_meets_a_limit() -> None:
    windows, rates = MemoryWindows(), rates_of(DEFAULTS["AUTOSAVE_LIMIT"])
    start = time.time()
    for number in range(timedelta(hours=1) // PAUSE_IN_TYPING):
        now = start + number * PAUSE_IN_TYPING.total_seconds()
        assert not any(each.is_breached for each in windows.spend("a typist", rates, now))


def test_three_minutes_of_typing_are_all_saved(tutor: Owner) -> None:
    saves = timedelta(minutes=3) // PAUSE_IN_TYPING
    with time_machine.travel(clock.now(), tick=False) as traveller:
        for number in range(saves):
            tutor.autosave(bio(f"{number}"))
            traveller.shift(PAUSE_IN_TYPING)
        assert tutor.draft()["version"] == saves


def test_saving_goes_on_when_the_minute_has_passed(tutor: Owner) -> None:
    with time_machine.travel(clock.now(), tick=False) as traveller:
        statuses = []
        for number in range(62):
            statuses.append(tutor.http.patch(PROFILE, json=bio(f"{number}")).status_code)
            traveller.shift(timedelta(milliseconds=100))
        assert statuses == [200] * 60 + [429] * 2
        traveller.shift(timedelta(seconds=60))
        tutor.patch(bio("later"))
