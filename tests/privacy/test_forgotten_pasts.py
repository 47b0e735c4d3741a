"""What was public once and is no more leaves nothing behind: a history over HTTP that ends where
it began is answered as if it had never been."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from common.database.session import db
from tests.database import Janitor
from tests.factories import PASSWORD, as_user
from tests.privacy.public_endpoints import differences, fetch, fetch_all, public_endpoints
from tests.privacy.test_noninterference import MARKETPLACE, open_person
from tests.privacy.world_building import build
from tests.privacy.worlds import FIRST_ID, NEAR_WORDS, PROBE
from tests.profiles.avatars.pictures import picture
from tests.profiles.profile_owner import AUTOSAVE, PROFILE, PUBLISH, SNAPSHOTS

Step = Callable[[FlaskClient], Any]
AVATAR = "/api/me/avatar/"


def say(section: str, **values: Any) -> Step:
    return lambda http: http.patch(PROFILE, json={section: values})


def unlist(http: FlaskClient) -> Any:
    return http.patch(PROFILE, json={"settings": {"public_profile_enabled": False}})


def relist(http: FlaskClient) -> Any:
    return http.patch(PROFILE, json={"settings": {"public_profile_enabled": True}})


def draft(http: FlaskClient) -> Any:
    body = {"bio": NEAR_WORDS, "subjects": ["Вязання гачком"], "hourly_rate": 7}
    return http.patch(AUTOSAVE, json={"tutor_profile": body})


def publish(http: FlaskClient) -> Any:
    return http.post(PUBLISH)


def discard(http: FlaskClient) -> Any:
    return http.delete(AUTOSAVE)


def restore(http: FlaskClient) -> Any:
    newest = http.get(SNAPSHOTS).get_json()["results"][0]["id"]
    return http.post(f"{SNAPSHOTS}{newest}/restore/")


def upload(http: FlaskClient) -> Any:
    return http.post(AVATAR, data={"avatar": (BytesIO(picture((8, 8))), "me.png")})


def delete_avatar(http: FlaskClient) -> Any:
    return http.delete(AVATAR)


def come_and_go(http: FlaskClient) -> Any:
    """Somebody registers, shows much, and erases the account."""
    app = http.application
    visitor = type(http)(app, app.response_class, use_cookies=True)
    names = {"first_name": "Zabludowskaj", "last_name": "Zabludowskij"}
    body = {"email": "once@example.org", "password": PASSWORD, "role": "tutor", **names}
    made = visitor.post("/api/auth/register/", json=body)
    assert made.status_code == 201, made.get_data(as_text=True)
    guest = as_user(http, made.get_json()["user"]["id"])
    shown = {"headline": PROBE, "bio": NEAR_WORDS, "subjects": ["Plecionkarstwo"]}
    assert guest.patch(PROFILE, json={"tutor_profile": shown}).status_code == 200
    return guest.delete("/api/me/", json={"password": PASSWORD})


# Each ends where it began.
HISTORIES: dict[str, tuple[Step, ...]] = {
    "words": (say("tutor_profile", bio=NEAR_WORDS), say("tutor_profile", bio="квадрокоптер")),
    "words that are hidden": (
        say("tutor_profile", bio=NEAR_WORDS),
        say("settings", show_bio_publicly=False),
        say("tutor_profile", bio="квадрокоптер"),
        say("settings", show_bio_publicly=True),
    ),
    "a name": (say("user", last_name="Zabludowskyi"), say("user", last_name="квадрокоптер")),
    "a price": (say("tutor_profile", hourly_rate=4), say("tutor_profile", hourly_rate=300)),
    "a subject of one's own": (
        say("tutor_profile", subjects=["Плетіння з лози", "English"]),
        say("tutor_profile", subjects=["English", "квадрокоптер"]),
    ),
    "an unlisted profile": (unlist, say("tutor_profile", headline=PROBE)),
    "a profile that is listed again": (
        say("tutor_profile", headline="квадрокоптер"),
        relist,
    ),
    "a draft": (draft, discard),
    "a published draft": (draft, publish, restore),
    "an avatar": (upload, delete_avatar),
    "an account": (come_and_go,),
}
# Public when the history is at this point, so another than the beginning.
ENDS_UNLISTED = "an unlisted profile"


@pytest.fixture
def urls(app: Flask, client: FlaskClient) -> list[str]:
    """Each endpoint of the marketplace by what was shown for a while, and what it is near to."""
    values = ["квадрокоптер", PROBE, NEAR_WORDS.split()[0], "zabludowskij", "плетіння", "wikl"]
    values += ["плетіння з лози", "plecionkarstwo", "plecionkarstw", "вязання гачком", "вязаня"]
    found = []
    for endpoint in public_endpoints(app, client):
        if endpoint.path.startswith(MARKETPLACE):
            path_values = {name: [f"{FIRST_ID}", f"{FIRST_ID + 1}"] for name in endpoint.arguments}
            addresses = endpoint.addresses(path_values)
            found += addresses
            for name in set(endpoint.parameters) & {"search", "query", "q", "subject"}:
                found += [f"{address}?{name}={value}" for address in addresses for value in values]
    return found


@pytest.fixture
def owner(app: Flask, client: FlaskClient, janitor: Janitor) -> FlaskClient:
    """The owner of a tutor who shows everything, beside another tutor."""
    person, other = open_person("English", "квадрокоптер"), open_person("English", "neighbour")
    person.values |= {"avatar_name": None, "subjects": ["English", "квадрокоптер"]}
    other.values["id"] += 1
    build([person, other], janitor)
    # Ids of new accounts continue where those of drawn ones end.
    db.session.execute(text("select setval('users_id_seq', :id)"), {"id": FIRST_ID + 1})
    db.session.commit()
    return as_user(client, FIRST_ID)


def test_a_past_that_is_over_changes_no_answer(
    client: FlaskClient, owner: FlaskClient, urls: list[str]
) -> None:
    before = fetch_all(client, urls)
    assert any(b'"did_you_mean":"' in body for _, _, body in before.values())
    # What a history leaves behind is mostly words, and every other request waits for the end.
    searches = [url for url in urls if "tutors/?search=" in url]
    for name, steps in HISTORIES.items():
        for step in steps:
            answer = step(owner)
            assert answer.status_code < 300, f"{name}: {answer.get_data(as_text=True)}"
        if name != ENDS_UNLISTED:
            changed = [url for url in searches if fetch(client, url) != before[url]]
            assert changed == [], name
    assert differences(before, fetch_all(client, urls)) == []


def test_the_comparison_sees_a_past_that_is_not_over(
    client: FlaskClient, owner: FlaskClient, urls: list[str]
) -> None:
    before = fetch_all(client, urls)
    assert draft(owner).status_code == 200
    assert publish(owner).status_code == 200
    assert differences(before, fetch_all(client, urls))
