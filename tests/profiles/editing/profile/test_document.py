"""The document an owner reads, and stored documents that are older than the table."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.editing.fields.profile_fields import PROFILE_FIELDS
from profiles.editing.profile.document import draft_summary, to_document
from profiles.editing.profile.values import CONSTANTS, Draft, Profile, from_sections
from profiles.editing.schemas import OwnProfile
from tests.profiles.strategies import VALUES

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)
SHOWN = {
    "user.id": 1,
    "user.email": "olena@example.org",
    "user.is_self_learning": False,
    "user.avatar_url": None,
    "tutor_profile.rating": 4.5,
    "tutor_profile.reviews_count": 2,
}


def a_profile(role: str = "tutor", draft: Draft = Draft(None, 0, None), **values: Any) -> Profile:
    stored = (
        {field.path: None for field in PROFILE_FIELDS} | CONSTANTS | SHOWN | {"user.role": role}
    )
    return Profile(1, role, stored | values, draft)


@given(st.fixed_dictionaries(dict(VALUES)))
def test_both_names_of_a_value_show_it(values: dict[str, Any]) -> None:
    document = to_document(a_profile(**values))
    settings, tutor = document["settings"], document["tutor_profile"]
    for name in ("headline", "bio", "subjects", "hourly_rate", "languages", "certifications"):
        assert settings[name] == tutor[name] == values[f"tutor_profile.{name}"]
    assert settings["timezone"] == document["user"]["timezone"]
    assert settings["interface_language"] == settings["ui_language"]
    assert settings["privacy_public_profile"] == settings["public_profile_enabled"]


def test_the_document_is_what_its_schema_says() -> None:
    for role in ("tutor", "student", "admin"):
        document = to_document(a_profile(role))
        assert OwnProfile().dump(document) == document


def test_a_profile_without_a_draft_says_so() -> None:
    assert draft_summary(Draft(None, 7, None)) is None
    assert to_document(a_profile())["draft"] is None


@pytest.mark.parametrize(
    ("role", "present"), [("tutor", "tutor_profile"), ("student", "student_profile"), ("admin", "")]
)
def test_a_role_has_its_own_profile_only(role: str, present: str) -> None:
    document = to_document(a_profile(role))
    for section in ("tutor_profile", "student_profile"):
        assert (document[section] is not None) == (section == present)


@given(JSON | st.fixed_dictionaries({"tutor_profile": JSON, "user": JSON}))
def test_a_stored_document_of_any_shape_can_be_read(stored: Any) -> None:
    for role in ("tutor", "student", "admin"):
        assert isinstance(from_sections(role, stored), dict)


def test_what_the_table_does_not_know_any_more_is_left_out() -> None:
    stored = {
        "tutor_profile": {"bio": "x", "fax": "044", "rating": 5},
        "student_profile": {"bio": "y"},
        "pager": {"number": 1},
        "settings": "dark",
    }
    assert from_sections("tutor", stored) == {"tutor_profile.bio": "x"}
