"""THE declaration of what strangers may see of a tutor: each field's source, the flag that opens it,
and what else must be true of it.

Dumping a tutor's profile values through `TutorCardSchema` is the privacy-aware serialization. What it does
not name is private, so a new column starts private. Everything public (columns to filter and order
by, the score, the search document, the ETag) is made from such a dump and never from the values.
"""

from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import fields
from marshmallow.validate import Length, Range

from common.http.api import ResponseSchema
from common.http.schemas.fields import LARGEST_INTEGER
from common.media.files import media_url
from profiles.accounts.models import LONGEST_EMAIL, LONGEST_NAME, User
from profiles.models import (
    HIGHEST_RATE,
    LONGEST_BIO,
    LONGEST_CERTIFICATION,
    LONGEST_HEADLINE,
    LONGEST_SUBJECT,
    MOST_CERTIFICATIONS,
    MOST_SUBJECTS,
    MOST_YEARS,
    TutorProfile,
    UserSettings,
)
from profiles.public.origin import Column, Origin, ProfileValues
from profiles.public.public_fields import alias_of, number, public, text, texts
from profiles.public.search.models import NAME, TITLE, TOPICS
from profiles.subjects import LONGEST_CODE, catalogue_codes

Card = Mapping[str, Any]

MOST_LANGUAGES = 200


def _full_name(first_name: str, last_name: str) -> str:
    return f"{first_name} {last_name}"


def _first(values: list[str]) -> str | None:
    return values[0] if values else None


def _hundredths(rating: float | None) -> int | None:
    return None if rating is None else round(rating * 100)


def _after_commas(codes: list[str]) -> str:
    return "".join(f",{code}" for code in codes)


class TutorCardSchema(ResponseSchema):
    """What anybody may see of a listed tutor. A value that is unset and one that its owner hides
    are the same `null` or `[]`."""

    id = public(number(1, LARGEST_INTEGER, nullable=False, example=17), User.id)
    full_name = public(
        text(2 * LONGEST_NAME + 1, nullable=False, example="Олена Шевченко"),
        User.first_name,
        User.last_name,
        to_public=_full_name,
        marks=NAME + TITLE + TOPICS,
    )
    headline = public(
        text(LONGEST_HEADLINE, example="Математика без страху"),
        TutorProfile.headline,
        marks=TITLE + TOPICS,
    )
    bio = public(
        text(LONGEST_BIO, example="Готую до НМТ чотирнадцять років."),
        TutorProfile.bio,
        flag=UserSettings.show_bio_publicly,
        marks="",
    )
    avatar_url = public(
        text(
            200,
            format="uri-reference",
            example="/media/avatars/6yq3Zk0w9m7Hc1s2.webp",
            description="Relative to the site's root; another address with every change.",
        ),
        User.avatar_name,
        flag=UserSettings.show_avatar_publicly,
        to_public=media_url,
    )
    subjects = public(
        texts(MOST_SUBJECTS, LONGEST_SUBJECT, example=["Математика", "Геометрія"]),
        TutorProfile.subjects,
        flag=UserSettings.show_subjects_publicly,
        marks=TOPICS,
    )
    certifications = public(
        texts(
            MOST_CERTIFICATIONS,
            LONGEST_CERTIFICATION,
            example=["Вчитель вищої категорії"],
        ),
        TutorProfile.certifications,
        flag=UserSettings.show_certifications_publicly,
        column="has_certifications",
        to_column=bool,
    )
    languages = public(
        texts(MOST_LANGUAGES, 2, example=["uk", "en"], description="ISO 639-1 codes."),
        TutorProfile.languages,
        column="languages",
        to_column=_after_commas,
    )
    language = public(
        text(2, example="uk", description="The first of `languages`."),
        TutorProfile.languages,
        to_public=_first,
    )
    timezone = public(
        text(64, nullable=False, example="Europe/Kyiv", description="An IANA name."),
        User.timezone,
    )
    hourly_rate = public(
        number(0, HIGHEST_RATE, example=420),
        TutorProfile.hourly_rate,
        column="hourly_rate",
    )
    experience_years = public(
        number(0, MOST_YEARS, example=14),
        TutorProfile.experience_years,
        column="experience_years",
    )
    rating = public(
        fields.Float(
            allow_none=True,
            validate=Range(min=0, max=5),
            metadata={
                "example": 4.92,
                "description": "`null` until there are reviews.",
            },
        ),
        TutorProfile.rating,
        column="rating",
        to_column=_hundredths,
    )
    reviews_count = public(
        number(0, LARGEST_INTEGER, nullable=False, example=61),
        TutorProfile.reviews_count,
    )
    email = public(
        text(
            LONGEST_EMAIL,
            format="email",
            example="olena@example.com",
            description="Shown when its owner shows it and has proved that it is theirs.",
        ),
        User.email,
        flag=UserSettings.show_email_publicly,
        # Anybody can register with an address of somebody else's.
        condition=User.email_verified,
    )
    about = alias_of(bio, "bio")
    ui_languages = alias_of(languages, "languages")
    subject_codes = public(
        fields.List(
            fields.String(allow_none=True, validate=Length(max=LONGEST_CODE)),
            validate=Length(max=MOST_SUBJECTS),
            metadata={
                "example": ["math", "geometry"],
                "description": "The catalogue's code of each of `subjects`, in their order; null"
                " for one outside the catalogue.",
            },
        ),
        TutorProfile.subjects,
        flag=UserSettings.show_subjects_publicly,
        to_public=catalogue_codes,
    )

    def get_attribute(self, obj: ProfileValues, attr: str, default: Any) -> Any:
        """Read each value through its origin: flags are checked here and nowhere else."""
        return _reader(self.fields[attr])(obj)


def _reader(field: fields.Field[Any]) -> Callable[[ProfileValues], Any]:
    """Reads a field's public value; an unset list is an empty one."""
    read: Callable[[ProfileValues], Any] = field.metadata["origin"].read
    if isinstance(field, fields.List):
        return lambda profile_values: read(profile_values) or []
    return read


# Types of values that a field dumps as they are.
_UNCHANGED: Mapping[type[fields.Field[Any]], frozenset[type]] = {
    fields.String: frozenset({str, type(None)}),
    fields.Integer: frozenset({int, type(None)}),
    fields.Float: frozenset({float, type(None)}),
}


def _serializer(field: fields.Field[Any]) -> Callable[[Any, str, ProfileValues], Any]:
    """What a field dumps a value by; a list's elements are looked at together."""
    unchanged = _unchanged(field.inner) if isinstance(field, fields.List) else frozenset()
    if not unchanged:
        return field._serialize

    def serialize(value: Any, name: str, profile_values: ProfileValues) -> Any:
        if type(value) is list and unchanged.issuperset(map(type, value)):
            return value.copy()
        return field._serialize(value, name, profile_values)

    return serialize


def _unchanged(field: Any) -> frozenset[type]:
    return _UNCHANGED.get(type(field), frozenset())


CARD = TutorCardSchema()
# What marshmallow would look up for each field of each tutor it dumps.
_DUMPED = tuple(
    (name, _reader(each), _unchanged(each), _serializer(each))
    for name, each in CARD.dump_fields.items()
)
ORIGINS: dict[str, Origin] = {name: field.metadata["origin"] for name, field in CARD.fields.items()}
# The fields an owner can hide: name in the card, and the setting that hides it.
HIDEABLE: dict[str, str] = {
    name: origin.flag.key for name, origin in ORIGINS.items() if origin.flag is not None
}

# A tutor is listed, or has no public row at all.
LISTED = {
    User.role: "tutor",
    User.is_active: True,
    UserSettings.public_profile_enabled: True,
}
_LISTED_BY_NAME = {column.key: value for column, value in LISTED.items()}
# When the account was made orders the newest first; it is in no answer.
REGISTERED = User.registered_at

VALUE_COLUMNS: dict[str, Column] = {
    column.key: column
    for column in (
        User.id,
        REGISTERED,
        *LISTED,
        *(source for origin in ORIGINS.values() for source in origin.sources),
        *(column for origin in ORIGINS.values() for column in origin.opened_by),
    )
}


def is_listed(profile_values: ProfileValues) -> bool:
    """Whether the tutor appears in public at all."""
    return all(profile_values[name] == value for name, value in _LISTED_BY_NAME.items())


def dump_card(profile_values: ProfileValues) -> dict[str, Any]:
    """The tutor as anybody may see it. Pure: no database access.

    It is what `CARD.dump` gives, at a third of the cost.
    """
    return {
        name: (
            value
            if type(value := read(profile_values)) in unchanged
            else serialize(value, name, profile_values)
        )
        for name, read, unchanged, serialize in _DUMPED
    }
