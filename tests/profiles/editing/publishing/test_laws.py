"""PATCH with any body: it stores what it says, and answers what a read after it does."""

from typing import Any

from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings

from profiles.editing.profile.document import to_sections
from tests.factories import make_tutor
from tests.profiles.profile_owner import PROFILE, Owner
from tests.profiles.strategies import bodies, by_canonical_name, stored

drawn = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def without_draft(profile: dict[str, Any]) -> dict[str, Any]:
    return {name: part for name, part in profile.items() if name != "draft"}


@drawn
@given(body=bodies())
def test_a_patch_stores_what_it_says_and_nothing_else(
    client: FlaskClient, body: dict[str, Any]
) -> None:
    tutor = Owner(client, make_tutor())
    before = tutor.profile()
    after = tutor.patch(body)
    published = to_sections(
        {path: stored(path, value) for path, value in by_canonical_name(body).items()}
    )
    for section in ("user", "tutor_profile", "settings"):
        for name, value in after[section].items():
            if name in published.get(section, {}):
                assert value == published[section][name]
    untouched = {
        (section, name)
        for section in ("user", "tutor_profile")
        for name in before[section]
        if name not in published.get(section, {})
    }
    for section, name in untouched:
        assert after[section][name] == before[section][name]
    assert tutor.profile() == after
    assert bool(tutor.events()) == (after != before)


@drawn
@given(body=bodies(), draft=bodies(finished=False))
def test_a_patch_answers_what_a_read_after_it_does(
    client: FlaskClient, body: dict[str, Any], draft: dict[str, Any]
) -> None:
    tutor = Owner(client, make_tutor())
    tutor.autosave(draft)
    answer = tutor.http.patch(PROFILE, json=body)
    read = tutor.http.get(PROFILE)
    assert (answer.status_code, read.status_code) == (200, 200)
    assert answer.get_data() == read.get_data()
    assert answer.headers["ETag"] == read.headers["ETag"]


@drawn
@given(body=bodies(finished=False))
def test_nothing_of_a_draft_ever_changes_the_profile(
    client: FlaskClient, body: dict[str, Any]
) -> None:
    tutor = Owner(client, make_tutor(headline="Математика"))
    before = tutor.profile()
    stands_before = client.get(f"/api/marketplace/tutors/{tutor.id}/").get_data()
    tutor.autosave(body)
    assert without_draft(tutor.profile()) == without_draft(before)
    assert client.get(f"/api/marketplace/tutors/{tutor.id}/").get_data() == stands_before
