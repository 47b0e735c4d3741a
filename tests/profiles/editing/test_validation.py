"""A body becomes values by canonical name, or a refusal that names every fault where it stands."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.http.problems.errors import Invalid
from profiles.editing.fields.names import FIELD_AT
from profiles.editing.profile.document import normalized, to_sections
from profiles.editing.profile.values import from_sections
from profiles.editing.validation import validate_sections
from tests.profiles.strategies import NAMES, bodies, by_canonical_name, stored, values


def faults(role: str, body: Any, for_draft: bool = False) -> Any:
    with pytest.raises(Invalid) as refusal:
        validate_sections(role, body, for_draft=for_draft)
    return refusal.value.members["errors"]["json"]


@given(bodies())
def test_a_value_is_the_same_whichever_name_it_came_by(body: dict[str, Any]) -> None:
    expected = {path: stored(path, value) for path, value in by_canonical_name(body).items()}
    assert validate_sections("tutor", body) == expected


@given(bodies(finished=False))
def test_a_draft_keeps_values_as_they_were_typed(body: dict[str, Any]) -> None:
    assert validate_sections("tutor", body, for_draft=True) == by_canonical_name(body)


@given(values(finished=False))
def test_values_nest_and_flatten_without_loss(typed: dict[str, Any]) -> None:
    assert from_sections("tutor", to_sections(typed)) == typed


@given(values())
def test_publishing_what_is_published_changes_no_value(given_values: dict[str, Any]) -> None:
    once = validate_sections("tutor", to_sections(given_values))
    assert validate_sections("tutor", to_sections(once)) == once


@given(values(finished=False))
def test_canonical_never_fails_and_settles_at_once(typed: dict[str, Any]) -> None:
    for path, value in typed.items():
        settled = normalized(path, value)
        assert normalized(path, settled) == settled


@given(st.data(), values())
def test_the_same_value_by_all_its_names_is_no_contradiction(
    data: st.DataObject, given_values: dict[str, Any]
) -> None:
    body: dict[str, Any] = {}
    for path, value in given_values.items():
        for section, name in NAMES[path]:
            body.setdefault(section, {})[name] = value
    assert set(validate_sections("tutor", body)) == set(given_values)


@pytest.mark.parametrize("path", [path for path, names in NAMES.items() if len(names) > 1])
@pytest.mark.parametrize("for_draft", [False, True])
def test_two_values_for_one_field_are_refused_at_both_names(path: str, for_draft: bool) -> None:
    kind = FIELD_AT[path].name
    pairs: dict[str, tuple[Any, Any]] = {
        "timezone": ("Europe/Kyiv", "Europe/Warsaw"),
        "subjects": (["A"], []),
        "certifications": (["A"], ["B"]),
        "hourly_rate": (5, None),
        "experience_years": (0, 1),
        "ui_language": ("uk", "pl"),
        "public_profile_enabled": (True, False),
    }
    one, other = pairs.get(kind, ("one", "other"))
    body: dict[str, Any] = {}
    for (section, name), value in zip(NAMES[path], (one, other), strict=True):
        body.setdefault(section, {})[name] = value
    found = faults("tutor", body, for_draft)
    for section, name in NAMES[path]:
        assert "another name" in found[section][name][0]


def test_null_and_empty_text_do_not_contradict_each_other() -> None:
    body = {"settings": {"headline": None}, "tutor_profile": {"headline": ""}}
    assert validate_sections("tutor", body) == {"tutor_profile.headline": ""}


def test_all_faults_are_named_at_once_where_they_stand() -> None:
    assert faults(
        "tutor",
        {
            "user": {"first_name": " ", "nickname": "x"},
            "tutor_profile": {"subjects": ["ok", 5], "hourly_rate": "5"},
            "student_profile": {},
            "settings": [],
            "surprise": 1,
        },
    ) == {
        "user": {
            "first_name": ["Must be one line of text that is not blank."],
            "nickname": ["Unknown field."],
        },
        "tutor_profile": {
            "subjects": {"1": ["Not a valid string."]},
            "hourly_rate": ["Not a valid integer."],
        },
        "student_profile": ["Your account has no such section."],
        "settings": ["Must be an object of fields."],
        "surprise": ["Unknown field."],
    }


@pytest.mark.parametrize(
    ("role", "other"),
    [
        ("tutor", "student_profile"),
        ("student", "tutor_profile"),
        ("admin", "tutor_profile"),
        ("superadmin", "student_profile"),
    ],
)
def test_a_section_of_another_role_is_refused_and_its_null_is_not(role: str, other: str) -> None:
    for for_draft in (False, True):
        assert faults(role, {other: {}}, for_draft) == {
            other: ["Your account has no such section."]
        }
        assert validate_sections(role, {other: None}, for_draft=for_draft) == {}


def test_ones_own_section_is_not_null() -> None:
    assert faults("tutor", {"tutor_profile": None}) == {
        "tutor_profile": ["Must be an object of fields."]
    }


def test_students_know_no_marketplace_settings() -> None:
    assert faults("student", {"settings": {"headline": "x"}}) == {
        "settings": {"headline": ["Unknown field."]}
    }


def test_read_only_fields_are_ignored_whatever_they_hold() -> None:
    body = {
        "user": {"id": "x", "email": 5, "role": "admin", "avatar_url": [], "is_self_learning": 9},
        "tutor_profile": {"rating": 5, "reviews_count": -1, "profile_type": {}, "avatar_url": 1},
        "settings": {"languages": ["xx"]},
        "avatar_url": {"deep": []},
        "draft": "anything",
    }
    for for_draft in (False, True):
        assert validate_sections("tutor", body, for_draft=for_draft) == {}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("headline", "x" * 121),
        ("bio", "x" * 2001),
        ("subjects", ["x"] * 21),
        ("subjects", ["x" * 51]),
        ("certifications", ["x"] * 21),
        ("certifications", ["x" * 201]),
        ("hourly_rate", 5.5),
        ("hourly_rate", True),
        ("hourly_rate", "5"),
        ("hourly_rate", [5]),
        ("experience_years", 2**60),
        ("headline", 5),
        ("headline", ["x"]),
        ("subjects", "Math"),
        ("subjects", {"0": "Math"}),
        ("bio", "a\x00b"),
        ("nickname", "x"),
    ],
)
def test_types_names_and_sizes_are_checked_in_a_draft_too(field: str, value: Any) -> None:
    for for_draft in (False, True):
        assert (
            field in faults("tutor", {"tutor_profile": {field: value}}, for_draft)["tutor_profile"]
        )


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("user.first_name", ""),
        ("user.first_name", None),
        ("user.timezone", "Europe/K"),
        ("user.timezone", "Factory"),
        ("user.timezone", None),
        ("tutor_profile.hourly_rate", -1),
        ("tutor_profile.hourly_rate", 100_001),
        ("tutor_profile.experience_years", 81),
        ("tutor_profile.subjects", None),
        ("tutor_profile.subjects", ["Math", "MATH"]),
        ("tutor_profile.subjects", [""]),
        ("tutor_profile.certifications", [" "]),
        ("tutor_profile.languages", ["xx"]),
        ("tutor_profile.languages", None),
        ("settings.ui_language", "de"),
        ("settings.dark_mode", None),
    ],
)
def test_what_is_unfinished_may_be_drafted_and_not_published(path: str, value: Any) -> None:
    body = to_sections({path: value})
    assert validate_sections("tutor", body, for_draft=True) == {path: value}
    section, name = path.split(".")
    assert name in faults("tutor", body)[section]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("tutor_profile.headline", "ї" * 120),
        ("tutor_profile.bio", "ї" * 2000),
        ("tutor_profile.hourly_rate", 0),
        ("tutor_profile.hourly_rate", 100_000),
        ("tutor_profile.experience_years", 80),
        ("user.last_name", "ї" * 150),
        ("tutor_profile.hourly_rate", None),
    ],
)
def test_values_at_their_limits_are_published(path: str, value: Any) -> None:
    assert validate_sections("tutor", to_sections({path: value})) == {path: value}


@pytest.mark.parametrize("for_draft", [False, True])
def test_a_whole_number_with_a_fraction_of_zero_is_an_integer(for_draft: bool) -> None:
    body = {"tutor_profile": {"hourly_rate": 500.0}}
    (value,) = validate_sections("tutor", body, for_draft=for_draft).values()
    assert (value, type(value)) == (500, int)
