"""What strangers get and why they do not get the rest, as rules over values."""

from typing import Any

import pytest
from hypothesis import given

from profiles.public.privacy import HIDEABLE, LISTED, dump_card
from profiles.public.visibility import FIELDS, REASONS, visibility
from tests.profiles.profile_values import UNSET, any_profile_values, make_profile_values, sources_of

OWN_FIELDS_OF_FLAGS = [name for name in HIDEABLE if name in FIELDS]


def test_a_filled_open_profile_hides_and_lacks_nothing():
    shown = visibility(make_profile_values())
    assert (shown.listed, shown.reasons, shown.hidden, shown.missing) == (True, [], [], [])
    assert shown.card == dump_card(make_profile_values())


def test_second_names_of_a_field_are_not_counted_again():
    assert not {"about", "ui_languages", "language", "subject_codes"} & set(FIELDS)
    assert {"bio", "languages", "subjects", "avatar_url", "certifications", "email"} <= set(FIELDS)


@pytest.mark.parametrize("field", OWN_FIELDS_OF_FLAGS)
def test_a_value_behind_its_flag_is_hidden(field):
    assert visibility(make_profile_values(**{HIDEABLE[field]: False})).hidden == [field]


@pytest.mark.parametrize("field", [name for name in OWN_FIELDS_OF_FLAGS if name != "email"])
def test_where_there_is_no_value_it_is_missing_whatever_the_flag(field):
    unset = {source: UNSET[source] for source in sources_of(field)}
    for is_open in (True, False):
        shown = visibility(make_profile_values(**unset, **{HIDEABLE[field]: is_open}))
        assert (shown.hidden, shown.missing) == ([], [field])


def test_an_email_that_nobody_has_proved_theirs_is_hidden():
    assert visibility(make_profile_values(email_verified=False)).hidden == ["email"]


@given(any_profile_values)
def test_every_empty_field_of_a_card_is_either_hidden_or_missing(values: dict[str, Any]):
    shown = visibility(values)
    empty = [name for name in FIELDS if shown.card and shown.card[name] in (None, [])]
    assert sorted(shown.hidden + shown.missing) == sorted(empty)
    assert not set(shown.hidden) & set(shown.missing)


@pytest.mark.parametrize("condition", [column.key for column in LISTED])
def test_every_condition_of_being_listed_has_its_reason(condition):
    shown = visibility(make_profile_values(**{condition: {"role": "admin"}.get(condition, False)}))
    assert (shown.card, shown.listed, shown.reasons) == (None, False, [REASONS[condition]])


def test_an_unlisted_profile_is_judged_as_if_it_were_listed():
    listed, unlisted = (
        visibility(make_profile_values(public_profile_enabled=enabled, bio="", **flags))
        for enabled in (True, False)
        for flags in [{"show_avatar_publicly": False}]
    )
    assert (unlisted.hidden, unlisted.missing) == (["avatar_url"], ["bio"])
    assert unlisted.completeness == listed.completeness
