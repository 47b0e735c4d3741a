"""What the OpenAPI page shows of the owner's view of her public profile: made by what answers requests."""

from datetime import UTC, datetime
from typing import Any

from profiles.preview.document import to_document
from profiles.public.visibility import visibility

INSTANCE = "urn:uuid:0b0e7f7e-53e8-4f43-a4a8-37a0c25c3ad1"
VALUES: dict[str, Any] = {
    "id": 17,
    "registered_at": datetime(2026, 1, 12, 9, 30, tzinfo=UTC),
    "role": "tutor",
    "is_active": True,
    "public_profile_enabled": True,
    "first_name": "Олена",
    "last_name": "Шевченко",
    "headline": "Математика без страху",
    "bio": "Готую до НМТ чотирнадцять років: спокійно, крок за кроком.",
    "avatar_name": "avatars/6yq3Zk0w9m7Hc1s2.webp",
    "subjects": ["Математика", "Геометрія"],
    "certifications": [],
    "languages": ["uk", "en"],
    "timezone": "Europe/Kyiv",
    "hourly_rate": 420,
    "experience_years": 14,
    "rating": 4.92,
    "reviews_count": 61,
    "email": "olena@example.com",
    "email_verified": True,
    "show_email_publicly": False,
    "show_avatar_publicly": False,
    "show_certifications_publicly": True,
    "show_subjects_publicly": True,
    "show_bio_publicly": True,
}
LISTED = to_document(visibility(VALUES))
UNLISTED = to_document(visibility(VALUES | {"public_profile_enabled": False}))
PREVIEWS = {
    "listed": {"summary": "A listed profile, the avatar and the email hidden", "value": LISTED},
    "unlisted": {"summary": "The same profile, not listed", "value": UNLISTED},
}
NO_PUBLIC_PROFILE: dict[str, Any] = {
    "type": "about:blank",
    "title": "Not Found",
    "status": 404,
    "code": "no_public_profile",
    "detail": "Only tutors have a public profile.",
    "instance": INSTANCE,
}
