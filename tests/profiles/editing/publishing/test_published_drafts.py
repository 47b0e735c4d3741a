"""PATCH beside a draft: what is published leaves the draft, and the rest stays in it."""

import pytest
from flask.testing import FlaskClient

from tests.factories import make_tutor
from tests.profiles.profile_owner import Owner


@pytest.fixture
def tutor(client: FlaskClient) -> Owner:
    return Owner(client, make_tutor(headline="Математика", hourly_rate=400))


def test_published_fields_leave_the_draft_and_the_last_one_takes_it_along(tutor: Owner) -> None:
    tutor.autosave({"tutor_profile": {"bio": "draft", "headline": "draft"}})
    shown = tutor.patch({"settings": {"bio": "published"}})
    assert shown["draft"]["version"] == 2
    assert tutor.draft()["data"] == {"tutor_profile": {"headline": "draft"}}
    shown = tutor.patch({"tutor_profile": {"headline": "published"}})
    assert shown["draft"] is None
    tutor.draft(404)


def test_a_field_published_with_the_value_it_has_leaves_the_draft_too(tutor: Owner) -> None:
    tutor.autosave({"tutor_profile": {"headline": "draft"}})
    tutor.patch({"tutor_profile": {"headline": "Математика"}})
    tutor.draft(404)
    assert tutor.actions() == ["profile.autosave"]


def test_a_refused_patch_leaves_the_draft_alone(tutor: Owner) -> None:
    tutor.autosave({"tutor_profile": {"bio": "draft"}})
    before = tutor.draft()
    tutor.refused({"tutor_profile": {"bio": "ok", "hourly_rate": -1}})
    assert tutor.draft() == before


def test_fields_of_no_concern_to_a_patch_stay_in_the_draft(tutor: Owner) -> None:
    tutor.autosave({"tutor_profile": {"bio": "draft"}})
    before = tutor.draft()
    tutor.patch({"user": {"first_name": "Олена"}})
    assert tutor.draft() == before
