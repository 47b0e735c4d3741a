"""The table of sections, walked row by row."""

import pytest
from marshmallow import ValidationError
from sqlalchemy import inspect

from profiles.accounts.models import User
from profiles.editing.fields.names import PROFILE_SECTION, SECTIONS, names_by_section, sections_of
from profiles.editing.fields.profile_field import ProfileField
from profiles.editing.fields.profile_fields import PROFILE_FIELDS
from profiles.models import StudentProfile, TutorProfile, UserSettings

CANONICAL_SECTIONS = {
    User: "user",
    TutorProfile: "tutor_profile",
    StudentProfile: "student_profile",
    UserSettings: "settings",
}
# Columns no profile speaks of.
NOT_SHOWN = {
    "users.email_key",
    "users.email_verified",
    "users.unverified_login_at",
    "users.two_factor_since",
    "users.password_hash",
    "users.is_active",
    "users.registered_at",
}
WRITABLE = [field for field in PROFILE_FIELDS if not field.is_read_only]


def _id(field: ProfileField) -> str:
    return field.path


def test_every_column_of_a_profile_has_a_row_or_is_left_out_on_purpose() -> None:
    in_table = {
        f"{field.column.parent.local_table.name}.{field.column.key}"
        for field in PROFILE_FIELDS
        if field.column is not None
    }
    columns = {
        f"{model.__tablename__}.{column.key}"
        for model in CANONICAL_SECTIONS
        for column in inspect(model).columns
        if column.key != "user_id"
    }
    assert columns - in_table == NOT_SHOWN


def test_every_value_is_stored_in_the_section_of_its_table() -> None:
    for field in PROFILE_FIELDS:
        assert (
            field.column is None
            or CANONICAL_SECTIONS[field.column.parent.class_] == field.canonical_section
        )


def test_no_name_leads_to_two_values() -> None:
    names = [
        name
        for field in PROFILE_FIELDS
        for name in (field.path, *field.aliases, *field.read_only_aliases)
    ]
    assert len(names) == len(set(names))


def test_each_role_has_the_sections_the_contract_gives_it() -> None:
    assert sections_of("tutor") == ("user", "tutor_profile", "settings")
    assert sections_of("student") == ("user", "student_profile", "settings")
    for role in ("admin", "superadmin"):
        assert sections_of(role) == ("user", "settings")
        assert list(names_by_section(role)) == ["user", "settings"]
    assert set(PROFILE_SECTION.values()) < set(SECTIONS)


def test_only_tutors_reach_marketplace_fields_through_the_settings() -> None:
    marketplace = {
        "headline",
        "bio",
        "subjects",
        "certifications",
        "hourly_rate",
        "experience_years",
        "languages",
    }
    assert marketplace <= set(names_by_section("tutor")["settings"])
    for role in ("student", "admin"):
        assert not marketplace & set(names_by_section(role)["settings"])


def test_languages_are_derived_in_the_settings() -> None:
    names = names_by_section("tutor")
    assert names["settings"]["languages"].is_read_only
    assert not names["tutor_profile"]["languages"].is_read_only


@pytest.mark.parametrize("field", WRITABLE, ids=_id)
def test_a_draft_may_hold_null_for_any_field(field: ProfileField) -> None:
    assert field.draft_rule.deserialize(None) is None


@pytest.mark.parametrize("field", WRITABLE, ids=_id)
def test_no_field_takes_a_value_of_a_strange_type_not_even_in_a_draft(field: ProfileField) -> None:
    for strange in ({"a": 1}, [[1]], [{}], 1.5, object()):
        with pytest.raises(ValidationError):
            field.rule.deserialize(strange)
        with pytest.raises(ValidationError):
            field.draft_rule.deserialize(strange)


@pytest.mark.parametrize("field", WRITABLE, ids=_id)
def test_what_may_be_published_may_be_drafted(field: ProfileField) -> None:
    values = ["text", "uk", "Europe/Kyiv", 5, True, ["uk"], ["a", "b"], [], "", 0, -1, None]
    for value in values:
        try:
            field.rule.deserialize(value)
        except ValidationError:
            continue
        field.draft_rule.deserialize(value)


@pytest.mark.parametrize("field", WRITABLE, ids=_id)
def test_no_field_takes_text_that_the_database_could_not_hold(field: ProfileField) -> None:
    for value in ("a\x00b", ["a\x00b"], "\ud800", ["\udfff"]):
        for rule in (field.rule, field.draft_rule):
            with pytest.raises(ValidationError):
                rule.deserialize(value)
