"""Examples for the OpenAPI page of the activity endpoints."""

TRIGGER = {
    "action": "lesson.card.opened",
    "entity_type": "tutor",
    "entity_id": "17",
    "metadata": {"position": 3, "from": "search"},
}

EVENT = {
    "id": "019c61c2-2d4b-7f1c-8a53-3b1f6a1c9d42",
    "action": "lesson.card.opened",
    "entity_type": "tutor",
    "entity_id": "17",
    "metadata": {"from": "search", "position": 3},
    "timestamp": "2026-02-15T10:22:33.123456Z",
    "source": "client",
    "duration_ms": None,
    "status_code": None,
    "referrer": "http://localhost:5173/tutors",
    "ip_address": "203.0.113.7",
    "user_agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0",
}

SNAPSHOT = {
    "id": "019c61bf-9e02-7a3e-b0c4-52a7e4fd0b16",
    "action": "profile.snapshot",
    "entity_type": "profile",
    "entity_id": "17",
    "metadata": {
        "before": {
            "user": {
                "first_name": "Олена",
                "last_name": "Шевченко",
                "timezone": "Europe/Kyiv",
            },
            "tutor_profile": {"headline": "Математика без сліз", "hourly_rate": 400},
            "settings": {"public_profile_enabled": True, "show_email_publicly": False},
        }
    },
    "timestamp": "2026-02-15T10:19:45.410233Z",
    "source": "server",
    "duration_ms": 12,
    "status_code": 200,
    "referrer": "http://localhost:5173/profile",
    "ip_address": "203.0.113.7",
    "user_agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0",
}

NEXT_CURSOR = "pR4mBq1zq0o2V7cIWzAsMTc3MTE1MDc4NTQxMDIzMywiMDE5YzYxYmYiXQ"
LOG_ADDRESS = "http://127.0.0.1:8000/api/me/activity/"

PAGES = {
    "newest": {
        "summary": "The newest events",
        "value": {
            "results": [EVENT, SNAPSHOT],
            "next": f"{LOG_ADDRESS}?page_size=2&cursor={NEXT_CURSOR}",
            "previous": None,
            "next_cursor": NEXT_CURSOR,
            "has_more": True,
        },
    },
    "snapshots": {
        "summary": "What the profile was before its changes: `action=profile.snapshot`",
        "value": {
            "results": [SNAPSHOT],
            "next": None,
            "previous": None,
            "next_cursor": None,
            "has_more": False,
        },
    },
}

BATCH = {
    "events": [
        {
            "action": "page.viewed",
            "metadata": {"path": "/tutors"},
            "timestamp": "2026-02-15T10:22:31.007Z",
            "message_id": "5f0c7a1e-6a0e-4c0e-9a41-0d7c3f3b2a10",
        },
        {"action": "lesson.card.opened", "timestamp": "2026-02-15T10:22:32.512Z"},
    ]
}

BATCH_RECEIPTS = {
    "stored": {
        "summary": "All are stored",
        "value": {"accepted": 2, "duplicates": 0, "rejected": []},
    },
    "again": {
        "summary": "Sent again after a lost answer",
        "value": {"accepted": 0, "duplicates": 2, "rejected": []},
    },
    "rejected": {
        "summary": "The second was named `settings.changed`",
        "value": {
            "accepted": 1,
            "duplicates": 0,
            "rejected": [
                {
                    "index": 1,
                    "errors": {"action": ["Only the server records events of this name."]},
                }
            ],
        },
    },
}


def _problem(status: int, title: str, detail: str, **members: object) -> dict[str, object]:
    return {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": "urn:uuid:0b7a9f2e-2f6b-4f0e-9a3c-6a1b7d9c1e55",
        **members,
    }


SLOW_DOWN = _problem(
    429,
    "Too Many Requests",
    "Too many requests; please wait 1 second and try again.",
    type="https://iana.org/assignments/http-problem-types#quota-exceeded",
) | {"violated-policies": ["second"]}

RESERVED_ACTION = _problem(
    422,
    "Unprocessable Entity",
    "action: Only the server records events of this name.",
    errors={"json": {"action": ["Only the server records events of this name."]}},
)

NO_LIST = _problem(
    422,
    "Unprocessable Entity",
    "events: Missing data for required field.",
    errors={"json": {"events": ["Missing data for required field."]}},
)

REVERSED_DATES = _problem(
    422,
    "Unprocessable Entity",
    "date_to: Must not be before date_from.",
    errors={"query": {"date_to": ["Must not be before date_from."]}},
)

UNKNOWN_BEFORE = _problem(
    400,
    "Bad Request",
    "before: none of your events has this id.",
    errors={"query": {"before": ["None of your events has this id."]}},
)

MALFORMED_KEY = _problem(
    400,
    "Bad Request",
    "Idempotency-Key must be 1 to 128 printable ASCII characters.",
)

TOO_LARGE = _problem(413, "Request Entity Too Large", "The request body is too large.")
