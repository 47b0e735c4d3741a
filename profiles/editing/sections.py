"""THE table of an owner's profile: every value, where it is stored, and every name it goes by.

Reading, checking, comparing, drafts, events and the OpenAPI schemas all read this table; a new
field of the profile is a column and one row here.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from marshmallow.fields import Float
from marshmallow.validate import OneOf, Range
from sqlalchemy.orm import InstrumentedAttribute

from common.media import media_url
from profiles.accounts.models import LONGEST_EMAIL, ROLES, User
from profiles.editing.fields import (
    BodyFlag,
    BodyInteger,
    Field,
    PersonName,
    Text,
    Timezone,
    for_draft,
    languages,
    phrases,
)
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

Column = InstrumentedAttribute[Any]

SECTIONS = ("user", "tutor_profile", "student_profile", "settings")
PROFILE_SECTION = {"tutor": "tutor_profile", "student": "student_profile"}
# Beside the sections in the answer; read-only, so ignored when they are sent back.
READ_ONLY_PARTS = ("avatar_url", "draft")


def itself(value: Any) -> Any:
    return value


@dataclass(frozen=True)
class Leaf:
    """One stored value of a profile. `home` is the section that events and drafts name it under."""

    home: str
    name: str
    # None: it is the same for everybody, and stored nowhere.
    column: Column | None
    # How a value is checked before it is published; of a read-only one, what it looks like.
    rule: Field
    # Further names ("section.name") it is read and written by.
    doors: tuple[str, ...] = ()
    # Further names it is only read by.
    mirrors: tuple[str, ...] = ()
    # What `null` is stored as.
    cleared: Any = None
    constant: Any = None
    # Makes the JSON value of the stored one.
    shown: Callable[[Any], Any] = itself
    is_read_only: bool = False
    meaning: str = ""
    # How an unfinished value is checked.
    draft_rule: Field = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "draft_rule", for_draft(self.rule))

    @property
    def path(self) -> str:
        return f"{self.home}.{self.name}"

    def clean(self, value: Any) -> Any:
        """The value as it will be stored. Raises marshmallow's ValidationError."""
        cleaned = self.rule.deserialize(value)
        return self.cleared if cleaned is None else cleaned


def _rating(stored: Decimal | None) -> float | None:
    return None if stored is None else float(stored)


def _headline() -> Field:
    return Text(max=LONGEST_HEADLINE, allow_none=True)


def _bio() -> Field:
    return Text(max=LONGEST_BIO, allow_none=True)


def _subjects() -> Field:
    return phrases(most=MOST_SUBJECTS, longest=LONGEST_SUBJECT, distinct=True)


def _number(most: int) -> Field:
    return BodyInteger(min=0, max=most, allow_none=True)


def _one_of(*words: str) -> Field:
    return Text(max=max(map(len, words)), validate=OneOf(words))


def _shown(home: str, name: str, column: Column | None, rule: Field, **facts: Any) -> Leaf:
    """A value its owner may read and not change."""
    return Leaf(home, name, column, rule, is_read_only=True, **facts)


def _tutor(name: str, column: Column, rule: Field, **facts: Any) -> Leaf:
    """One of the marketplace fields, which the settings are a second door to."""
    return Leaf("tutor_profile", name, column, rule, (f"settings.{name}",), **facts)


def _flag(column: Column, meaning: str, *doors: str) -> Leaf:
    return Leaf("settings", column.key, column, BodyFlag(), doors, meaning=meaning)


LEAVES: tuple[Leaf, ...] = (
    _shown("user", "id", User.id, BodyInteger(min=1)),
    _shown("user", "email", User.email, Text(max=LONGEST_EMAIL)),
    _shown("user", "role", User.role, _one_of(*ROLES)),
    Leaf("user", "first_name", User.first_name, PersonName()),
    Leaf("user", "last_name", User.last_name, PersonName()),
    Leaf(
        "user",
        "timezone",
        User.timezone,
        Timezone(),
        ("settings.timezone",),
        meaning="An IANA name.",
    ),
    _shown(
        "user",
        "is_self_learning",
        User.is_self_learning,
        BodyFlag(),
        meaning="Whether the account was registered by a student, for learning.",
    ),
    _shown(
        "user",
        "avatar_url",
        User.avatar_name,
        Text(max=200, allow_none=True, metadata={"format": "uri-reference"}),
        mirrors=("tutor_profile.avatar_url", "student_profile.avatar_url"),
        shown=media_url,
        meaning="Relative to the site's root; set by uploading an avatar.",
    ),
    _shown("tutor_profile", "profile_type", None, _one_of("tutor"), constant="tutor"),
    _tutor("headline", TutorProfile.headline, _headline(), cleared=""),
    _tutor("bio", TutorProfile.bio, _bio(), cleared=""),
    _tutor(
        "subjects", TutorProfile.subjects, _subjects(), meaning="None twice, whatever the case."
    ),
    _tutor(
        "certifications",
        TutorProfile.certifications,
        phrases(most=MOST_CERTIFICATIONS, longest=LONGEST_CERTIFICATION),
    ),
    _tutor("hourly_rate", TutorProfile.hourly_rate, _number(HIGHEST_RATE)),
    _tutor("experience_years", TutorProfile.experience_years, _number(MOST_YEARS)),
    # The settings show what the profile says here and are no door to it: they derive it.
    Leaf(
        "tutor_profile",
        "languages",
        TutorProfile.languages,
        languages(),
        mirrors=("settings.languages",),
        meaning="ISO 639-1 codes, none twice; the first is the main one.",
    ),
    _shown(
        "tutor_profile",
        "rating",
        TutorProfile.rating,
        Float(allow_none=True, validate=Range(min=0, max=5)),
        shown=_rating,
        meaning="`null` until there are reviews.",
    ),
    _shown("tutor_profile", "reviews_count", TutorProfile.reviews_count, BodyInteger()),
    _shown("student_profile", "profile_type", None, _one_of("student"), constant="student"),
    Leaf("student_profile", "headline", StudentProfile.headline, _headline(), cleared=""),
    Leaf("student_profile", "bio", StudentProfile.bio, _bio(), cleared=""),
    Leaf(
        "student_profile",
        "subjects",
        StudentProfile.subjects,
        _subjects(),
        meaning="None twice, whatever the case.",
    ),
    Leaf(
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
LEAF_AT: dict[str, Leaf] = {leaf.path: leaf for leaf in LEAVES}


@dataclass(frozen=True)
class Door:
    """A name in a section, and the value behind it."""

    section: str
    name: str
    leaf: Leaf
    is_read_only: bool

    @property
    def path(self) -> str:
        return f"{self.section}.{self.name}"


def _doors() -> Iterable[Door]:
    """All names there are; in each section first those that are at home there."""
    for leaf in LEAVES:
        yield Door(leaf.home, leaf.name, leaf, leaf.is_read_only)
    for leaf in LEAVES:
        for names, is_read_only in ((leaf.doors, leaf.is_read_only), (leaf.mirrors, True)):
            for path in names:
                section, _, name = path.partition(".")
                yield Door(section, name, leaf, is_read_only)


def sections_of(role: str) -> tuple[str, ...]:
    """The sections that a profile of `role` has; administrators have neither profile."""
    others = {section for kind, section in PROFILE_SECTION.items() if kind != role}
    return tuple(section for section in SECTIONS if section not in others)


def _map_of(role: str) -> dict[str, dict[str, Door]]:
    doors: dict[str, dict[str, Door]] = {section: {} for section in sections_of(role)}
    for door in _doors():
        if door.section in doors and door.leaf.home in doors:
            doors[door.section][door.name] = door
    return doors


_MAPS = {role: _map_of(role) for role in ("student", "tutor", "")}


def doors_of(role: str) -> dict[str, dict[str, Door]]:
    """{section: {name: door}} of a profile of `role`."""
    return _MAPS.get(role, _MAPS[""])
