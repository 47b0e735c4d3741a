from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from profiles.accounts.fields.timezones import Timezone, find_timezone, timezones
from tests.factories import make_tutor
from tests.profiles.accounts.endpoints import register
from tests.profiles.profile_owner import Owner


def test_every_known_time_zone_exists():
    assert {"Europe/Kyiv", "UTC", "America/Argentina/Buenos_Aires"} <= timezones()
    for name in timezones():
        ZoneInfo(name)


@pytest.mark.parametrize("name", ["", "Kyiv", "Etc/Unknown", "Factory", "../etc/passwd", "+02:00"])
def test_a_time_zone_is_an_iana_name(name):
    with pytest.raises(ValidationError):
        Timezone().deserialize(name)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("utc", "UTC"),
        ("europe/kyiv", "Europe/Kyiv"),
        ("EUROPE/KIEV ", "Europe/Kiev"),
        (" America/argentina/buenos_aires\t", "America/Argentina/Buenos_Aires"),
    ],
)
def test_case_and_white_space_around_a_time_zone_do_not_matter(text, name):
    assert Timezone().deserialize(text) == name


@given(st.sampled_from(sorted(timezones())), st.sampled_from([str.lower, str.upper, str.title]))
def test_each_name_is_found_however_it_is_written(name, write):
    assert find_timezone(f" {write(name)}\n") == name


REPORTED = [
    "Etc/Unknown",
    "",
    " ",
    None,
    "Mars/Olympus",
    "UTC+02:00",
    "undefined",
    "Київ",
    "x" * 200,
]


@pytest.mark.parametrize("reported", REPORTED)
def test_a_time_zone_that_the_browser_fills_in_never_stops_a_sign_up(client, reported):
    answer = register(client, timezone=reported)
    assert answer.status_code == 201
    assert answer.json["user"]["timezone"] == "Europe/Kyiv"


def test_a_known_time_zone_is_registered_as_the_iana_spells_it(client):
    assert register(client, timezone="europe/warsaw ").json["user"]["timezone"] == "Europe/Warsaw"


def test_a_profile_takes_a_time_zone_in_any_case_and_refuses_an_unknown_one(client):
    tutor = Owner(client, make_tutor())
    assert tutor.patch({"user": {"timezone": "utc"}})["user"]["timezone"] == "UTC"
    refused = tutor.http.patch("/api/me/profile/", json={"settings": {"timezone": "Etc/Unknown"}})
    assert refused.status_code == 422
    (message,) = refused.json["errors"]["json"]["settings"]["timezone"]
    assert "IANA" in message


def test_the_document_describes_time_zones_by_form_and_examples(client):
    schemas = client.get("/api/openapi.json").json["components"]["schemas"]
    found = [
        properties["timezone"]
        for schema in schemas.values()
        if "timezone" in (properties := schema.get("properties", {}))
    ]
    assert found
    for timezone in found:
        assert "enum" not in timezone
    assert any("pattern" in each and "Europe/Kyiv" in each["examples"] for each in found)
