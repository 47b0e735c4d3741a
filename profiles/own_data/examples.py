"""Examples for the OpenAPI page of export and erasure."""

from typing import Any

from activity.examples import EVENT
from profiles.accounts.examples import ACCOUNT
from profiles.editing.examples import DRAFT, PROFILE, SNAPSHOT

EXPORT: dict[str, Any] = {
    "exported_at": "2026-02-15T10:25:00.000000Z",
    "account": {
        **ACCOUNT,
        "is_active": True,
        "registered_at": "2025-09-01T08:00:00.000000Z",
        "two_factor_since": None,
        "recovery_codes_left": 0,
    },
    "profile": PROFILE["tutor_profile"],
    "settings": PROFILE["settings"],
    "draft": {
        "autosaved_at": DRAFT["autosaved_at"],
        "version": DRAFT["version"],
        "data": DRAFT["data"],
    },
    "avatar_url": PROFILE["avatar_url"],
    "sessions": [
        {
            "issued_at": "2026-02-15T10:00:00.000000Z",
            "expires_at": "2026-03-17T10:00:00.000000Z",
            "ip_address": "203.0.113.9",
            "user_agent": "Mozilla/5.0 (Windows NT 10.0; rv:130.0) Gecko/20100101 Firefox/130.0",
        }
    ],
    "saved_tutors": [{"tutor_id": 17, "saved_at": "2026-02-14T18:30:00.000000Z"}],
    "saved_searches": [
        {
            "id": "2f6d2a0e-5f0b-4f0e-9d39-0d3a6f0c1b52",
            "name": "Математика до 500 ₴",
            "query": "subject=math&price_max=500",
            "saved_at": "2026-02-14T18:31:00.000000Z",
            "last_looked_at": "2026-02-15T09:00:00.000000Z",
        }
    ],
    "links": [
        {
            "purpose": "password_reset",
            "email": "olena.shevchenko@example.com",
            "issued_at": "2026-02-15T10:20:00.000000Z",
            "expires_at": "2026-02-15T11:20:00.000000Z",
        }
    ],
    "insights": {
        "days": [
            {
                "date": "2026-02-14",
                "views": 12,
                "appearances": 340,
                "average_position": 6.4,
                "saves": None,
            }
        ],
        "queries": [{"query": "підготовка до нмт", "views": 9}],
    },
    "waiting_mails": [
        {
            "kind": "verify_email",
            "recipient": ACCOUNT["email"],
            "created_at": "2026-02-15T10:24:59.000000Z",
        }
    ],
    "snapshots": [SNAPSHOT],
    "events": [EVENT],
}
