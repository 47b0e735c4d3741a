"""The laws of merging drafts, and many callers merging at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from profiles.editing.drafts.merging import merge
from profiles.editing.profile.document import differing, to_sections
from tests.factories import auth_header, make_tutor
from tests.live_server import LiveServer
from tests.profiles.profile_owner import AUTOSAVE, PROFILE, Owner
from tests.profiles.strategies import bodies, by_canonical_name, stored, values

drawn = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
unfinished = values(finished=False)


def deep_merge(draft: Any, saved: Any) -> Any:
    """The contract's words, on whole documents: objects merge, everything else replaces."""
    if isinstance(draft, dict) and isinstance(saved, dict):
        return draft | {
            key: deep_merge(draft[key], value) if key in draft else value
            for key, value in saved.items()
        }
    return saved


@given(unfinished, unfinished)
def test_merging_values_is_deep_merging_documents(
    draft: dict[str, Any], saved: dict[str, Any]
) -> None:
    assert to_sections(merge(draft, saved)) == deep_merge(to_sections(draft), to_sections(saved))


@given(unfinished, unfinished)
def test_merging_the_same_twice_is_merging_it_once(
    draft: dict[str, Any], saved: dict[str, Any]
) -> None:
    once = merge(draft, saved)
    assert merge(once, saved) == once


@given(unfinished, unfinished, unfinished)
def test_it_does_not_matter_how_saves_are_bundled(
    draft: dict[str, Any], one: dict[str, Any], two: dict[str, Any]
) -> None:
    assert merge(merge(draft, one), two) == merge(draft, merge(one, two))


@given(unfinished, unfinished)
def test_the_last_value_wins_and_no_other_is_lost(
    draft: dict[str, Any], saved: dict[str, Any]
) -> None:
    merged = merge(draft, saved)
    assert all(merged[path] == value for path, value in saved.items())
    assert all(merged[path] == value for path, value in draft.items() if path not in saved)
    assert merged.keys() == draft.keys() | saved.keys()


@given(unfinished)
def test_merging_nothing_changes_nothing(draft: dict[str, Any]) -> None:
    assert merge(draft, {}) == draft
    assert merge(None, draft) == draft


@given(values())
def test_a_draft_is_dirty_exactly_where_publishing_would_change_something(
    typed: dict[str, Any],
) -> None:
    published = {path: stored(path, value) for path, value in typed.items()}
    assert differing(typed, published) == []
    assert set(differing(typed, {path: object() for path in typed})) == set(typed)


@drawn
@given(saves=st.lists(bodies(finished=False), max_size=4))
def test_what_is_stored_is_what_merging_in_order_gives(
    client: FlaskClient, saves: list[dict[str, Any]]
) -> None:
    tutor = Owner(client, make_tutor())
    expected: dict[str, Any] = {}
    for body in saves:
        expected = merge(expected, by_canonical_name(body))
        assert tutor.autosave(body)["data"] == to_sections(expected)
    if expected:
        assert tutor.draft()["data"] == to_sections(expected)


@drawn
@given(body=bodies())
def test_publishing_makes_the_profile_say_what_the_draft_said(
    client: FlaskClient, body: dict[str, Any]
) -> None:
    tutor = Owner(client, make_tutor())
    if not by_canonical_name(body):
        return
    dirty = tutor.autosave(body)["dirty"]
    profile = tutor.publish()
    for path, value in by_canonical_name(body).items():
        section, name = path.split(".")
        assert profile[section][name] == stored(path, value)
    assert tutor.autosave(body)["dirty"] == []
    assert ("profile.snapshot" in tutor.actions()) == bool(dirty)


def at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    """Make all calls from threads that start together."""
    start = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        start.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


SAVES: list[tuple[str, str, Any]] = [
    ("user", "first_name", "О"),
    ("user", "last_name", "Ш"),
    ("settings", "timezone", "Europe/Kyiv"),
    ("tutor_profile", "headline", "h"),
    ("settings", "bio", "b"),
    ("tutor_profile", "subjects", ["s"]),
    ("settings", "certifications", ["c"]),
    ("tutor_profile", "hourly_rate", 1),
    ("settings", "experience_years", 2),
    ("tutor_profile", "languages", ["uk"]),
    ("settings", "interface_language", "pl"),
    ("settings", "dark_mode", True),
    ("settings", "notifications_enabled", False),
    ("settings", "privacy_public_profile", False),
    ("settings", "show_bio_publicly", False),
    ("settings", "show_email_publicly", True),
]


@pytest.fixture
def roomy(app: Flask, make_app: Any) -> FlaskClient:
    """A client of an app with a connection for everybody; the test itself is in another's context."""
    client: FlaskClient = make_app(DATABASE_POOL_SIZE=42).test_client()
    return client


def test_sixty_four_saves_at_once_lose_no_field(roomy: FlaskClient) -> None:
    tutor = Owner(roomy, make_tutor())

    def save(section: str, name: str, value: Any) -> Callable[[], int]:
        def call() -> int:
            client = roomy.application.test_client()
            client.environ_base |= tutor.http.environ_base
            return client.patch(AUTOSAVE, json={section: {name: value}}).status_code

        return call

    assert set(at_once([save(*field) for field in SAVES * 4])) == {200}
    draft = tutor.draft()
    expected = merge({}, by_canonical_name({}))
    for section, name, value in SAVES:
        expected = merge(expected, by_canonical_name({section: {name: value}}))
    assert draft["data"] == to_sections(expected)
    # Of the four equal saves of a field one changed something.
    assert draft["version"] == len(SAVES)
    assert tutor.actions() == ["profile.autosave"] * len(SAVES)


def test_of_many_saves_with_one_etag_exactly_one_gets_through(roomy: FlaskClient) -> None:
    tutor = Owner(roomy, make_tutor())
    tutor.autosave({"tutor_profile": {"bio": "first"}})
    etag = tutor.draft_etag()

    def save(number: int) -> Callable[[], int]:
        def call() -> int:
            client = roomy.application.test_client()
            client.environ_base |= tutor.http.environ_base
            body = {"tutor_profile": {"bio": f"{number}"}}
            return client.patch(AUTOSAVE, json=body, headers={"If-Match": etag}).status_code

        return call

    assert sorted(at_once([save(number) for number in range(16)])) == [200] + [412] * 15


def test_publishing_against_autosaving_loses_nothing(roomy: FlaskClient) -> None:
    """Every field ends up published, drafted, or both in turn; none vanishes between the two."""
    tutor = Owner(roomy, make_tutor())
    tutor.autosave({"user": {"first_name": "Перша"}})

    def as_tutor() -> FlaskClient:
        client = roomy.application.test_client()
        client.environ_base |= tutor.http.environ_base
        return client

    def save(section: str, name: str, value: Any) -> Callable[[], int]:
        return lambda: as_tutor().patch(AUTOSAVE, json={section: {name: value}}).status_code

    def publish() -> int:
        return as_tutor().post(f"{AUTOSAVE}publish/").status_code

    outcomes = at_once([*(save(*field) for field in SAVES[1:]), *[publish] * 8])
    assert set(outcomes) <= {200, 404}
    assert set(outcomes[: len(SAVES) - 1]) == {200}
    draft = tutor.http.get(AUTOSAVE)
    rest = draft.get_json()["data"] if draft.status_code == 200 else {}
    profile = tutor.profile()
    for section, name, value in SAVES[1:]:
        ((path, _),) = by_canonical_name({section: {name: value}}).items()
        home, field = path.split(".")
        assert value in (profile[home][field], rest.get(home, {}).get(field))
    published = tutor.events("profile.autosave.published")
    assert len(published) == outcomes.count(200) - (len(SAVES) - 1)


def test_workers_of_a_real_server_merge_into_one_draft(app: Flask, live_server: LiveServer) -> None:
    headers = auth_header(make_tutor())
    address = f"{live_server.url}{AUTOSAVE}"

    def save(section: str, name: str, value: Any) -> Callable[[], int]:
        body = {section: {name: value}}
        return lambda: requests.patch(address, json=body, headers=headers, timeout=30).status_code

    assert set(at_once([save(*field) for field in SAVES])) == {200}
    draft = requests.get(address, headers=headers, timeout=30).json()
    expected: dict[str, Any] = {}
    for section, name, value in SAVES:
        expected |= by_canonical_name({section: {name: value}})
    assert draft["data"] == to_sections(expected)
    assert draft["version"] == len(SAVES)


def test_patches_at_once_record_a_chain_of_changes(roomy: FlaskClient) -> None:
    """Each change begins where the one before it ended: none was made of an old state."""
    tutor = Owner(roomy, make_tutor(headline="start"))

    def patch(number: int) -> Callable[[], int]:
        def call() -> int:
            client = roomy.application.test_client()
            client.environ_base |= tutor.http.environ_base
            body = {"tutor_profile": {"headline": f"{number}"}}
            return client.patch(PROFILE, json=body).status_code

        return call

    assert set(at_once([patch(number) for number in range(16)])) == {200}
    changes = [
        details["changes"]["tutor_profile"] for _, details in tutor.events("profile.updated")
    ]
    links = {change["old"]["headline"]: change["new"]["headline"] for change in changes}
    stations = ["start"]
    while stations[-1] in links:
        stations.append(links[stations[-1]])
    assert len(stations) == 17
    assert stations[-1] == tutor.profile()["tutor_profile"]["headline"]
