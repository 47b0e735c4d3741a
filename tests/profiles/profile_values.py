"""Profile values of tutors for tests of the declaration: complete, with a telling value everywhere."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from profiles.public.privacy import HIDEABLE, ORIGINS

REGISTERED_AT = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)


def make_profile_values(**values: Any) -> dict[str, Any]:
    """A listed tutor who has filled in everything and hides nothing."""
    return {
        "id": 17,
        "registered_at": REGISTERED_AT,
        "role": "tutor",
        "is_active": True,
        "public_profile_enabled": True,
        "first_name": "Олена",
        "last_name": "Шевченко",
        "timezone": "Europe/Kyiv",
        "headline": "Логарифми без страху",
        "bio": "Викладаю тригонометрію чотирнадцять років.",
        "avatar_name": "avatars/portrait.webp",
        "subjects": ["Математика", "Каліграфія"],
        "certifications": ["Сертифікат EdEra"],
        "languages": ["uk", "en"],
        "hourly_rate": 420,
        "experience_years": 14,
        "rating": Decimal("4.92"),
        "reviews_count": 61,
        "email": "olena@example.org",
        "show_bio_publicly": True,
        "show_avatar_publicly": True,
        "show_subjects_publicly": True,
        "show_certifications_publicly": True,
        "show_email_publicly": True,
        "email_verified": True,
        **values,
    }


# What the sources of each field that can be hidden hold, before and in another world.
UNSET: dict[str, Any] = {
    "bio": "",
    "avatar_name": None,
    "subjects": [],
    "certifications": [],
    "email": "somebody@example.org",
}

words = st.text(st.sampled_from("абвгдежзії abcdefgh-'+#"), max_size=40)
lists = st.lists(words.filter(str.strip), max_size=4, unique=True)

any_profile_values = st.fixed_dictionaries(
    {
        "headline": words,
        "bio": words,
        "avatar_name": st.none() | st.sampled_from(["avatars/a.webp", "avatars/b.webp"]),
        "subjects": lists,
        "certifications": lists,
        "languages": st.lists(st.sampled_from(["uk", "en", "pl", "de"]), unique=True),
        "hourly_rate": st.none() | st.integers(0, 100_000),
        "experience_years": st.none() | st.integers(0, 80),
        "rating": st.none() | st.decimals(0, 5, places=2),
        "reviews_count": st.integers(0, 10_000),
        "email": st.sampled_from(["a@example.org", "b@example.org"]),
        "email_verified": st.booleans(),
        **{flag: st.booleans() for flag in HIDEABLE.values()},
    }
).map(lambda values: make_profile_values(**values))


def sources_of(field: str) -> list[str]:
    return [source.key for source in ORIGINS[field].sources]
