"""The declaration, walked: what it hides is in no public value, and what it does not name is private."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from marshmallow import RAISE

from profiles.accounts.models import User
from profiles.models import TutorProfile, UserSettings
from profiles.public.privacy import (
    CARD,
    HIDEABLE,
    LISTED,
    ORIGINS,
    VALUE_COLUMNS,
    TutorCardSchema,
    dump_card,
)
from profiles.public.row import public_row
from tests.profiles.profile_values import UNSET, any_profile_values, make_profile_values, sources_of

CONTRACT = (
    "id full_name headline bio avatar_url subjects certifications languages language timezone"
    " hourly_rate experience_years rating reviews_count email about ui_languages subject_codes"
).split()
PRIVATE_COLUMNS = {
    "password_hash",
    "email_key",
    "is_self_learning",
    "unverified_login_at",
    "two_factor_since",
    "ui_language",
    "dark_mode",
    "notifications_enabled",
}

hideable = pytest.mark.parametrize("field", HIDEABLE)


def test_a_card_has_every_key_in_the_order_of_the_contract():
    assert list(dump_card(make_profile_values())) == CONTRACT


@given(profile_values=any_profile_values)
def test_a_card_is_what_its_schema_dumps(profile_values):
    card = dump_card(profile_values)
    assert card == CARD.dump(profile_values)
    assert orjson.dumps(card) == orjson.dumps(CARD.dump(profile_values))


def test_a_filled_card_shows_what_its_owner_shows():
    assert dump_card(make_profile_values()) == {
        "id": 17,
        "full_name": "Олена Шевченко",
        "headline": "Логарифми без страху",
        "bio": "Викладаю тригонометрію чотирнадцять років.",
        "avatar_url": "/media/avatars/portrait.webp",
        "subjects": ["Математика", "Каліграфія"],
        "certifications": ["Сертифікат EdEra"],
        "languages": ["uk", "en"],
        "language": "uk",
        "timezone": "Europe/Kyiv",
        "hourly_rate": 420,
        "experience_years": 14,
        "rating": 4.92,
        "reviews_count": 61,
        "email": "olena@example.org",
        "about": "Викладаю тригонометрію чотирнадцять років.",
        "ui_languages": ["uk", "en"],
        "subject_codes": ["math", None],
    }


def test_what_is_unset_is_null_or_an_empty_list():
    nothing = make_profile_values(
        headline="",
        bio="  ",
        avatar_name=None,
        subjects=[],
        certifications=[],
        languages=[],
        hourly_rate=None,
        experience_years=None,
        rating=None,
        reviews_count=0,
        show_email_publicly=False,
    )
    card = dump_card(nothing)
    empty = {name for name, value in card.items() if value is None or value == []}
    assert empty == set(CONTRACT) - {"id", "full_name", "timezone", "reviews_count"}


@pytest.mark.parametrize("field", ["headline", "bio"])
@pytest.mark.parametrize("blank", ["", " ", "\u200b", "\u2800", "\u00ad\u00a0", "\ufe0f", "\u0301"])
def test_a_text_that_shows_nothing_is_unset(field, blank):
    looks_blank = public_row(make_profile_values(**{field: blank}))
    assert looks_blank == public_row(make_profile_values(**{field: ""}))


def test_a_free_lesson_is_a_price_and_not_a_missing_one():
    assert dump_card(make_profile_values(hourly_rate=0))["hourly_rate"] == 0


@hideable
def test_a_hidden_field_is_the_same_as_one_that_was_never_set(field):
    hidden = public_row(make_profile_values(**{HIDEABLE[field]: False}))
    never_set = public_row(
        make_profile_values(
            **{HIDEABLE[field]: False}, **{source: UNSET[source] for source in sources_of(field)}
        )
    )
    assert hidden == never_set


def test_an_email_that_nobody_has_proved_is_as_hidden_as_one_that_its_owner_hides():
    unproved = public_row(make_profile_values(email_verified=False))
    hidden = public_row(make_profile_values(show_email_publicly=False))
    assert unproved == hidden
    assert unproved == public_row(
        make_profile_values(show_email_publicly=False, email_verified=False, email=UNSET["email"])
    )
    assert "example.org" not in repr(unproved)


@pytest.mark.parametrize("field", [field for field in HIDEABLE if field != "email"])
def test_a_hidden_and_an_unset_field_are_the_same_value(field):
    hidden = public_row(make_profile_values(**{HIDEABLE[field]: False}))
    unset = public_row(
        make_profile_values(**{source: UNSET[source] for source in sources_of(field)})
    )
    assert hidden == unset


@hideable
def test_no_column_of_the_public_row_holds_a_hidden_value(field):
    shown = traces(make_profile_values(), field)
    hidden = traces(make_profile_values(**{HIDEABLE[field]: False}), field)
    assert shown, "the test would prove nothing"
    assert not hidden


def traces(profile_values: dict[str, Any], field: str) -> list[str]:
    """The telling words of the field's sources that are anywhere in the public row."""
    telling = {
        "bio": ["тригонометрію", "тригонометр", "чотирнадцять"],
        "about": ["тригонометрію", "тригонометр", "чотирнадцять"],
        "avatar_url": ["portrait"],
        "subjects": ["атематик", "math", "аліграфі", "s:"],
        "subject_codes": ["math"],
        "certifications": ["EdEra", "edera", "c:1"],
        # Not the name in it, which the search document holds in Latin letters too.
        "email": ["olena@", "example.org"],
    }[field]
    everything = repr(public_row(profile_values))
    return [word for word in telling if word in everything]


@given(profile_values=any_profile_values, other=any_profile_values)
def test_two_worlds_that_differ_only_in_hidden_values_have_equal_rows(profile_values, other):
    for field in HIDEABLE:
        if not all(profile_values[column.key] for column in ORIGINS[field].opened_by):
            for source in sources_of(field):
                values_of_the_other_world = {**profile_values, source: other[source]}
                assert public_row(values_of_the_other_world) == public_row(profile_values)


@pytest.mark.parametrize("condition", [column.key for column in LISTED])
def test_a_tutor_is_listed_only_while_every_condition_holds(condition):
    other = {"role": "admin"}.get(condition, False)
    assert public_row(make_profile_values()) is not None
    assert public_row(make_profile_values(**{condition: other})) is None


def test_a_column_that_the_declaration_does_not_name_is_not_even_read():
    columns = {
        name
        for model in (User, TutorProfile, UserSettings)
        for name in model.__mapper__.column_attrs.keys()
    }
    assert columns - set(VALUE_COLUMNS) == PRIVATE_COLUMNS | {"user_id"}


def test_the_columns_that_are_read_have_names_of_their_own():
    for name, column in VALUE_COLUMNS.items():
        models = [
            model
            for model in (User, TutorProfile, UserSettings)
            if name in model.__mapper__.column_attrs
        ]
        assert models == [column.class_]


def test_second_names_stand_under_the_flag_of_the_first():
    for second, first in {"about": "bio", "ui_languages": "languages"}.items():
        assert ORIGINS[second].flag is ORIGINS[first].flag
        assert ORIGINS[second].sources == ORIGINS[first].sources
        assert CARD.fields[second].metadata["deprecated"] is True


def test_every_flag_of_the_settings_opens_a_field_or_the_whole_profile():
    flags = {name for name in UserSettings.__mapper__.column_attrs.keys() if "public" in name}
    assert flags == set(HIDEABLE.values()) | {"public_profile_enabled"}


@given(any_profile_values)
def test_every_stored_card_is_what_the_schema_says_a_card_is(profile_values):
    row = public_row(profile_values)
    assert row is not None
    card = orjson.loads(row.values["card"])
    assert TutorCardSchema().load(card, unknown=RAISE) == card
