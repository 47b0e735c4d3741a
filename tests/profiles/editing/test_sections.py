"""The table of sections, walked row by row."""

import pytest
from marshmallow import ValidationError
from sqlalchemy import inspect

from profiles.accounts.models import User
from profiles.editing.sections import LEAVES, PROFILE_SECTION, SECTIONS, Leaf, doors_of, sections_of
from profiles.models import StudentProfile, TutorProfile, UserSettings

HOMES = {
    User: "user",
    TutorProfile: "tutor_profile",
    StudentProfile: "student_profile",
    UserSettings: "settings",
}
# Columns no profile speaks of.
NOT_SHOWN = {
    "users.email_key",
    "users.password_hash",
    "users.is_active",
    "users.registered_at",
}
WRITABLE = [leaf for leaf in LEAVES if not leaf.is_read_only]


def _id(leaf: Leaf) -> str:
    return leaf.path


def test_every_column_of_a_profile_has_a_row_or_is_left_out_on_purpose() -> None:
    in_table = {
        f"{leaf.column.parent.local_table.name}.{leaf.column.key}"
        for leaf in LEAVES
        if leaf.column is not None
    }
    columns = {
        f"{model.__tablename__}.{column.key}"
        for model in HOMES
        for column in inspect(model).columns
        if column.key != "user_id"
    }
    assert columns - in_table == NOT_SHOWN


def test_every_value_is_at_home_in_the_section_of_its_table() -> None:
    for leaf in LEAVES:
        assert leaf.column is None or HOMES[leaf.column.parent.class_] == leaf.home


def test_no_name_leads_to_two_values() -> None:
    names = [name for leaf in LEAVES for name in (leaf.path, *leaf.doors, *leaf.mirrors)]
    assert len(names) == len(set(names))


def test_each_role_has_the_sections_the_contract_gives_it() -> None:
    assert sections_of("tutor") == ("user", "tutor_profile", "settings")
    assert sections_of("student") == ("user", "student_profile", "settings")
    for role in ("admin", "superadmin"):
        assert sections_of(role) == ("user", "settings")
        assert list(doors_of(role)) == ["user", "settings"]
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
    assert marketplace <= set(doors_of("tutor")["settings"])
    for role in ("student", "admin"):
        assert not marketplace & set(doors_of(role)["settings"])


def test_languages_are_derived_in_the_settings() -> None:
    doors = doors_of("tutor")
    assert doors["settings"]["languages"].is_read_only
    assert not doors["tutor_profile"]["languages"].is_read_only


@pytest.mark.parametrize("leaf", WRITABLE, ids=_id)
def test_a_draft_may_hold_null_for_any_field(leaf: Leaf) -> None:
    assert leaf.draft_rule.deserialize(None) is None


@pytest.mark.parametrize("leaf", WRITABLE, ids=_id)
def test_no_field_takes_a_value_of_a_strange_type_not_even_in_a_draft(leaf: Leaf) -> None:
    for strange in ({"a": 1}, [[1]], [{}], 1.5, object()):
        with pytest.raises(ValidationError):
            leaf.rule.deserialize(strange)
        with pytest.raises(ValidationError):
            leaf.draft_rule.deserialize(strange)


@pytest.mark.parametrize("leaf", WRITABLE, ids=_id)
def test_what_may_be_published_may_be_drafted(leaf: Leaf) -> None:
    values = ["text", "uk", "Europe/Kyiv", 5, True, ["uk"], ["a", "b"], [], "", 0, -1, None]
    for value in values:
        try:
            leaf.rule.deserialize(value)
        except ValidationError:
            continue
        leaf.draft_rule.deserialize(value)


@pytest.mark.parametrize("leaf", WRITABLE, ids=_id)
def test_no_field_takes_text_that_the_database_could_not_hold(leaf: Leaf) -> None:
    for value in ("a\x00b", ["a\x00b"], "\ud800", ["\udfff"]):
        for rule in (leaf.rule, leaf.draft_rule):
            with pytest.raises(ValidationError):
                rule.deserialize(value)
