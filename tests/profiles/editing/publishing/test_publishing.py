"""PATCH: what it changes, what it records, and that it is all or nothing."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from common.database.session import db
from profiles.models import TutorProfile
from tests.factories import make_student, make_tutor, make_user
from tests.profiles.profile_owner import Owner


@pytest.fixture
def tutor(client: FlaskClient) -> Owner:
    return Owner(client, make_tutor(headline="Математика", hourly_rate=400))


@pytest.fixture
def student(client: FlaskClient) -> Owner:
    return Owner(client, make_student())


def test_a_new_tutor_is_listed_with_the_flags_of_the_contract(tutor: Owner) -> None:
    shown = tutor.profile()["settings"]
    flags = {name: shown[name] for name in shown if name.startswith(("show_", "p"))}
    assert flags == {
        "public_profile_enabled": True,
        "privacy_public_profile": True,
        "show_email_publicly": False,
        "show_avatar_publicly": True,
        "show_certifications_publicly": True,
        "show_subjects_publicly": True,
        "show_bio_publicly": True,
    }


def test_absent_fields_stay_and_lists_are_replaced_whole(tutor: Owner) -> None:
    tutor.patch({"tutor_profile": {"subjects": ["A", "B"], "bio": "text"}})
    after = tutor.patch({"tutor_profile": {"subjects": ["C"]}})["tutor_profile"]
    assert after["subjects"] == ["C"]
    assert (after["bio"], after["headline"], after["hourly_rate"]) == ("text", "Математика", 400)


def test_null_clears_and_headline_and_bio_are_never_null(tutor: Owner) -> None:
    after = tutor.patch({"tutor_profile": {"headline": None, "bio": None, "hourly_rate": None}})
    shown = after["tutor_profile"]
    assert (shown["headline"], shown["bio"], shown["hourly_rate"]) == ("", "", None)


def test_null_does_not_clear_what_may_not_be_empty(tutor: Owner) -> None:
    messages = tutor.refused(
        {"user": {"first_name": None, "timezone": None}, "tutor_profile": {"subjects": None}}
    )
    assert messages["user"]["first_name"] == ["Field may not be null."]
    assert set(messages["user"]) == {"first_name", "timezone"}
    assert set(messages["tutor_profile"]) == {"subjects"}


@pytest.mark.parametrize(
    ("alias", "canonical", "value"),
    [
        (("settings", "headline"), ("tutor_profile", "headline"), "New"),
        (("settings", "bio"), ("tutor_profile", "bio"), "New"),
        (("settings", "subjects"), ("tutor_profile", "subjects"), ["New"]),
        (("settings", "certifications"), ("tutor_profile", "certifications"), ["New"]),
        (("settings", "hourly_rate"), ("tutor_profile", "hourly_rate"), 7),
        (("settings", "experience_years"), ("tutor_profile", "experience_years"), 7),
        (("settings", "timezone"), ("user", "timezone"), "Europe/Warsaw"),
        (("settings", "interface_language"), ("settings", "ui_language"), "pl"),
        (("settings", "privacy_public_profile"), ("settings", "public_profile_enabled"), False),
    ],
)
def test_an_alias_writes_the_one_value_and_events_use_its_canonical_name(
    tutor: Owner, alias: tuple[str, str], canonical: tuple[str, str], value: Any
) -> None:
    after = tutor.patch({alias[0]: {alias[1]: value}})
    assert after[alias[0]][alias[1]] == after[canonical[0]][canonical[1]] == value
    ((_, details),) = tutor.events("profile.updated")
    assert details["changes"][canonical[0]]["new"] == {canonical[1]: value}
    assert set(details["changes"]) == {canonical[0]}


def test_languages_in_the_settings_follow_the_profile_and_cannot_be_written(tutor: Owner) -> None:
    after = tutor.patch(
        {"tutor_profile": {"languages": ["uk", "pl"]}, "settings": {"languages": ["de"]}}
    )
    assert after["tutor_profile"]["languages"] == after["settings"]["languages"] == ["uk", "pl"]
    tutor.patch({"settings": {"languages": ["de"]}})
    assert tutor.profile()["tutor_profile"]["languages"] == ["uk", "pl"]


def test_a_change_records_the_whole_profile_before_and_what_changed(tutor: Owner) -> None:
    before = tutor.profile()
    tutor.patch(
        {
            "user": {"first_name": "Олена"},
            "tutor_profile": {"headline": "Фізика", "hourly_rate": 400},
            "settings": {"dark_mode": True, "show_bio_publicly": True},
        }
    )
    assert tutor.events() == [
        ("profile.snapshot", {"before": before}),
        (
            "profile.updated",
            {
                "changes": {
                    "user": {"old": {"first_name": "Оксана"}, "new": {"first_name": "Олена"}},
                    "tutor_profile": {
                        "old": {"headline": "Математика"},
                        "new": {"headline": "Фізика"},
                    },
                    "settings": {"old": {"dark_mode": False}, "new": {"dark_mode": True}},
                }
            },
        ),
        ("settings.updated", {"before": {"dark_mode": False}, "after": {"dark_mode": True}}),
    ]


def test_marketplace_fields_through_the_settings_are_no_change_of_settings(tutor: Owner) -> None:
    tutor.patch({"settings": {"headline": "Фізика", "timezone": "Europe/Warsaw"}})
    assert tutor.actions() == ["profile.snapshot", "profile.updated"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"tutor_profile": {}},
        {"tutor_profile": {"headline": "Математика", "bio": None}},
        {"user": {"email": "other@example.org", "role": "admin"}},
        {"settings": {"privacy_public_profile": True}, "draft": None},
    ],
)
def test_a_patch_that_changes_nothing_records_nothing(tutor: Owner, body: Any) -> None:
    before = tutor.profile()
    assert tutor.patch(body) == before
    assert tutor.events() == []


def test_a_whole_profile_can_be_sent_back_as_it_was_read(tutor: Owner, student: Owner) -> None:
    for owner in (tutor, student):
        before = owner.profile()
        assert owner.patch(before) == before
        assert owner.events() == []


def test_nothing_is_changed_or_recorded_when_one_value_is_wrong(tutor: Owner) -> None:
    before = tutor.profile()
    tutor.refused({"user": {"first_name": "New"}, "tutor_profile": {"hourly_rate": -1}})
    assert tutor.profile() == before
    assert tutor.events() == []


def test_nobody_becomes_what_she_is_not(student: Owner) -> None:
    after = student.patch(
        {"user": {"role": "superadmin", "id": 1, "email": "x@example.org", "first_name": "Ok"}}
    )
    assert (after["user"]["role"], after["user"]["id"]) == ("student", student.id)
    assert after["user"]["first_name"] == "Ok"


def test_a_tutor_cannot_rate_herself(tutor: Owner) -> None:
    after = tutor.patch({"tutor_profile": {"rating": 5, "reviews_count": 99}})
    assert (after["tutor_profile"]["rating"], after["tutor_profile"]["reviews_count"]) == (None, 0)


def test_a_student_has_a_profile_of_three_fields(student: Owner) -> None:
    after = student.patch(
        {"student_profile": {"headline": "Готуюся до НМТ", "bio": "x", "subjects": ["Math"]}}
    )
    assert after["student_profile"] == {
        "profile_type": "student",
        "headline": "Готуюся до НМТ",
        "bio": "x",
        "subjects": ["Math"],
        "avatar_url": None,
    }
    assert after["tutor_profile"] is None
    assert "headline" not in after["settings"]
    assert student.refused({"tutor_profile": {"bio": "x"}}) == {
        "tutor_profile": ["Your account has no such section."]
    }


def test_an_administrator_has_neither_profile(client: FlaskClient) -> None:
    admin = Owner(client, make_user("admin"))
    shown = admin.patch({"user": {"first_name": "Root"}, "settings": {"ui_language": "en"}})
    assert shown["tutor_profile"] is None and shown["student_profile"] is None
    admin.refused({"tutor_profile": {"bio": "x"}})


def test_one_owner_changes_nothing_of_another(client: FlaskClient, tutor: Owner) -> None:
    other = Owner(client, make_tutor(headline="Своє"))
    tutor.patch({"tutor_profile": {"headline": "Чуже"}})
    assert other.profile()["tutor_profile"]["headline"] == "Своє"
    assert other.events() == []


def test_a_row_read_before_the_lock_is_read_again_under_it(client: FlaskClient) -> None:
    """A session that remembers an old row would otherwise take a change for none."""
    user = make_tutor(headline="old")
    remembered = db.session.get_one(TutorProfile, user.id)
    assert remembered.headline == "old"
    db.session.commit()
    tutor = Owner(client, user)
    tutor.patch({"tutor_profile": {"headline": "new"}})
    assert tutor.patch({"tutor_profile": {"headline": "old"}})["tutor_profile"]["headline"] == "old"
    assert tutor.profile()["tutor_profile"]["headline"] == "old"
