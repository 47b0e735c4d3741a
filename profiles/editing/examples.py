"""What the OpenAPI page shows of an owner's profile: requests, answers and refusals."""

from typing import Any

INSTANCE = "urn:uuid:0b0e7f7e-53e8-4f43-a4a8-37a0c25c3ad1"
AVATAR = "/media/avatars/6yq3Zk0w9m7Hc1s2.webp"

MARKETPLACE_FIELDS: dict[str, Any] = {
    "headline": "Математика без страху",
    "bio": "Готую до НМТ чотирнадцять років.",
    "subjects": ["Математика", "Геометрія"],
    "certifications": ["Вчитель вищої категорії"],
    "hourly_rate": 420,
    "experience_years": 14,
    "languages": ["uk", "en"],
}
PROFILE: dict[str, Any] = {
    "user": {
        "id": 17,
        "email": "olena@example.com",
        "role": "tutor",
        "first_name": "Олена",
        "last_name": "Шевченко",
        "timezone": "Europe/Kyiv",
        "is_self_learning": False,
        "avatar_url": AVATAR,
    },
    "tutor_profile": {
        "profile_type": "tutor",
        **MARKETPLACE_FIELDS,
        "rating": 4.92,
        "reviews_count": 61,
        "avatar_url": AVATAR,
    },
    "student_profile": None,
    "settings": {
        "ui_language": "uk",
        "interface_language": "uk",
        "timezone": "Europe/Kyiv",
        "dark_mode": False,
        "notifications_enabled": True,
        "public_profile_enabled": True,
        "privacy_public_profile": True,
        "show_email_publicly": False,
        "show_avatar_publicly": True,
        "show_certifications_publicly": True,
        "show_subjects_publicly": True,
        "show_bio_publicly": True,
        **MARKETPLACE_FIELDS,
    },
    "avatar_url": AVATAR,
    "draft": {"autosaved_at": "2026-02-15T10:22:33.123456Z", "version": 7},
}
PATCH: dict[str, Any] = {
    "user": {"first_name": "Олена"},
    "tutor_profile": {"headline": "Математика без страху", "hourly_rate": 420},
    "settings": {"show_email_publicly": False},
}
SAVED: dict[str, Any] = {"tutor_profile": {"bio": "Готую до НМТ чотирнадцять ро", "subjects": []}}
DRAFT: dict[str, Any] = {
    "autosaved_at": "2026-02-15T10:22:33.123456Z",
    "version": 7,
    "data": {"tutor_profile": {"bio": "Готую до НМТ чотирнадцять ро", "subjects": []}},
    "dirty": ["tutor_profile.bio", "tutor_profile.subjects"],
}
SNAPSHOT: dict[str, Any] = {
    "id": "0195094c-3f53-7a01-8f4e-3c1d1f6a2b90",
    "timestamp": "2026-02-15T10:22:33.123456Z",
    "before": {**PROFILE, "draft": None},
}
SNAPSHOT_PAGE: dict[str, Any] = {
    "results": [SNAPSHOT],
    "next": None,
    "previous": None,
    "next_cursor": None,
    "has_more": False,
}


def _problem(status: int, title: str, detail: str, **members: Any) -> dict[str, Any]:
    return {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": INSTANCE,
        **members,
    }


INVALID = _problem(
    422,
    "Unprocessable Entity",
    "user.first_name: Must be one line of text that is not blank.",
    errors={"json": {"user": {"first_name": ["Must be one line of text that is not blank."]}}},
)
INVALID_DRAFT = _problem(
    422,
    "Unprocessable Entity",
    "tutor_profile.hourly_rate: Not a valid integer.",
    errors={"json": {"tutor_profile": {"hourly_rate": ["Not a valid integer."]}}},
)
MOVED_ON = "The resource has changed since you read it; read it again before you write."
STALE_PROFILE = _problem(412, "Precondition Failed", MOVED_ON, current=PROFILE)
STALE_DRAFT = _problem(412, "Precondition Failed", MOVED_ON, current=DRAFT)
NO_DRAFT = _problem(404, "Not Found", "There is no draft.")
NO_SNAPSHOT = _problem(404, "Not Found", "There is no such snapshot.")
