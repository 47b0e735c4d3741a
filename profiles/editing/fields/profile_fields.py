"""THE table of a profile's fields: every value, where it is stored, and every name it goes by.

Reading, validation, comparison, drafts, events and the OpenAPI schemas all read this table; a new
field of the profile is a column and one row here.
"""

from decimal import Decimal
from typing import Any

from marshmallow.fields import Field, Float
from marshmallow.validate import Range

from common.http.schemas.fields import BodyFlag, BodyInteger, Text
from common.media.files import media_url
from profiles.accounts.fields.person_name import PersonName
from profiles.accounts.fields.text import Lines, OneLine
from profiles.accounts.fields.timezones import Timezone
from profiles.accounts.models import LONGEST_EMAIL, ROLES, User
from profiles.editing.fields.profile_field import Column, ProfileField
from profiles.editing.fields.value_rules import Choice, languages, phrases, subjects
from profiles.models import (
    HIGHEST_RATE,
    LONGEST_BIO,
    LONGEST_CERTIFICATION,
    LONGEST_HEADLINE,
    LONGEST_SUBJECT,
    MOST_CERTIFICATIONS,
    MOST_SUBJECTS,
    MOST_YEARS,
    StudentProfile,
    TutorProfile,
    UserSettings,
)


def _rating(stored: Decimal | None) -> float | None:
    return None if stored is None else float(stored)


def _headline() -> Field[Any]:
    return OneLine(max=LONGEST_HEADLINE, allow_none=True)


def _bio() -> Field[Any]:
    return Lines(max=LONGEST_BIO, allow_none=True)


def _subjects() -> Field[Any]:
    return subjects(most=MOST_SUBJECTS, longest=LONGEST_SUBJECT)


def _number(most: int) -> Field[Any]:
    return BodyInteger(min=0, max=most, allow_none=True)


def _one_of(*choices: str) -> Field[Any]:
    return Choice(choices)


def _read_only(
    section: str, name: str, column: Column | None, rule: Field[Any], **options: Any
) -> ProfileField:
    """A value its owner may read and not change."""
    return ProfileField(section, name, column, rule, is_read_only=True, **options)


def _tutor(name: str, column: Column, rule: Field[Any], **options: Any) -> ProfileField:
    """One of the marketplace fields, which the settings show and accept too."""
    return ProfileField("tutor_profile", name, column, rule, (f"settings.{name}",), **options)


def _flag(column: Column, description: str, *aliases: str) -> ProfileField:
    return ProfileField(
        "settings", column.key, column, BodyFlag(), aliases, description=description
    )


PROFILE_FIELDS: tuple[ProfileField, ...] = (
    _read_only("user", "id", User.id, BodyInteger(min=1)),
    _read_only("user", "email", User.email, Text(max=LONGEST_EMAIL)),
    _read_only("user", "role", User.role, _one_of(*ROLES)),
    ProfileField("user", "first_name", User.first_name, PersonName()),
    ProfileField("user", "last_name", User.last_name, PersonName()),
    ProfileField(
        "user",
        "timezone",
        User.timezone,
        Timezone(),
        ("settings.timezone",),
        description="An IANA name.",
    ),
    _read_only(
        "user",
        "is_self_learning",
        User.is_self_learning,
        BodyFlag(),
        description="Whether the account was registered by a student, for learning.",
    ),
    _read_only(
        "user",
        "avatar_url",
        User.avatar_name,
        Text(max=200, allow_none=True, metadata={"format": "uri-reference"}),
        read_only_aliases=("tutor_profile.avatar_url", "student_profile.avatar_url"),
        to_json=media_url,
        description="Relative to the site's root; set by uploading an avatar.",
    ),
    _read_only("tutor_profile", "profile_type", None, _one_of("tutor"), constant="tutor"),
    _tutor("headline", TutorProfile.headline, _headline(), null_value=""),
    _tutor("bio", TutorProfile.bio, _bio(), null_value=""),
    _tutor(
        "subjects", TutorProfile.subjects, _subjects(), description="None twice, whatever the case."
    ),
    _tutor(
        "certifications",
        TutorProfile.certifications,
        phrases(most=MOST_CERTIFICATIONS, longest=LONGEST_CERTIFICATION),
    ),
    _tutor("hourly_rate", TutorProfile.hourly_rate, _number(HIGHEST_RATE)),
    _tutor("experience_years", TutorProfile.experience_years, _number(MOST_YEARS)),
    # The settings only show what the profile says here.
    ProfileField(
        "tutor_profile",
        "languages",
        TutorProfile.languages,
        languages(),
        read_only_aliases=("settings.languages",),
        description="ISO 639-1 codes, none twice; the first is the main one.",
    ),
    _read_only(
        "tutor_profile",
        "rating",
        TutorProfile.rating,
        Float(allow_none=True, validate=Range(min=0, max=5)),
        to_json=_rating,
        description="`null` until there are reviews.",
    ),
    _read_only("tutor_profile", "reviews_count", TutorProfile.reviews_count, BodyInteger()),
    _read_only("student_profile", "profile_type", None, _one_of("student"), constant="student"),
    ProfileField(
        "student_profile", "headline", StudentProfile.headline, _headline(), null_value=""
    ),
    ProfileField("student_profile", "bio", StudentProfile.bio, _bio(), null_value=""),
    ProfileField(
        "student_profile",
        "subjects",
        StudentProfile.subjects,
        _subjects(),
        description="None twice, whatever the case.",
    ),
    ProfileField(
        "settings",
        "ui_language",
        UserSettings.ui_language,
        _one_of("uk", "en", "pl"),
        ("settings.interface_language",),
    ),
    _flag(UserSettings.dark_mode, "Dark colours in the interface."),
    _flag(UserSettings.notifications_enabled, "Whether notifications are wanted."),
    _flag(
        UserSettings.public_profile_enabled,
        "Whether the tutor is listed in the marketplace.",
        "settings.privacy_public_profile",
    ),
    _flag(UserSettings.show_email_publicly, "Whether strangers see the email address."),
    _flag(UserSettings.show_avatar_publicly, "Whether strangers see the avatar."),
    _flag(UserSettings.show_certifications_publicly, "Whether strangers see certifications."),
    _flag(UserSettings.show_subjects_publicly, "Whether strangers see the subjects."),
    _flag(UserSettings.show_bio_publicly, "Whether strangers see the bio."),
)
